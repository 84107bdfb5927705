#include "sim/fabric/flow_solver.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/sim/fabric/naive_filling.h"

namespace aifactory {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr double kExact = 1e-12;

TEST(FlowSolver, IsolatedPairTakesBytesOverItsNarrowestLink) {
  FlowSet flows;
  flows.capacity = {50e9, 25e9, 100e9};
  flows.add(std::vector<std::uint32_t>{0, 1, 2}, 1e9, 0.5);
  EXPECT_NEAR(solve(flows).finish[0], 0.5 + 1e9 / 25e9, 1e-15);
}

TEST(FlowSolver, TwoFlowsShareThenTheLongerOneTakesAll) {
  FlowSet flows;
  flows.capacity = {10.0};
  flows.add(std::vector<std::uint32_t>{0}, 50.0, 0.0);
  flows.add(std::vector<std::uint32_t>{0}, 100.0, 0.0);
  const FlowTimes times = solve(flows);
  EXPECT_DOUBLE_EQ(times.finish[0], 10.0);
  EXPECT_DOUBLE_EQ(times.finish[1], 15.0);
  EXPECT_DOUBLE_EQ(times.makespan, 15.0);
}

TEST(FlowSolver, DoubleWeightGetsDoubleShare) {
  FlowSet flows;
  flows.capacity = {30.0};
  flows.add(std::vector<std::uint32_t>{0}, 100.0, 0.0);
  flows.add(std::vector<std::uint32_t>{0}, 200.0, 0.0);
  flows.weight = {1.0, 2.0};
  const FlowTimes times = solve(flows);
  EXPECT_NEAR(times.finish[0], 10.0, 1e-12);
  EXPECT_NEAR(times.finish[1], 10.0, 1e-12);
}

TEST(FlowSolver, ParkingLotGivesTheLongFlowHalfOfTheTightestLink) {
  // Long flow over links 0, 1, 2; one short flow on each. Link 1 is narrow.
  FlowSet flows;
  flows.capacity = {100.0, 20.0, 100.0};
  flows.add(std::vector<std::uint32_t>{0, 1, 2}, 10.0, 0.0);  // 10/s: done at 1
  flows.add(std::vector<std::uint32_t>{0}, 90.0, 0.0);        // 90/s
  flows.add(std::vector<std::uint32_t>{1}, 20.0, 0.0);        // 10/s, then 20/s
  const FlowTimes times = solve(flows);
  EXPECT_NEAR(times.finish[0], 1.0, kExact);
  EXPECT_NEAR(times.finish[1], 1.0, kExact);
  EXPECT_NEAR(times.finish[2], 1.5, kExact);
}

TEST(FlowSolver, EmptyFlowsAndFlowsWithoutLinksTakeNoTime) {
  FlowSet flows;
  flows.capacity = {10.0};
  flows.add({}, 50.0, 3.0);
  flows.add(std::vector<std::uint32_t>{0}, 0.0, 4.0);
  EXPECT_DOUBLE_EQ(solve(flows).finish[0], 3.0);
  EXPECT_DOUBLE_EQ(solve(flows).finish[1], 4.0);
  EXPECT_DOUBLE_EQ(solve(FlowSet{}).makespan, 0.0);
}

struct Case {
  bool ties, weighted;
};
class AgainstOracle : public testing::TestWithParam<Case> {};

TEST_P(AgainstOracle, FinishTimesAreExact) {
  for (unsigned seed = 0; seed < 400; ++seed) {
    const std::size_t links = 2 + seed % 23;
    const std::size_t count = 2 + (seed * 7) % 61;
    const FlowSet flows = oracle::random_flows(seed, links, count, GetParam().ties, GetParam().weighted);
    ASSERT_THAT(problems_of(flows), IsEmpty());
    const FlowTimes times = solve(flows);
    const std::vector<double> expected = oracle::finish_times(flows);
    for (std::size_t f = 0; f < flows.size(); ++f) {
      ASSERT_NEAR(times.finish[f], expected[f], 1e-11 * expected[f]) << "seed " << seed << " flow " << f;
    }
  }
}
INSTANTIATE_TEST_SUITE_P(FlowSolver, AgainstOracle,
                         testing::Values(Case{false, false}, Case{true, false}, Case{false, true}, Case{true, true}));

TEST(BindingLinks, DropsLinksThatOthersProtect) {
  FlowSet flows;
  flows.capacity = {10.0, 10.0, 20.0, 15.0};
  flows.add(std::vector<std::uint32_t>{0, 2}, 1.0, 0.0);  // link 2 carries what links 0 and 1 let through
  flows.add(std::vector<std::uint32_t>{1, 2}, 1.0, 0.0);
  flows.add(std::vector<std::uint32_t>{0, 3}, 1.0, 0.0);  // link 3 is wider than link 0, its only feeder
  EXPECT_EQ(binding_links(flows), (std::vector<bool>{true, true, false, false}));
}

TEST(BindingLinks, KeepsOneOfTwoEqualLinksInSeries) {
  FlowSet flows;
  flows.capacity = {10.0, 10.0};
  flows.add(std::vector<std::uint32_t>{0, 1}, 1.0, 0.0);
  const auto binds = binding_links(flows);
  EXPECT_NE(binds[0], binds[1]);
}

TEST(FlowProblems, NameTheFlowAndTheLink) {
  FlowSet flows;
  flows.capacity = {10.0, 0.0, -1.0};
  flows.add(std::vector<std::uint32_t>{0, 7}, -1.0, -2.0);
  flows.add(std::vector<std::uint32_t>{0, 0}, 1.0, 0.0);
  const auto problems = problems_of(flows);
  EXPECT_THAT(problems, Contains(HasSubstr("link 1: the bandwidth must be positive")));
  EXPECT_THAT(problems, Contains(HasSubstr("link 2: the bandwidth must be positive")));
  EXPECT_THAT(problems, Contains(HasSubstr("flow 0: there is no link 7")));
  EXPECT_THAT(problems, Contains(HasSubstr("flow 0: bytes must not be negative")));
  EXPECT_THAT(problems, Contains(HasSubstr("flow 0: the start must not be negative")));
  EXPECT_THAT(problems, Contains(HasSubstr("flow 1: link 0 is on the route twice")));
}

}  // namespace
}  // namespace aifactory
