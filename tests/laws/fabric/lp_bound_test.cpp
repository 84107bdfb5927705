// Linear programming as a second opinion: it shares nothing with the engine but the problem.
#include <gtest/gtest.h>

#ifdef AIFACTORY_HAVE_GLPK

#include <glpk.h>

#include <algorithm>
#include <cmath>
#include <memory>

#include "sim/fabric/fair_sharing.h"
#include "sim/fabric/flow_solver.h"
#include "tests/laws/fabric/generated_flows.h"
#include "tests/unit/sim/fabric/naive_filling.h"

namespace aifactory {
namespace {

// maximise the first column subject to rows of (column, coefficient) <= bound, columns >= 0.
class Program {
 public:
  Program() : lp_(glp_create_prob(), glp_delete_prob) {
    glp_term_out(GLP_OFF);
    glp_set_obj_dir(lp_.get(), GLP_MAX);
  }
  int column() {
    const int c = glp_add_cols(lp_.get(), 1);
    glp_set_col_bnds(lp_.get(), c, GLP_LO, 0.0, 0.0);
    return c;
  }
  void objective(int c) { glp_set_obj_coef(lp_.get(), c, 1.0); }
  void row(const std::vector<std::pair<int, double>>& terms, int kind, double bound) {
    const int r = glp_add_rows(lp_.get(), 1);
    glp_set_row_bnds(lp_.get(), r, kind, bound, bound);
    std::vector<int> index = {0};
    std::vector<double> value = {0.0};
    for (const auto& [c, v] : terms) {
      index.push_back(c);
      value.push_back(v);
    }
    glp_set_mat_row(lp_.get(), r, static_cast<int>(terms.size()), index.data(), value.data());
  }
  // The optimum; NaN when there is none.
  double solve() {
    glp_smcp options;
    glp_init_smcp(&options);
    options.presolve = GLP_ON;
    if (glp_simplex(lp_.get(), &options) != 0 || glp_get_status(lp_.get()) != GLP_OPT) {
      return std::nan("");
    }
    return glp_get_obj_val(lp_.get());
  }

 private:
  std::unique_ptr<glp_prob, decltype(&glp_delete_prob)> lp_;
};

// Max-min by its definition: raise the least level as far as a linear program says; fix whoever cannot rise alone.
std::vector<double> lexicographic_rates(const FlowSet& flows) {
  std::vector<double> level(flows.size(), -1.0);  // fixed ones
  const auto best = [&](std::size_t alone, double least) {
    Program program;
    const int t = program.column();
    program.objective(t);
    std::vector<std::vector<std::pair<int, double>>> link(flows.capacity.size());
    for (std::size_t f = 0; f < flows.size(); ++f) {
      const int rate = program.column();
      if (level[f] >= 0.0) {
        program.row({{rate, 1.0}}, GLP_LO, level[f] * flows.weight_of(f) * (1.0 - 1e-9));
      } else if (alone == flows.size() || alone == f) {
        program.row({{rate, 1.0}, {t, -flows.weight_of(f)}}, GLP_LO, 0.0);
      } else {
        program.row({{rate, 1.0}}, GLP_LO, least * flows.weight_of(f) * (1.0 - 1e-9));
      }
      for (const auto l : flows.route(f)) {
        link[l].emplace_back(rate, 1.0);
      }
    }
    for (std::size_t l = 0; l < link.size(); ++l) {
      if (!link[l].empty()) {
        program.row(link[l], GLP_UP, flows.capacity[l]);
      }
    }
    return program.solve();
  };
  while (std::find(level.begin(), level.end(), -1.0) != level.end()) {
    const double least = best(flows.size(), 0.0);
    std::vector<std::size_t> stuck;
    for (std::size_t f = 0; f < flows.size(); ++f) {
      if (level[f] < 0.0 && best(f, least) <= least * (1.0 + 1e-6)) {
        stuck.push_back(f);
      }
    }
    if (stuck.empty()) {
      ADD_FAILURE() << "no flow is stuck at level " << least;
      break;
    }
    for (const std::size_t f : stuck) {
      level[f] = least;
    }
  }
  for (std::size_t f = 0; f < flows.size(); ++f) {
    level[f] *= flows.weight_of(f);
  }
  return level;
}

TEST(LinearProgram, MaxMinRatesAreItsLexicographicOptimum) {
  for (unsigned seed = 0; seed < 25; ++seed) {
    const FlowSet flows = oracle::random_flows(seed, 3 + seed % 6, 4 + seed % 7, seed % 2 == 0, seed % 3 == 0);
    const std::vector<double> expected = lexicographic_rates(flows);
    FairSharing sharing(flows.capacity);
    std::vector<FairSharing::FlowId> ids;
    for (std::size_t f = 0; f < flows.size(); ++f) {
      ids.push_back(sharing.add(flows.route(f), flows.weight_of(f), flows.bytes[f], 0.0));
    }
    sharing.settle(0.0);
    for (std::size_t f = 0; f < flows.size(); ++f) {
      EXPECT_NEAR(sharing.rate(ids[f]), expected[f], 1e-6 * expected[f]) << "seed " << seed << " flow " << f;
    }
  }
}

// The shortest time in which any split over all minimal routes can deliver: below every routing's makespan, and met by
// spraying over all of them when the network is symmetric.
double least_makespan(const Topology& topology, const std::vector<std::pair<VertexId, VertexId>>& pairs, double bytes) {
  Program program;
  const int speed = program.column();  // 1 / makespan, times bytes
  program.objective(speed);
  std::vector<std::vector<std::pair<int, double>>> link(topology.network().links());
  for (const auto& [a, b] : pairs) {
    std::vector<std::pair<int, double>> parts = {{speed, -1.0}};
    for (std::uint32_t choice = 0; choice < topology.route_count(a, b); ++choice) {
      const int rate = program.column();
      parts.emplace_back(rate, 1.0);
      std::vector<LinkId> route;
      topology.append_route(a, b, choice, route);
      for (const LinkId l : route) {
        link[l].emplace_back(rate, 1.0);
      }
    }
    program.row(parts, GLP_LO, 0.0);
  }
  const double unit = topology.network().capacity[0];  // scaled, for the simplex's tolerances
  for (std::size_t l = 0; l < link.size(); ++l) {
    if (!link[l].empty()) {
      program.row(link[l], GLP_UP, topology.network().capacity[l] / unit);
    }
  }
  return bytes / (program.solve() * unit);
}

TEST(LinearProgram, NoRoutingBeatsItsMakespan) {
  int cases = 0;
  for (unsigned seed = 0; seed < 60; ++seed) {
    Draw draw(seed);
    TopologySpec spec = random_topology(draw);
    spec.switch_latency = Seconds(0.0);
    if (spec.hosts > 32) {  // keeps the programs small
      continue;
    }
    ++cases;
    const auto topology = make_topology(spec);
    std::vector<std::pair<VertexId, VertexId>> pairs;
    for (VertexId h = 0; h < spec.hosts; ++h) {
      const auto other = static_cast<VertexId>((h + 1 + draw.below(spec.hosts - 1)) % spec.hosts);
      pairs.emplace_back(h, other);
    }
    const double bytes = 1e8;
    const double bound = least_makespan(*topology, pairs, bytes);
    ASSERT_TRUE(std::isfinite(bound)) << spec.shape;
    for (const Routing routing : {Routing::kDeterministic, Routing::kHashed, Routing::kSprayed}) {
      FlowSet flows;
      flows.capacity = topology->network().capacity;
      for (std::size_t f = 0; f < pairs.size(); ++f) {
        const auto routes = routes_of(*topology, routing, pairs[f].first, pairs[f].second, f, seed, 4096);
        for (const auto& route : routes) {
          flows.add(route, bytes / static_cast<double>(routes.size()), 0.0);
          flows.weight.push_back(1.0 / static_cast<double>(routes.size()));
        }
      }
      EXPECT_GE(solve(flows).makespan, bound * (1.0 - 1e-9)) << spec.shape << " seed " << seed;
    }
  }
  EXPECT_GE(cases, 20);
}

TEST(LinearProgram, SprayingAPermutationOverAFullClosIsOptimal) {
  TopologySpec spec;
  spec.shape = "clos3";
  spec.hosts = 54;
  spec.radix = 6;
  spec.switch_latency = Seconds(0.0);
  const auto topology = make_topology(spec);
  std::vector<std::pair<VertexId, VertexId>> pairs;
  FlowSet flows;
  flows.capacity = topology->network().capacity;
  for (VertexId h = 0; h < spec.hosts; ++h) {
    pairs.emplace_back(h, (h * 5 + 7) % spec.hosts);
    const auto routes = routes_of(*topology, Routing::kSprayed, pairs[h].first, pairs[h].second, h, 1, 4096);
    for (const auto& route : routes) {
      flows.add(route, 1e8 / static_cast<double>(routes.size()), 0.0);
      flows.weight.push_back(1.0 / static_cast<double>(routes.size()));
    }
  }
  EXPECT_NEAR(solve(flows).makespan, least_makespan(*topology, pairs, 1e8), 1e-9);
}

}  // namespace
}  // namespace aifactory

#else

TEST(LinearProgram, BoundsNeedGlpk) {
  GTEST_SKIP() << "GLPK (libglpk-dev) was not found when this was built";
}

#endif
