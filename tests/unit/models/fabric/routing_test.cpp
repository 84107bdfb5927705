#include "models/fabric/routing.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>

namespace aifactory {
namespace {

TopologySpec fat_tree() {
  TopologySpec spec;
  spec.shape = "clos3";
  spec.hosts = 128;
  spec.radix = 8;
  return spec;
}

TEST(Routing, DeterministicRoutingGivesEveryDestinationItsOwnTree) {
  const auto topology = make_topology(fat_tree());
  // A shift permutation on a full fat tree loads every link at most once.
  for (const std::uint32_t shift : {1u, 4u, 16u, 37u}) {
    std::map<LinkId, int> load;
    for (VertexId a = 0; a < 128; ++a) {
      const auto routes = routes_of(*topology, Routing::kDeterministic, a, (a + shift) % 128, 0, 0);
      for (const LinkId link : routes.front()) {
        ++load[link];
      }
    }
    for (const auto& [link, flows] : load) {
      EXPECT_EQ(flows, 1) << "shift " << shift << " link " << link;
    }
  }
}

TEST(Routing, HashingIsRepeatableAndSpreads) {
  EXPECT_EQ(hashed_choice(16, 1, 2, 3, 4), hashed_choice(16, 1, 2, 3, 4));
  std::vector<int> hits(16, 0);
  for (std::uint64_t flow = 0; flow < 16000; ++flow) {
    ++hits[hashed_choice(16, 1, 2, flow, 7)];
  }
  for (const int n : hits) {
    EXPECT_NEAR(n, 1000, 150);
  }
}

TEST(Routing, SprayingUsesDistinctRoutes) {
  const auto topology = make_topology(fat_tree());
  const auto routes = routes_of(*topology, Routing::kSprayed, 0, 127, 5, 1, 16);
  EXPECT_EQ(routes.size(), 16u);
  for (std::size_t i = 0; i < routes.size(); ++i) {
    for (std::size_t j = i + 1; j < routes.size(); ++j) {
      EXPECT_NE(routes[i], routes[j]);
    }
  }
}

TEST(Routing, FailedLinksAreRoutedAround) {
  const auto topology = make_topology(fat_tree());
  const auto before = routes_of(*topology, Routing::kDeterministic, 0, 127, 0, 0).front();
  const LinkId failed = before[2];
  const auto after =
      routes_of(*topology, Routing::kDeterministic, 0, 127, 0, 0, 16, [&](LinkId link) { return link != failed; });
  ASSERT_EQ(after.size(), 1u);
  EXPECT_EQ(std::count(after.front().begin(), after.front().end(), failed), 0);
  // The only link of a host has no detour.
  EXPECT_TRUE(routes_of(*topology, Routing::kSprayed, 0, 127, 0, 0, 16, [&](LinkId link) {
                return link != before[0];
              }).empty());
}

TEST(Routing, ExpectedMaximumLoadMatchesSampling) {
  for (const auto& [flows, links] : {std::pair{8, 8}, std::pair{64, 16}, std::pair{1000, 32}}) {
    double sum = 0.0;
    constexpr int kTrials = 4000;
    for (int trial = 0; trial < kTrials; ++trial) {
      std::vector<int> load(static_cast<std::size_t>(links), 0);
      for (int f = 0; f < flows; ++f) {
        ++load[hashed_choice(static_cast<std::uint32_t>(links), 0, 1, static_cast<std::uint64_t>(f),
                             static_cast<std::uint64_t>(trial))];
      }
      sum += *std::max_element(load.begin(), load.end());
    }
    const double sampled = sum / kTrials;
    EXPECT_NEAR(expected_most_loaded(flows, links), sampled, 0.05 * sampled) << flows << " over " << links;
  }
  EXPECT_DOUBLE_EQ(expected_most_loaded(7.0, 1.0), 7.0);
  EXPECT_NEAR(hashing_efficiency(1e5, 4.0), 1.0, 0.02);
}

}  // namespace
}  // namespace aifactory
