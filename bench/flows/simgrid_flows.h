// The same flows through SimGrid's CM02 fluid model with max-min sharing: cross traffic off, no latency, weights 1.
#pragma once

#include <vector>

#include "models/fabric/flow_set.h"

namespace aifactory::bench {

struct SimgridRun {
  std::vector<double> finish;  // s, by flow
  double build_cpu_s = 0.0;    // its platform
  double run_cpu_s = 0.0;      // its simulation
};

// Once per process: SimGrid's engine is a singleton.
SimgridRun run_simgrid(const FlowSet& flows);

}  // namespace aifactory::bench
