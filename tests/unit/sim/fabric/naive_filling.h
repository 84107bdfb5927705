// The oracle: max-min shares by the textbook, everything recomputed at every event. Slow, short and independent of the
// engine under test.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <vector>

#include "sim/fabric/flow_solver.h"

namespace aifactory::oracle {

inline constexpr double kInfinite = std::numeric_limits<double>::infinity();

// Rates of the active flows by progressive filling: raise all together, freeze those on the first link that fills.
inline std::vector<double> rates(const FlowSet& flows, const std::vector<bool>& active) {
  std::vector<double> rate(flows.size(), 0.0), room(flows.capacity);
  std::vector<bool> rising(active);
  for (;;) {
    std::vector<double> weight(flows.capacity.size(), 0.0);
    for (std::size_t f = 0; f < flows.size(); ++f) {
      for (const auto link : flows.route(f)) {
        weight[link] += rising[f] ? flows.weight_of(f) : 0.0;
      }
    }
    double level = kInfinite;
    std::size_t tightest = 0;
    for (std::size_t l = 0; l < weight.size(); ++l) {
      if (weight[l] > 0.0 && room[l] / weight[l] < level) {
        level = room[l] / weight[l];
        tightest = l;
      }
    }
    if (level == kInfinite) {
      return rate;
    }
    for (std::size_t f = 0; f < flows.size(); ++f) {
      const auto route = flows.route(f);
      if (rising[f] && std::find(route.begin(), route.end(), tightest) != route.end()) {
        rising[f] = false;
        rate[f] = level * flows.weight_of(f);
        for (const auto link : route) {
          room[link] = std::max(0.0, room[link] - rate[f]);
        }
      }
    }
  }
}

inline std::vector<double> finish_times(const FlowSet& flows) {
  std::vector<double> finish(flows.start), left(flows.bytes);
  std::vector<bool> active(flows.size(), false), done(flows.size(), false);
  for (std::size_t f = 0; f < flows.size(); ++f) {
    done[f] = flows.bytes[f] == 0.0 || flows.route(f).empty();
  }
  double now = 0.0;
  while (std::find(done.begin(), done.end(), false) != done.end()) {
    const std::vector<double> rate = rates(flows, active);
    double next = kInfinite;
    for (std::size_t f = 0; f < flows.size(); ++f) {
      if (active[f]) {
        next = std::min(next, now + left[f] / rate[f]);
      } else if (!done[f]) {
        next = std::min(next, flows.start[f]);
      }
    }
    for (std::size_t f = 0; f < flows.size(); ++f) {
      if (active[f]) {
        const double end = now + left[f] / rate[f];
        left[f] -= rate[f] * (next - now);
        if (end <= next * (1.0 + 1e-14)) {
          finish[f] = end;
          active[f] = false;
          done[f] = true;
        }
      } else if (!done[f] && flows.start[f] <= next) {
        active[f] = true;
      }
    }
    now = next;
  }
  return finish;
}

// Random flows with many ties on purpose: few capacities, few sizes, few weights, coinciding starts.
inline FlowSet random_flows(unsigned seed, std::size_t links, std::size_t count, bool ties, bool weighted) {
  std::mt19937 random(seed);
  const auto pick = [&](std::size_t n) { return std::uniform_int_distribution<std::size_t>(0, n - 1)(random); };
  FlowSet flows;
  for (std::size_t l = 0; l < links; ++l) {
    flows.capacity.push_back(ties ? 10.0 * static_cast<double>(1 + pick(3))
                                  : 5.0 + 0.01 * static_cast<double>(pick(4000)));
  }
  for (std::size_t f = 0; f < count; ++f) {
    std::vector<std::uint32_t> all(links);
    for (std::uint32_t l = 0; l < links; ++l) {
      all[l] = l;
    }
    std::shuffle(all.begin(), all.end(), random);
    all.resize(1 + pick(std::min<std::size_t>(links, 5)));
    const double bytes =
        ties ? 100.0 * static_cast<double>(1 + pick(2)) : 1.0 + static_cast<double>(pick(100000)) / 77.0;
    const double start = ties ? static_cast<double>(pick(3)) : static_cast<double>(pick(1000)) / 97.0;
    flows.add(all, bytes, start);
    if (weighted) {
      flows.weight.push_back(0.5 * static_cast<double>(1 + pick(4)));
    }
  }
  return flows;
}

}  // namespace aifactory::oracle
