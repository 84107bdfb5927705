#include "tools/probe/timing_plan.h"

#include <algorithm>
#include <cmath>

namespace aifactory::probe {
namespace {

constexpr double kLeastReplay = 50e-6;  // seconds
constexpr int kLeastNodes = 10;
constexpr int kMostNodes = 2000;
constexpr int kMostSets = 512;
constexpr int kLeastReplays = 5;
constexpr double kMostBurst = 0.4;  // seconds of all replays

}  // namespace

int nodes_for(double seconds_per_launch, int copies, const MeasureOptions& options) {
  const double each = std::max(seconds_per_launch, 1e-7);
  const int most = static_cast<int>(std::clamp(options.burst_s / options.replays / each, 2.0, 1.0 * kMostNodes));
  const int least = static_cast<int>(std::ceil(kLeastReplay / each));
  return std::min(std::max({kLeastNodes, copies, std::min(least, kMostNodes)}),
                  std::max(most, std::min(copies, kMostSets)));
}

int replays_for(double seconds_per_replay, const MeasureOptions& options) {
  const double fitting = kMostBurst / std::max(seconds_per_replay, 1e-7);
  return static_cast<int>(
      std::clamp(fitting, 1.0 * kLeastReplays, std::max(1.0 * kLeastReplays, 1.0 * options.replays)));
}

}  // namespace aifactory::probe
