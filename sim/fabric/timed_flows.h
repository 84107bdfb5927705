// Flows over given routes while links fail, slow down and come back.
//
// A flow whose route has lost a link goes on at once over the first of its other routes that works, with what it had
// left, or waits for a repair. It stays where it is when a link returns. Latency delays a flow's start once. Dates are
// rounded to the nanosecond of the simulation's clock.
#pragma once

#include <cstdint>
#include <vector>

#include "models/fabric/flow_set.h"
#include "sim/fabric/flow_solver.h"

namespace aifactory {

struct LinkEvent {
  double at = 0.0;  // s
  std::uint32_t link = 0;
  double share = 1.0;  // of its capacity from then on; 0 = failed, 1 = repaired
};

struct TimedFlows {
  FlowSet flows;
  std::vector<std::vector<std::vector<std::uint32_t>>> otherwise;  // by flow: other routes, in order of preference
  std::vector<LinkEvent> events;
};

// Longest date that fits the clock with room to spare.
inline constexpr double kLongestTimedRun = 1e9;  // s

// A flow that waits for a link which never returns finishes at infinity. Throws std::invalid_argument for dates beyond
// kLongestTimedRun.
FlowTimes solve(const TimedFlows& timed);

}  // namespace aifactory
