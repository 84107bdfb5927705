#include "tools/probe/power_window.h"

#include <algorithm>

#include "tools/probe/statistics.h"

namespace aifactory::probe {
namespace {

std::optional<double> median_or_none(std::vector<double> values) {
  if (values.empty()) {
    return std::nullopt;
  }
  return median_of(std::move(values));
}

}  // namespace

WindowReading read_window(const std::vector<TimedReading>& series, double begin, double end) {
  WindowReading w;
  std::vector<double> sm;
  std::vector<double> mem;
  std::vector<std::pair<double, double>> power;   // time, watts
  std::vector<std::pair<double, double>> energy;  // time, joules
  for (const TimedReading& s : series) {
    if (s.at < begin || s.at > end) {
      continue;
    }
    ++w.samples;
    const NvmlReading& r = s.reading;
    if (r.sm_mhz) {
      sm.push_back(*r.sm_mhz);
    }
    if (r.mem_mhz) {
      mem.push_back(*r.mem_mhz);
    }
    if (r.temperature_c) {
      w.temperature_c = std::max(w.temperature_c.value_or(*r.temperature_c), *r.temperature_c);
    }
    if (r.power_w) {
      power.emplace_back(s.at, *r.power_w);
    }
    if (r.energy_j) {
      energy.emplace_back(s.at, *r.energy_j);
    }
    w.throttle |= r.throttle.value_or(0);
  }
  w.sm_mhz = median_or_none(std::move(sm));
  w.mem_mhz = median_or_none(std::move(mem));
  if (static_cast<int>(power.size()) >= kLeastSamples && power.back().first > power.front().first) {
    double joules = 0.0;
    for (std::size_t i = 1; i < power.size(); ++i) {
      joules += 0.5 * (power[i].second + power[i - 1].second) * (power[i].first - power[i - 1].first);
    }
    w.power_w = joules / (power.back().first - power.front().first);
  }
  if (static_cast<int>(energy.size()) >= kLeastSamples) {
    // The counter moves in steps of some 20 to 100 ms: between its first and its last step it is exact.
    const auto step = [&](std::size_t i) { return energy[i].second > energy[i - 1].second; };
    std::size_t first = 1;
    while (first < energy.size() && !step(first)) {
      ++first;
    }
    std::size_t last = energy.size() - 1;
    while (last > first && !step(last)) {
      --last;
    }
    if (last > first) {
      w.energy_j =
          (energy[last].second - energy[first].second) / (energy[last].first - energy[first].first) * (end - begin);
    }
  }
  return w;
}

}  // namespace aifactory::probe
