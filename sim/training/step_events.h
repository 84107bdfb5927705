// One training step event by event on sim/engine: every stage runs its forwards and backwards in the schedule's order
// as their inputs arrive. Schedules "1f1b", "interleaved" and "gpipe".
#pragma once

#include <vector>

#include "sim/training/step.h"

namespace aifactory {

struct SimulatedStep {
  Seconds pipeline{};     // first forward to last backward
  double idle_share = 0;  // of the busiest stage's time
};

// `slowdown`: multiplies the times of each stage (size = stages, empty = all alike); one slow stage is a straggler.
SimulatedStep simulate_pipeline(const TrainingSpec& spec, const StageCost& cost,
                                const std::vector<double>& slowdown = {});

}  // namespace aifactory
