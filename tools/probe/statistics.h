// Medians and spread of samples.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace aifactory::probe {

struct Spread {
  double median = 0.0, p10 = 0.0, p90 = 0.0, mean = 0.0;
  double cv = 0.0;  // standard deviation over mean
  std::size_t n = 0;
};

// Quantiles by linear interpolation between order statistics. All zero when there are no samples.
Spread spread_of(std::vector<double> samples);

double median_of(std::vector<double> samples);  // 0 when there are none

// Median over configurations measured at least twice of |first - second| / their mean; `runs` is (configuration, time)
// in the order measured. Negative when nothing was measured twice.
double repeatability(const std::vector<std::pair<std::string, double>>& runs);

}  // namespace aifactory::probe
