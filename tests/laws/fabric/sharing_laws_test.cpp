// What any max-min fair allocation obeys, whatever the network.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>

#include "models/fabric/symmetry.h"
#include "models/fabric/topology.h"
#include "sim/fabric/fair_sharing.h"
#include "sim/fabric/flow_solver.h"
#include "tests/unit/sim/fabric/naive_filling.h"

namespace aifactory {
namespace {

struct Sharing {
  FairSharing state;
  std::vector<FairSharing::FlowId> ids;
};

Sharing share(const FlowSet& flows) {
  Sharing sharing{FairSharing(flows.capacity), {}};
  for (std::size_t f = 0; f < flows.size(); ++f) {
    sharing.ids.push_back(sharing.state.add(flows.route(f), flows.weight_of(f), flows.bytes[f], 0.0));
  }
  sharing.state.settle(0.0);
  return sharing;
}

TEST(SharingLaws, NoLinkAboveCapacityAndEveryFlowHasABottleneck) {
  for (unsigned seed = 0; seed < 300; ++seed) {
    const FlowSet flows = oracle::random_flows(seed, 3 + seed % 30, 5 + seed % 80, seed % 2 == 0, seed % 3 == 0);
    const Sharing sharing = share(flows);
    std::vector<double> used(flows.capacity.size(), 0.0), fastest(flows.capacity.size(), 0.0);
    for (std::size_t f = 0; f < flows.size(); ++f) {
      const double rate = sharing.state.rate(sharing.ids[f]);
      for (const auto link : flows.route(f)) {
        used[link] += rate;
        fastest[link] = std::max(fastest[link], rate / flows.weight_of(f));
      }
    }
    for (std::size_t l = 0; l < used.size(); ++l) {
      ASSERT_LE(used[l], flows.capacity[l] * (1.0 + 1e-12)) << "seed " << seed;
    }
    for (std::size_t f = 0; f < flows.size(); ++f) {
      const double rate = sharing.state.rate(sharing.ids[f]) / flows.weight_of(f);
      const auto route = flows.route(f);
      ASSERT_TRUE(std::any_of(route.begin(), route.end(),
                              [&](std::uint32_t l) {
                                return used[l] >= flows.capacity[l] * (1.0 - 1e-11) &&
                                       rate >= fastest[l] * (1.0 - 1e-11);
                              }))
          << "seed " << seed << " flow " << f;
    }
  }
}

TEST(SharingLaws, MakespanIsAtLeastTheBusiestLink) {
  for (unsigned seed = 0; seed < 100; ++seed) {
    FlowSet flows = oracle::random_flows(seed, 8, 40, false, false);
    std::fill(flows.start.begin(), flows.start.end(), 0.0);
    std::vector<double> bytes(flows.capacity.size(), 0.0);
    for (std::size_t f = 0; f < flows.size(); ++f) {
      for (const auto link : flows.route(f)) {
        bytes[link] += flows.bytes[f];
      }
    }
    const double makespan = solve(flows).makespan;
    for (std::size_t l = 0; l < bytes.size(); ++l) {
      ASSERT_GE(makespan, bytes[l] / flows.capacity[l] * (1.0 - 1e-12));
    }
  }
}

TEST(SharingLaws, BytesAreConserved) {
  // What a flow still has to send at any date plus what it was given so far is what it started with.
  const FlowSet flows = oracle::random_flows(5, 12, 60, false, true);
  Sharing sharing = share(flows);
  std::vector<double> sent(flows.size(), 0.0);
  std::vector<bool> done(flows.size(), false);
  std::vector<FairSharing::Completion> finished;
  double now = 0.0;
  while (sharing.state.flows_in_flight() > 0) {
    const double next = sharing.state.next_completion();
    for (std::size_t f = 0; f < flows.size(); ++f) {
      if (!done[f]) {
        sent[f] += sharing.state.rate(sharing.ids[f]) * (next - now);
        ASSERT_NEAR(sent[f] + sharing.state.remaining(sharing.ids[f], next), flows.bytes[f], 1e-9 * flows.bytes[f]);
      }
    }
    now = next;
    finished.clear();
    sharing.state.complete(now, finished);
    for (const auto& completion : finished) {
      const auto f = static_cast<std::size_t>(std::find(sharing.ids.begin(), sharing.ids.end(), completion.flow) -
                                              sharing.ids.begin());
      done[f] = true;
      ASSERT_NEAR(sent[f], flows.bytes[f], 1e-9 * flows.bytes[f]);
    }
    sharing.state.settle(now);
  }
}

TEST(SharingLaws, IdleLinksChangeNothing) {
  FlowSet flows = oracle::random_flows(9, 10, 50, false, false);
  const auto before = solve(flows).finish;
  flows.capacity.insert(flows.capacity.end(), 100, 1.0);
  EXPECT_EQ(solve(flows).finish, before);
}

TEST(SharingLaws, ScalingAllCapacitiesScalesAllTimes) {
  for (unsigned seed = 0; seed < 50; ++seed) {
    FlowSet flows = oracle::random_flows(seed, 10, 50, false, true);
    std::fill(flows.start.begin(), flows.start.end(), 0.0);
    const auto before = solve(flows).finish;
    for (double& capacity : flows.capacity) {
      capacity *= 4.0;
    }
    const auto after = solve(flows).finish;
    for (std::size_t f = 0; f < before.size(); ++f) {
      ASSERT_NEAR(after[f] * 4.0, before[f], 1e-12 * before[f]);
    }
  }
}

// Copies of a random network side by side, their links crossed with each other: every copy's flows end alike, and the
// classes are no more than one copy has flows.
TEST(SymmetryLaws, ClassesGiveTheTimesOfTheWhole) {
  for (unsigned seed = 0; seed < 150; ++seed) {
    const FlowSet one = oracle::random_flows(seed, 3 + seed % 8, 4 + seed % 20, seed % 2 == 0, seed % 3 == 0);
    const std::uint32_t copies = 2 + seed % 5;
    const auto links = static_cast<std::uint32_t>(one.capacity.size());
    FlowSet all;
    for (std::uint32_t c = 0; c < copies; ++c) {
      all.capacity.insert(all.capacity.end(), one.capacity.begin(), one.capacity.end());
    }
    for (std::uint32_t c = 0; c < copies; ++c) {
      for (std::size_t f = 0; f < one.size(); ++f) {
        std::vector<std::uint32_t> route;
        for (const auto link : one.route(f)) {
          route.push_back((c + link) % copies * links + link);  // shifted by the link: copies are entangled
        }
        all.add(route, one.bytes[f], one.start[f]);
        if (!one.weight.empty()) {
          all.weight.push_back(one.weight[f]);
        }
      }
    }
    const FlowClasses classes = classify(all);
    ASSERT_LE(classes.representatives.size(), one.size());
    const auto quotient = solve_by_classes(all).finish;
    const auto full = solve(all).finish;
    for (std::size_t f = 0; f < full.size(); ++f) {
      ASSERT_NEAR(quotient[f], full[f], 1e-11 * full[f]) << "seed " << seed;
    }
  }
}

TEST(SymmetryLaws, RingOverAFatTreeIsAHandfulOfClassesAndAFailureSplitsOnlyWhatItTouches) {
  TopologySpec spec;
  spec.shape = "clos3";
  spec.hosts = 1024;
  spec.radix = 16;
  const auto topology = make_topology(spec);
  FlowSet flows;
  flows.capacity = topology->network().capacity;
  std::vector<LinkId> route;
  for (VertexId h = 0; h < spec.hosts; ++h) {
    route.clear();
    const VertexId next = (h + 1) % spec.hosts;
    topology->append_route(h, next, topology->deterministic_choice(h, next), route);
    flows.add(route, 1e6, 0.0);
  }
  EXPECT_LE(classify(flows).representatives.size(), 3u);  // within a leaf, a pod, across pods
  flows.capacity[flows.route(100)[0]] *= 0.5;             // a degraded host link
  const FlowClasses degraded = classify(flows);
  EXPECT_LE(degraded.representatives.size(), 4u);
  const auto quotient = solve_by_classes(flows).finish;
  const auto full = solve(flows).finish;
  for (std::size_t f = 0; f < full.size(); ++f) {
    ASSERT_NEAR(quotient[f], full[f], 1e-12 * full[f]);
  }
}

}  // namespace
}  // namespace aifactory
