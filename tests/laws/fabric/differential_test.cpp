// The engine against textbook filling on random flows over every shape of network, and its own certificate where
// filling is too slow to ask.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "sim/fabric/fair_sharing.h"
#include "sim/fabric/flow_solver.h"
#include "tests/laws/fabric/generated_flows.h"
#include "tests/unit/sim/fabric/naive_filling.h"

namespace aifactory {
namespace {

TEST(Differential, RandomFlowsOverEveryShapeEndWhenFillingSays) {
  std::set<std::string> seen;
  for (unsigned seed = 0; seed < 160; ++seed) {
    Draw draw(seed);
    const TopologySpec spec = random_topology(draw);
    seen.insert(spec.shape);
    const auto topology = make_topology(spec);
    const FlowSet flows = random_flows_over(*topology, 3 + draw.below(40), draw, static_cast<Routing>(draw.below(3)));
    ASSERT_THAT(problems_of(flows), testing::IsEmpty());
    const std::vector<double> expected = oracle::finish_times(flows);
    const std::vector<double> exact = solve(flows).finish;
    const std::vector<double> classes = solve_by_classes(flows).finish;
    for (std::size_t f = 0; f < flows.size(); ++f) {
      const double allowed = std::max(1e-11 * expected[f], 1e-15);
      ASSERT_NEAR(exact[f], expected[f], allowed) << spec.shape << " seed " << seed << " flow " << f;
      ASSERT_NEAR(classes[f], expected[f], allowed) << spec.shape << " seed " << seed << " flow " << f;
    }
  }
  EXPECT_EQ(seen.size(), topology_shapes().size());
}

// Ten thousand flows that come and go: at every sampled instant no link is over capacity and every flow has a
// bottleneck, which makes the rates the max-min rates; and what each is given adds up to its bytes.
TEST(Differential, TenThousandFlowsCarryTheirCertificate) {
  for (const char* shape : {"clos3", "torus", "dragonfly", "rail"}) {
    Draw draw(11);
    TopologySpec spec;
    spec.shape = shape;
    spec.hosts = 1024;
    spec.oversubscription = 2.0;
    const auto topology = make_topology(spec);
    const FlowSet flows = random_flows_over(*topology, 9500, draw, Routing::kHashed);
    ASSERT_GE(flows.size(), 10000u);
    FairSharing sharing(flows.capacity);
    std::vector<std::uint32_t> order;
    for (std::uint32_t f = 0; f < flows.size(); ++f) {
      if (flows.bytes[f] > 0.0 && !flows.route(f).empty()) {
        order.push_back(f);
      }
    }
    std::stable_sort(order.begin(), order.end(),
                     [&](std::uint32_t a, std::uint32_t b) { return flows.start[a] < flows.start[b]; });
    std::vector<std::uint32_t> flow_of;
    std::vector<FairSharing::FlowId> active(flows.size(), ~0u);
    std::vector<FairSharing::Completion> finished;
    std::size_t next = 0;
    std::size_t events = 0;
    while (next < order.size() || sharing.flows_in_flight() > 0) {
      const double arrival = next < order.size() ? flows.start[order[next]] : FairSharing::kNever;
      const double now = std::min(arrival, sharing.next_completion());
      finished.clear();
      sharing.complete(now, finished);
      for (const auto& completion : finished) {
        active[flow_of[completion.flow]] = ~0u;
      }
      for (; next < order.size() && flows.start[order[next]] <= now; ++next) {
        const std::uint32_t f = order[next];
        active[f] = sharing.add(flows.route(f), flows.weight_of(f), flows.bytes[f], now);
        flow_of.resize(std::max<std::size_t>(flow_of.size(), active[f] + std::size_t{1}));
        flow_of[active[f]] = f;
      }
      sharing.settle(now);
      if (++events % 500 != 0) {
        continue;
      }
      std::vector<double> used(flows.capacity.size(), 0.0), fastest(flows.capacity.size(), 0.0);
      for (std::size_t f = 0; f < flows.size(); ++f) {
        for (const auto link : active[f] == ~0u ? std::span<const std::uint32_t>() : flows.route(f)) {
          used[link] += sharing.rate(active[f]);
          fastest[link] = std::max(fastest[link], sharing.rate(active[f]) / flows.weight_of(f));
        }
      }
      for (std::size_t l = 0; l < used.size(); ++l) {
        ASSERT_LE(used[l], flows.capacity[l] * (1.0 + 1e-10)) << shape;
      }
      for (std::size_t f = 0; f < flows.size(); ++f) {
        if (active[f] == ~0u) {
          continue;
        }
        const double level = sharing.rate(active[f]) / flows.weight_of(f);
        const auto route = flows.route(f);
        ASSERT_TRUE(std::any_of(route.begin(), route.end(),
                                [&](std::uint32_t l) {
                                  return used[l] >= flows.capacity[l] * (1.0 - 1e-9) &&
                                         level >= fastest[l] * (1.0 - 1e-9);
                                }))
            << shape << " flow " << f << " event " << events;
      }
    }
    EXPECT_GT(events, 1000u);
  }
}

}  // namespace
}  // namespace aifactory
