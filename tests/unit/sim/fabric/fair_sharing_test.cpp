#include "sim/fabric/fair_sharing.h"

#include <gtest/gtest.h>

#include <random>

#include "tests/unit/sim/fabric/naive_filling.h"

namespace aifactory {
namespace {

using Route = std::vector<std::uint32_t>;

TEST(FairSharing, RatesFollowCapacityChanges) {
  FairSharing sharing(std::vector<double>{10.0, 30.0});
  const auto both = sharing.add(Route{0, 1}, 1.0, 1000.0, 0.0);
  const auto one = sharing.add(Route{1}, 1.0, 1000.0, 0.0);
  sharing.settle(0.0);
  EXPECT_DOUBLE_EQ(sharing.rate(both), 10.0);
  EXPECT_DOUBLE_EQ(sharing.rate(one), 20.0);
  sharing.set_capacity(0, 4.0);  // a degraded link
  sharing.settle(1.0);
  EXPECT_DOUBLE_EQ(sharing.rate(both), 4.0);
  EXPECT_DOUBLE_EQ(sharing.rate(one), 26.0);
  EXPECT_DOUBLE_EQ(sharing.remaining(both, 1.0), 990.0);
  sharing.set_capacity(1, 6.0);
  sharing.settle(2.0);
  EXPECT_DOUBLE_EQ(sharing.rate(both), 3.0);
  EXPECT_DOUBLE_EQ(sharing.rate(one), 3.0);
}

TEST(FairSharing, FailedLinkStopsItsFlowsUntilRepair) {
  FairSharing sharing(std::vector<double>{10.0});
  sharing.add(Route{0}, 1.0, 100.0, 0.0);
  sharing.settle(0.0);
  sharing.set_capacity(0, 0.0);
  sharing.settle(5.0);
  EXPECT_EQ(sharing.next_completion(), FairSharing::kNever);
  sharing.set_capacity(0, 10.0);
  sharing.settle(8.0);
  EXPECT_DOUBLE_EQ(sharing.next_completion(), 13.0);
}

// Arrivals, departures, aborts and capacity changes in random order: after each, the rates are the oracle's.
TEST(FairSharing, StaysExactUnderRandomChanges) {
  for (unsigned seed = 0; seed < 60; ++seed) {
    std::mt19937 random(seed);
    const auto pick = [&](std::size_t n) { return std::uniform_int_distribution<std::size_t>(0, n - 1)(random); };
    FlowSet flows = oracle::random_flows(seed, 4 + seed % 20, 80, seed % 2 == 0, seed % 3 == 0);
    FairSharing sharing(flows.capacity);
    std::vector<bool> active(flows.size(), false);
    std::vector<FairSharing::FlowId> id(flows.size());
    double now = 0.0;
    for (int step = 0; step < 200; ++step) {
      for (std::size_t change = 0, n = 1 + pick(3); change < n; ++change) {
        const std::size_t f = pick(flows.size());
        if (step % 10 == 9) {
          const auto link = static_cast<std::uint32_t>(pick(flows.capacity.size()));
          flows.capacity[link] = 5.0 * static_cast<double>(1 + pick(6));
          sharing.set_capacity(link, flows.capacity[link]);
        } else if (active[f]) {
          sharing.remove(id[f]);
          active[f] = false;
        } else {
          id[f] = sharing.add(flows.route(f), flows.weight_of(f), 1e9, now);
          active[f] = true;
        }
      }
      sharing.settle(now);
      const std::vector<double> expected = oracle::rates(flows, active);
      for (std::size_t f = 0; f < flows.size(); ++f) {
        if (active[f]) {
          ASSERT_NEAR(sharing.rate(id[f]), expected[f], 1e-10 * expected[f])
              << "seed " << seed << " step " << step << " flow " << f;
        }
      }
      now += 1.0;
    }
  }
}

TEST(FairSharing, IdleLinksAndUnrelatedFlowsAreNotVisited) {
  std::vector<double> capacity(2000, 10.0);
  FairSharing sharing(capacity);
  for (std::uint32_t l = 0; l < 2000; l += 2) {
    sharing.add(Route{l, l + 1}, 1.0, 100.0 + l, 0.0);
  }
  sharing.settle(0.0);
  const auto before = sharing.levels_solved();
  sharing.add(Route{0, 1}, 1.0, 10.0, 1.0);
  sharing.settle(1.0);
  EXPECT_LE(sharing.levels_solved() - before, 2u);
}

}  // namespace
}  // namespace aifactory
