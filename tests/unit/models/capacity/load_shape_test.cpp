#include <gtest/gtest.h>

#include <stdexcept>
#include <vector>

#include "models/capacity/capacity_curve.h"

namespace aifactory {
namespace {

double mean_of_week(const LoadShape& shape) {
  double sum = 0;
  for (int hour = 0; hour < 168; ++hour) {
    sum += shape.at_hour(hour);
  }
  return sum / 168;
}

TEST(LoadShape, DiurnalHasMeanOneAndThePeakAskedFor) {
  const LoadShape shape = LoadShape::diurnal(1.6, 14, 0.7);
  EXPECT_NEAR(mean_of_week(shape), 1.0, 1e-12);
  EXPECT_NEAR(shape.peak(), 1.6, 1e-9);
  EXPECT_NEAR(shape.at_hour(14), 1.6, 1e-9);            // Monday
  EXPECT_NEAR(shape.at_hour(5 * 24 + 14), 1.12, 1e-9);  // Saturday: 0.7 of it
  EXPECT_NEAR(shape.at_hour(2), 0.5875, 1e-3);          // twelve hours from the peak
}

TEST(LoadShape, RepeatsEveryWeek) {
  const LoadShape shape = LoadShape::diurnal(1.5, 10, 0.8);
  EXPECT_DOUBLE_EQ(shape.at_hour(30), shape.at_hour(30 + 168 * 7));
}

TEST(LoadShape, FlatIsOneEverywhere) {
  EXPECT_DOUBLE_EQ(LoadShape::flat().at_hour(77), 1.0);
  EXPECT_DOUBLE_EQ(LoadShape().peak(), 1.0);
}

TEST(LoadShape, HourlyValuesAreNormalised) {
  std::vector<double> hours(168, 2.0);
  hours[3] = 4.0;
  const LoadShape shape(hours);
  EXPECT_NEAR(mean_of_week(shape), 1.0, 1e-12);
  EXPECT_NEAR(shape.at_hour(3) / shape.at_hour(4), 2.0, 1e-12);
}

TEST(LoadShape, RefusesWhatCannotBe) {
  EXPECT_THROW(LoadShape(std::vector<double>(24, 1.0)), std::invalid_argument);
  EXPECT_THROW(LoadShape(std::vector<double>(168, 0.0)), std::invalid_argument);
  EXPECT_THROW(LoadShape::diurnal(0.5, 12, 1.0), std::invalid_argument);  // a peak below the mean
  EXPECT_THROW(LoadShape::diurnal(2.5, 12, 1.0), std::invalid_argument);  // nights below zero
  EXPECT_THROW(LoadShape::diurnal(1.5, 12, 1.5), std::invalid_argument);
}

}  // namespace
}  // namespace aifactory
