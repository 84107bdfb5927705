#include "models/llm/pipeline_schedule.h"

#include <gtest/gtest.h>

namespace aifactory {
namespace {

const StageTimes kTimes{Seconds(1.0), Seconds(1.0), Seconds(1.0), Seconds{}};

TEST(PipelineSchedule, BubblesMatchTheirPapers) {
  const PipelineShape shape{8, 4, 32};
  EXPECT_DOUBLE_EQ(pipeline_schedule("1f1b")->bubble_fraction(shape, kTimes), 7.0 / 39);
  EXPECT_DOUBLE_EQ(pipeline_schedule("gpipe")->bubble_fraction(shape, kTimes), 7.0 / 39);
  EXPECT_NEAR(pipeline_schedule("interleaved")->bubble_fraction(shape, kTimes), 7.0 / 4 / (32 + 7.0 / 4), 1e-12);
  // (p - 1)(F + B_input - W) = 7 of 32 x 3 + 7
  EXPECT_DOUBLE_EQ(pipeline_schedule("zero_bubble")->bubble_fraction(shape, kTimes), 7.0 / 103);
  // (p / 2 - 1)(F + B + B - 3 W) = 3 x 2
  EXPECT_DOUBLE_EQ(pipeline_schedule("dualpipe")->bubble_fraction(shape, kTimes), 6.0 / 102);
}

TEST(PipelineSchedule, InFlightMicroBatches) {
  const PipelineShape shape{8, 4, 32};
  EXPECT_DOUBLE_EQ(pipeline_schedule("1f1b")->in_flight(shape), 8);
  EXPECT_DOUBLE_EQ(pipeline_schedule("interleaved")->in_flight(shape), 8 + 7.0 / 4);
  EXPECT_DOUBLE_EQ(pipeline_schedule("gpipe")->in_flight(shape), 32);
  EXPECT_DOUBLE_EQ(pipeline_schedule("dualpipe")->in_flight(shape), 9);
  EXPECT_DOUBLE_EQ(pipeline_schedule("1f1b")->in_flight({8, 1, 2}), 2);
}

TEST(PipelineSchedule, OneStageNeverWaits) {
  for (const std::string_view name : kPipelineScheduleNames) {
    const PipelineSchedule* schedule = pipeline_schedule(name);
    ASSERT_NE(schedule, nullptr) << name;
    EXPECT_EQ(schedule->name(), name);
    EXPECT_DOUBLE_EQ(schedule->bubble_fraction({1, 1, 4}, kTimes), 0.0) << name;
  }
}

TEST(PipelineSchedule, UnknownNameIsNull) {
  EXPECT_EQ(pipeline_schedule("2f2b"), nullptr);
}

}  // namespace
}  // namespace aifactory
