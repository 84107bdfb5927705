// How long a measurement lasts: launches in a graph, replays of it.
#pragma once

namespace aifactory::probe {

struct MeasureOptions {
  bool graph = true;  // else one call a launch on the stream
  double warm_up_s = 0.02;
  double burst_s = 0.12;  // device time of all replays of a burst, about
  int replays = 20;
  double sustained_s = 1.0;
  double dropped_s = 0.3;
};

// How many launches a graph holds: at least 10 (2 when one takes over a tenth of the burst), every set once, and as
// many as make it last 50 us, so that the gap between replays does not matter.
int nodes_for(double seconds_per_launch, int copies, const MeasureOptions& options);

// options.replays, fewer (at least 5) when they would last over 0.4 s.
int replays_for(double seconds_per_replay, const MeasureOptions& options);

}  // namespace aifactory::probe
