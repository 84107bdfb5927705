// How a kernel is timed.
//
// Burst: after at least five launches and 20 ms of warm-up, a graph of `launches` nodes, one set of inputs after the
// other, is replayed some twenty times, each replay between two events; a sample is the time of a replay over its
// nodes. Sustained: the same graph back to back for at least a second; the first 0.3 s are dropped. Nothing is
// subtracted; the time of an empty graph is reported once for the run.
#pragma once

#include <vector>

#include "tools/probe/graph.h"
#include "tools/probe/kernel.h"

namespace aifactory::probe {

struct MeasureOptions {
  bool graph = true;  // else one call a launch on the stream
  double warm_up_s = 0.02;
  double burst_s = 0.12;  // device time of all replays of a burst, about
  int replays = 20;
  double sustained_s = 1.0;
  double dropped_s = 0.3;
};

struct Measurement {
  std::vector<double> seconds;    // of one launch, by sample
  double begin = 0.0, end = 0.0;  // steady seconds of the timed interval
  double launches = 0.0;          // within it
  int nodes = 0;                  // launches of a replay
  int sets = 0;                   // different sets of inputs among them
};

// How many launches a graph holds: at least 10 (2 when one takes over a tenth of the burst), every set once, and as
// many as make it last 50 us, so that the gap between replays does not matter.
int nodes_for(double seconds_per_launch, int copies, const MeasureOptions& options);

// options.replays, fewer (at least 5) when they would last over 0.4 s.
int replays_for(double seconds_per_replay, const MeasureOptions& options);

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
