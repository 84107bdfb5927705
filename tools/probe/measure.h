// How a kernel is timed.
//
// Burst: after at least five launches and 20 ms of warm-up, a graph of `launches` nodes, one set of inputs after the
// other, is replayed some twenty times back to back, an event between two replays; a sample is the time of a replay
// over its nodes. Sustained: the same graph back to back for at least a second; the first 0.3 s are dropped. Nothing is
// subtracted; the time of an empty graph is reported once for the run.
#pragma once

#include <vector>

#include "tools/probe/graph.h"
#include "tools/probe/kernel.h"
#include "tools/probe/timing_plan.h"

namespace aifactory::probe {

struct Measurement {
  std::vector<double> seconds;    // of one launch, by sample
  double begin = 0.0, end = 0.0;  // steady seconds of the timed interval
  double launches = 0.0;          // within it
  int nodes = 0;                  // launches of a replay
  int sets = 0;                   // different sets of inputs among them
};

Measurement measure_burst(Kernel& kernel, const Stream& stream, const MeasureOptions& options);
Measurement measure_sustained(Kernel& kernel, const Stream& stream, const MeasureOptions& options);

// The time of the kernel while another stream copies without pause (`copier`, launched on its own stream).
struct Interference {
  Measurement alone, disturbed;
  bool covered = true;  // the copies outlasted the kernel in every sample
};
Interference measure_interference(Kernel& kernel, Kernel& copier, const Stream& stream, const Stream& other,
                                  const MeasureOptions& options);

// Median time of replaying a graph of one empty kernel.
double empty_graph_seconds(const Stream& stream);

}  // namespace aifactory::probe
