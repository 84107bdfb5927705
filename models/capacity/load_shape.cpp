#include <algorithm>
#include <cstddef>
#include <stdexcept>
#include <string>
#include <utility>

#include "models/capacity/capacity_curve.h"
#include "models/units/pinned_math.h"

namespace aifactory {
namespace {

constexpr int kHoursPerWeek = 168;
constexpr int kHoursPerDay = 24;
constexpr int kWeekdays = 5;
constexpr double kTwoPi = 6.283185307179586;

}  // namespace

LoadShape::LoadShape(std::vector<double> hourly_of_week) : hours_(std::move(hourly_of_week)) {
  if (hours_.size() != static_cast<std::size_t>(kHoursPerWeek)) {
    throw std::invalid_argument("load shape: 168 hourly values expected");
  }
  double sum = 0.0;
  for (const double value : hours_) {
    if (!(value >= 0.0)) {
      throw std::invalid_argument("load shape: values must not be negative");
    }
    sum += value;
  }
  if (!(sum > 0.0)) {
    throw std::invalid_argument("load shape: at least one hour must have demand");
  }
  for (double& value : hours_) {
    value *= kHoursPerWeek / sum;
  }
}

LoadShape LoadShape::diurnal(double peak_to_mean, double peak_hour, double weekend_fraction) {
  if (!(weekend_fraction >= 0.0 && weekend_fraction <= 1.0)) {
    throw std::invalid_argument("load shape: weekend fraction must lie in 0..1");
  }
  // Weekdays swing by `amplitude` around their own mean, which exceeds the week's mean when weekends are quieter.
  const double weekday_share = (kWeekdays + (7 - kWeekdays) * weekend_fraction) / 7.0;
  const double amplitude = peak_to_mean * weekday_share - 1.0;
  if (!(amplitude >= -1e-12 && amplitude <= 1.0)) {
    throw std::invalid_argument("load shape: peak over mean must lie between " + std::to_string(1.0 / weekday_share) +
                                " and " + std::to_string(2.0 / weekday_share) + " for these weekends");
  }
  std::vector<double> hours;
  hours.reserve(kHoursPerWeek);
  for (int hour = 0; hour < kHoursPerWeek; ++hour) {
    const double phase = kTwoPi * (hour % kHoursPerDay - peak_hour) / kHoursPerDay;
    const double day = hour / kHoursPerDay < kWeekdays ? 1.0 : weekend_fraction;
    hours.push_back(day * std::max(0.0, 1.0 + amplitude * pinned::cos(phase)));
  }
  return LoadShape(std::move(hours));
}

LoadShape LoadShape::flat() { return LoadShape(std::vector<double>(kHoursPerWeek, 1.0)); }

double LoadShape::at_hour(int hour_of_year) const {
  return hours_.empty() ? 1.0 : hours_[static_cast<std::size_t>(hour_of_year % kHoursPerWeek)];
}

double LoadShape::peak() const { return hours_.empty() ? 1.0 : *std::max_element(hours_.begin(), hours_.end()); }

}  // namespace aifactory
