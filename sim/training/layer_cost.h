// Cost of one micro-batch in one layer of each group, and in the embedding and head: what a stage is made of. Depends
// on the tensor, context and expert widths, the micro-batch and the recomputation, not on the pipeline or the data
// width.
#pragma once

#include <vector>

#include "models/llm/operator_cost.h"
#include "sim/training/step.h"

namespace aifactory {

// Sums of one list of operators.
struct PassCost {
  Seconds kernels{}, low{}, high{};       // without communication
  Seconds tensor{}, context{}, expert{};  // collectives as if nothing overlapped
  Seconds compute_busy{}, memory_busy{};
  Grade grade = Grade::kMeasured;

  PassCost& operator+=(const PassCost& other);
  [[nodiscard]] PassCost times(double factor) const;
  // Kernels and what the overlap leaves visible of the collectives.
  [[nodiscard]] Seconds visible(const StepOverlap& overlap) const;
};

struct LayerCosts {
  // Mean layer (groups weighted by their counts) and the layers' total count.
  PassCost forward, backward;  // recomputation belongs to backward
  double layers = 0;
  PassCost head_forward, head_backward;  // embedding and output projection together
};
LayerCosts layer_costs(const TrainingSpec& spec);

// The slowest stage's passage of one micro-batch.
StageCost stage_cost(const TrainingSpec& spec, const LayerCosts& layers);
StepBreakdown step_time(const TrainingSpec& spec, const LayerCosts& layers);

}  // namespace aifactory
