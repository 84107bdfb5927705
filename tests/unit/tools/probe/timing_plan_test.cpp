#include "tools/probe/timing_plan.h"

#include <gtest/gtest.h>

namespace aifactory::probe {
namespace {

TEST(TimingPlan, AGraphHoldsEverySetOfBuffersOnce) {
  EXPECT_EQ(nodes_for(20e-6, 150, {}), 150);
  EXPECT_EQ(nodes_for(2e-3, 150, {}), 150) << "cold matters more than the length of a replay";
}

TEST(TimingPlan, AReplayOutlastsTheGapBetweenReplays) {
  EXPECT_NEAR(nodes_for(1e-6, 1, {}), 50, 1);
  EXPECT_EQ(nodes_for(20e-6, 2, {}), 10);
}

TEST(TimingPlan, LongKernelsAreLaunchedLessOften) {
  EXPECT_EQ(nodes_for(50e-3, 2, {}), 2);
  EXPECT_EQ(nodes_for(1.5e-3, 2, {}), 4);
  EXPECT_EQ(replays_for(10e-3, {}), 20);
  EXPECT_EQ(replays_for(50e-3, {}), 8);
  EXPECT_EQ(replays_for(1.0, {}), 5);
}

}  // namespace
}  // namespace aifactory::probe
