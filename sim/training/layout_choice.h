// The fastest feasible training layout over an explicit enumeration.
#pragma once

#include <string>

#include "sim/training/step.h"

namespace aifactory {

struct TrainingLayoutRequest {
  TrainingSpec base;     // layout ignored except global_batch
  int accelerators = 0;  // at most this many are used
  int max_pipeline = 32;
};

struct TrainingLayoutChoice {
  bool feasible = false;
  std::string reason;  // with the numbers that decide it, when infeasible
  TrainingSpec spec;   // the winner
  StepBreakdown step;
  int accelerators_used = 0;
  int considered = 0;
};

// Tensor widths that divide the heads inside the scale-up domain, pipeline depths that divide the layers (one short
// stage allowed), virtual stages, context, expert widths, micro-batch 1 to 4, recompute none, selective and full, in
// increasing order of step time; data parallelism takes the rest.
TrainingLayoutChoice choose_training_layout(const TrainingLayoutRequest& request);

}  // namespace aifactory
