// How a model is spread over accelerators, and which spreads are possible.
#pragma once

#include <string>
#include <vector>

#include "models/llm/architecture.h"

namespace aifactory {

// Selective (Korthikanti et al. 2022): the attention core, norms and activation functions run again; their outputs that
// no matrix product needs are not kept. Full: the whole layer runs again from its input.
enum class Recompute { kNone, kSelective, kFull };

// Data-parallel sharding of training state (Rajbhandari et al. 2020): 0 replicates, 1 optimizer states, 2 also
// gradients, 3 also weights.
enum class ZeroStage { kNone = 0, kOptimizer = 1, kGradients = 2, kWeights = 3 };

// Accelerators of one model replica group: tensor x context x pipeline x data. Expert parallelism folds into
// tensor x context x data and never multiplies. Serving uses tensor (of attention), data (attention replicas that share
// experts), expert, expert_tensor and pipeline.
struct ParallelLayout {
  int tensor = 1;
  int pipeline = 1;
  int virtual_pipeline = 1;  // model chunks per pipeline rank
  int context = 1;
  int data = 1;
  int expert = 1;
  int expert_tensor = 1;
  double micro_batch = 1;         // sequences per micro-batch per data-parallel rank
  double global_batch = 1;        // sequences per step
  bool sequence_parallel = true;  // norms and residual stream split over tensor ranks
  ZeroStage zero = ZeroStage::kOptimizer;
  Recompute recompute = Recompute::kNone;

  [[nodiscard]] int accelerators() const { return tensor * pipeline * context * data; }
  [[nodiscard]] double micro_batches() const { return global_batch / (micro_batch * static_cast<double>(data)); }
};

// Every reason why the layout cannot run the model for training; empty when it can.
std::vector<std::string> training_layout_problems(const LlmArchitecture& model, const ParallelLayout& layout,
                                                  double sequence_length);

// The same for serving (micro-batching, virtual stages, context and optimizer fields must be left at one).
std::vector<std::string> serving_layout_problems(const LlmArchitecture& model, const ParallelLayout& layout);

}  // namespace aifactory
