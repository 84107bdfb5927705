// Completion times of explicit flows over links shared max-min fairly: the fluid limit of congestion-controlled
// traffic.
//
// Assumptions: a flow takes its fair share at once and all along its route; latency is a delay before the first byte
// (put it into start); packets, queues and losses are not modelled. Good for bulk transfers; incast losses and
// hash-dependent transients are outside its range.
#pragma once

#include <cstdint>
#include <vector>

#include "models/fabric/flow_set.h"

namespace aifactory {

struct FlowTimes {
  std::vector<double> finish;  // s, by flow
  double makespan = 0.0;       // s, the latest
  // Work: instants at which shares changed, levels of links found, flows that changed bottleneck.
  std::uint64_t events = 0, levels_solved = 0, flows_moved = 0;
};

// Requires problems_of(flows) to be empty.
FlowTimes solve(const FlowSet& flows);

// The same through classes of flows that behave alike (models/fabric/symmetry.h): cost follows the number of different
// flows. `events` and the other counts are those of the classes.
FlowTimes solve_by_classes(const FlowSet& flows);

// For each link, whether it can ever bind: a link is dropped when links that remain and that together carry all of its
// flows have no more capacity than it has. Dropping it leaves every rate unchanged.
std::vector<bool> binding_links(const FlowSet& flows);

}  // namespace aifactory
