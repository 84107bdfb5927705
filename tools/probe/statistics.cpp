#include "tools/probe/statistics.h"

#include <algorithm>
#include <cmath>
#include <map>

namespace aifactory::probe {
namespace {

double quantile(const std::vector<double>& sorted, double q) {
  const double at = q * static_cast<double>(sorted.size() - 1);
  const auto low = static_cast<std::size_t>(at);
  const std::size_t high = std::min(low + 1, sorted.size() - 1);
  return sorted[low] + (sorted[high] - sorted[low]) * (at - static_cast<double>(low));
}

}  // namespace

Spread spread_of(std::vector<double> samples) {
  Spread s;
  s.n = samples.size();
  if (samples.empty()) {
    return s;
  }
  std::sort(samples.begin(), samples.end());
  s.median = quantile(samples, 0.5);
  s.p10 = quantile(samples, 0.1);
  s.p90 = quantile(samples, 0.9);
  for (const double x : samples) {
    s.mean += x / static_cast<double>(samples.size());
  }
  double squares = 0.0;
  for (const double x : samples) {
    squares += (x - s.mean) * (x - s.mean);
  }
  if (samples.size() > 1 && s.mean > 0.0) {
    s.cv = std::sqrt(squares / static_cast<double>(samples.size() - 1)) / s.mean;
  }
  return s;
}

double median_of(std::vector<double> samples) {
  return spread_of(std::move(samples)).median;
}

double repeatability(const std::vector<std::pair<std::string, double>>& runs) {
  std::map<std::string, std::vector<double>> by_key;
  for (const auto& [key, time] : runs) {
    by_key[key].push_back(time);
  }
  std::vector<double> errors;
  for (const auto& [key, times] : by_key) {
    if (times.size() >= 2 && times[0] + times[1] > 0.0) {
      errors.push_back(std::abs(times[0] - times[1]) / (0.5 * (times[0] + times[1])));
    }
  }
  return errors.empty() ? -1.0 : median_of(std::move(errors));
}

}  // namespace aifactory::probe
