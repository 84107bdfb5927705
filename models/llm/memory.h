// Memory of one accelerator: what training and serving keep resident, and whether it fits.
#pragma once

#include <string>

#include "models/llm/architecture.h"
#include "models/llm/formats.h"
#include "models/llm/layout.h"
#include "models/units/quantity.h"

namespace aifactory {

// Bytes per parameter of mixed-precision training; defaults are Adam with fp32 master weights (Rajbhandari et al. 2020:
// 2 + 2 + 12), gradients accumulated in fp32 as Megatron-LM's distributed optimizer does.
struct TrainingState {
  double weight_bytes = 2.0;
  double gradient_bytes = 4.0;
  double optimizer_bytes = 12.0;  // master weight, first and second moment
};

struct TrainingFootprint {  // of the fullest pipeline stage
  Bytes weights{};
  Bytes gradients{};
  Bytes optimizer{};
  Bytes activations{};  // of the micro-batches in flight
  [[nodiscard]] Bytes total() const { return weights + gradients + optimizer + activations; }
};

// Activations per layer after Korthikanti et al. 2022, generalised to gated MLPs, grouped and latent attention and
// experts, without dropout. Fused attention keeps no score matrix. The schedule decides how many micro-batches are
// held: interleaved with virtual stages, else 1F1B.
TrainingFootprint training_footprint(const LlmArchitecture& model, const ParallelLayout& layout, double sequence_length,
                                     const TrainingState& state = {});

// Activation bytes that one layer keeps of one micro-batch on one accelerator.
Bytes layer_activation_bytes(const LlmArchitecture& model, const LayerGroup& group, const ParallelLayout& layout,
                             double sequence_length);

struct ServingFootprint {
  Bytes weights{};
  Bytes cache_per_sequence{};  // at the mean length asked for
  Bytes workspace{};           // activations of one step
};

// `sequence_tokens`: cached tokens of one sequence; `step_tokens`: tokens of the largest step (chunk plus decodes).
// What the framework takes besides (context, graphs, communication buffers) belongs in `usable_fraction` below.
ServingFootprint serving_footprint(const LlmArchitecture& model, const ParallelLayout& layout,
                                   const NumericFormats& formats, double sequence_tokens, double step_tokens);

struct Fit {
  bool fits = false;
  Bytes available{};
  Bytes needed{};
  std::string because;  // empty when it fits
};

// `usable_fraction` of the accelerator's memory is available to the framework.
Fit fits(const TrainingFootprint& footprint, Bytes capacity, double usable_fraction);
Fit fits(const ServingFootprint& footprint, double sequences, Bytes capacity, double usable_fraction);

// Sequences of that length one accelerator (times its tensor group) can cache beside the weights; zero if none.
double max_sequences(const ServingFootprint& footprint, Bytes capacity, double usable_fraction);

}  // namespace aifactory
