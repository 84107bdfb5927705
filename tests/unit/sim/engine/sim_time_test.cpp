#include "sim/engine/sim_time.h"

#include <gtest/gtest.h>

#include <limits>

namespace aifactory::engine {
namespace {

TEST(SimTime, SecondsRoundToTheNearestNanosecondTiesAwayFromZero) {
  EXPECT_EQ(SimTime(Seconds(1.0)).nanoseconds(), 1'000'000'000);
  EXPECT_EQ(SimTime(Seconds(0.4e-9)).nanoseconds(), 0);
  EXPECT_EQ(SimTime(Seconds(0.5e-9)).nanoseconds(), 1);
  EXPECT_EQ(SimTime(Seconds(-0.5e-9)).nanoseconds(), -1);
  EXPECT_EQ(SimTime(Seconds(0.1)).nanoseconds(), 100'000'000);
}

TEST(SimTime, SecondsComeBackAsTheyWere) {
  for (const double seconds : {0.0, 1e-9, 0.1, 3600.0, 8760.0 * 3600.0}) {
    EXPECT_DOUBLE_EQ(SimTime(Seconds(seconds)).seconds().value(), seconds);
  }
}

TEST(SimTime, WhatDoesNotFitIsRefused) {
  EXPECT_THROW(SimTime(Seconds(std::numeric_limits<double>::quiet_NaN())), std::overflow_error);
  EXPECT_THROW(SimTime(Seconds(std::numeric_limits<double>::infinity())), std::overflow_error);
  EXPECT_THROW(SimTime(300.0 * kYear), std::overflow_error);
  EXPECT_NO_THROW(SimTime(290.0 * kYear));
}

TEST(SimTime, DividesIntoWholeStepsAndRemainder) {
  const SimTime hour(kHour);
  const SimTime step(Seconds(7.0));
  EXPECT_EQ((hour / step) * step + hour % step, hour);
}

}  // namespace
}  // namespace aifactory::engine
