#include "models/llm/memory.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <initializer_list>

#include "models/llm/kv_cache.h"
#include "models/llm/parameters.h"
#include "models/llm/pipeline_schedule.h"

namespace aifactory {
namespace {

constexpr double kElement = 2.0;  // activations are kept in bf16

// Parameters of one accelerator in the fullest stage, split by who shares them.
struct RankParameters {
  double dense = 0.0;    // replicated over data x context
  double experts = 0.0;  // replicated over the rest of tensor x context x data
};

double layers_on_stage(const LlmArchitecture& model, int pipeline) {
  return std::ceil(static_cast<double>(model.layer_count()) / pipeline);
}

// The attention and router part that tensor ranks do not split, the part they do.
double dense_on_rank(const LayerParameters& p, int tensor) {
  const double split = p.attention - p.replicated + p.dense_mlp + p.shared_experts + p.expert_projections;
  return split / tensor + p.replicated + p.router + p.norms;
}

RankParameters parameters_on_rank(const LlmArchitecture& model, const ParallelLayout& layout) {
  RankParameters rank;
  const double share = layers_on_stage(model, layout.pipeline) / model.layer_count();
  for (const LayerGroup& group : model.layers) {
    const LayerParameters p = layer_parameters(model, group);
    const double layers = group.count * share;
    rank.dense += layers * dense_on_rank(p, layout.tensor);
    rank.experts += layers * p.routed_experts / (layout.expert * layout.expert_tensor);
  }
  const ParameterCount count = count_parameters(model);
  const double table = layout.pipeline > 1 ? std::max(count.embedding, count.head) : count.embedding + count.head;
  rank.dense += table / layout.tensor;
  return rank;
}

double sharding(ZeroStage stage, ZeroStage from, double ranks) {
  return static_cast<int>(stage) >= static_cast<int>(from) ? ranks : 1.0;
}

double sum(std::initializer_list<double> values) {
  double total = 0.0;
  for (const double value : values) {
    total += value;
  }
  return total;
}

// Elements per token that attention keeps for its backward pass, all split over tensor ranks.
double attention_elements(const LlmArchitecture& model, const LayerGroup& group) {
  const double heads = group_heads(model, group);
  const double key = group_head_dim(model, group);
  const double value = group_value_dim(model, group);
  const double gate = model.attention_output_gate ? heads * value : 0.0;
  switch (group.attention) {
    case AttentionKind::kGrouped:
      return sum({heads * key, group_kv_heads(model, group) * (key + value), heads * value, gate,
                  static_cast<double>(model.q_lora_rank)});
    case AttentionKind::kLatent:
      return sum({static_cast<double>(model.q_lora_rank + model.kv_lora_rank + model.rope_head_dim),
                  heads * (2.0 * key + value), heads * value, gate});
    case AttentionKind::kLinear: {
      const double keys = static_cast<double>(model.linear_key_heads) * model.linear_key_dim;
      const double values = static_cast<double>(model.linear_value_heads) * model.linear_value_dim;
      return 2.0 * (2.0 * keys + values) + 2.0 * values;  // before and after the convolution, gate, output
    }
  }
  return 0.0;
}

// Gate and up (or up alone), and their product unless it is recomputed.
double mlp_elements(const LlmArchitecture& model, double width, bool keep_product) {
  return width * ((model.gated_mlp ? 2.0 : 1.0) + (keep_product ? 1.0 : 0.0));
}

}  // namespace

Bytes layer_activation_bytes(const LlmArchitecture& model, const LayerGroup& group, const ParallelLayout& layout,
                             double sequence_length) {
  const double tokens = layout.micro_batch * sequence_length / layout.context;
  const double hidden = model.hidden;
  const double tensor = layout.tensor;
  const double replicated_split = layout.sequence_parallel ? tensor : 1.0;
  if (layout.recompute == Recompute::kFull) {
    return Bytes(tokens * hidden * kElement / replicated_split);
  }
  const bool keep = layout.recompute == Recompute::kNone;
  const double blocks = group.feed_forward ? 2.0 : 1.0;
  // Each block keeps the input of its norm and, unless recomputed, the norm's output.
  double elements = blocks * hidden * (keep ? 2.0 : 1.0) / replicated_split;
  elements += attention_elements(model, group) / tensor;
  if (group.feed_forward && group.mixture) {
    const double input = model.expert_latent > 0 ? model.expert_latent : hidden;
    // Tokens spread over the expert ranks: each rank keeps its share of the copies, dispatched in and combined out.
    const double copies = model.experts_per_token / tensor;
    elements += copies * (2.0 * input + mlp_elements(model, model.expert_intermediate, keep));
    const double shared_width = static_cast<double>(model.shared_experts) * model.shared_intermediate;
    elements += mlp_elements(model, shared_width, keep) / tensor;
  } else if (group.feed_forward) {
    elements += mlp_elements(model, model.dense_intermediate, keep) / tensor;
  }
  return Bytes(tokens * elements * kElement);
}

TrainingFootprint training_footprint(const LlmArchitecture& model, const ParallelLayout& layout, double sequence_length,
                                     const TrainingState& state) {
  const RankParameters rank = parameters_on_rank(model, layout);
  const double dense_ranks = static_cast<double>(layout.data) * layout.context;
  const double expert_ranks =
      std::max(1.0, dense_ranks * layout.tensor / (static_cast<double>(layout.expert) * layout.expert_tensor));
  const auto held = [&](double bytes, ZeroStage from) {
    return Bytes(bytes * (rank.dense / sharding(layout.zero, from, dense_ranks) +
                          rank.experts / sharding(layout.zero, from, expert_ranks)));
  };
  TrainingFootprint footprint;
  footprint.weights = held(state.weight_bytes, ZeroStage::kWeights);
  footprint.gradients = held(state.gradient_bytes, ZeroStage::kGradients);
  footprint.optimizer = held(state.optimizer_bytes, ZeroStage::kOptimizer);

  const double share = layers_on_stage(model, layout.pipeline) / model.layer_count();
  Bytes per_micro_batch{};
  for (const LayerGroup& group : model.layers) {
    per_micro_batch += layer_activation_bytes(model, group, layout, sequence_length) * (group.count * share);
  }
  const PipelineShape shape{layout.pipeline, layout.virtual_pipeline, layout.micro_batches()};
  const PipelineSchedule* schedule = pipeline_schedule(layout.virtual_pipeline > 1 ? "interleaved" : "1f1b");
  footprint.activations = per_micro_batch * schedule->in_flight(shape);
  if (layout.pipeline == 1) {
    // Logits in bf16 and their fp32 gradient, split over the vocabulary.
    const double tokens = layout.micro_batch * sequence_length / layout.context;
    footprint.activations += Bytes(tokens * model.vocabulary / layout.tensor * (kElement + 4.0));
  }
  return footprint;
}

ServingFootprint serving_footprint(const LlmArchitecture& model, const ParallelLayout& layout,
                                   const NumericFormats& formats, double sequence_tokens, double step_tokens) {
  ServingFootprint footprint;
  const double share = layers_on_stage(model, layout.pipeline) / model.layer_count();
  const double dense_bytes = bytes_per_weight(formats.dense);
  double weights = 0.0;
  double widest = 0.0;
  for (const LayerGroup& group : model.layers) {
    const LayerParameters p = layer_parameters(model, group);
    const double layers = group.count * share;
    const double plain = p.router + p.norms;
    weights += layers * ((dense_on_rank(p, layout.tensor) - plain) * dense_bytes + plain * 2.0 +
                         p.routed_experts / (layout.expert * layout.expert_tensor) * bytes_per_weight(formats.experts));
    const double mlp = group.mixture ? static_cast<double>(model.shared_experts) * model.shared_intermediate
                                     : static_cast<double>(model.dense_intermediate);
    const double routed =
        group.mixture
            ? model.experts_per_token * (2.0 * model.hidden + mlp_elements(model, model.expert_intermediate, true))
            : 0.0;
    widest =
        std::max(widest, (attention_elements(model, group) + mlp_elements(model, mlp, true) + routed) / layout.tensor);
  }
  const ParameterCount count = count_parameters(model);
  const double table = layout.pipeline > 1 ? std::max(count.embedding, count.head) : count.embedding + count.head;
  weights += table / layout.tensor * bytes_per_weight(formats.head);
  footprint.weights = Bytes(weights);
  footprint.cache_per_sequence =
      sequence_cache_bytes_per_rank(model, sequence_tokens, formats.kv, layout.tensor) * share;
  footprint.workspace = Bytes(step_tokens * (3.0 * model.hidden + widest) * bytes_per_element(formats.activations));
  return footprint;
}

Fit fits(const TrainingFootprint& footprint, Bytes capacity, double usable_fraction) {
  Fit fit;
  fit.available = capacity * usable_fraction;
  fit.needed = footprint.total();
  fit.fits = fit.needed <= fit.available;
  if (!fit.fits) {
    constexpr double kGiga = 1e9;
    fit.because = fmt::format(
        "training needs {:.1f} GB per accelerator (weights {:.1f}, gradients {:.1f}, optimizer {:.1f}, activations "
        "{:.1f}), {:.1f} GB are usable",
        fit.needed.value() / kGiga, footprint.weights.value() / kGiga, footprint.gradients.value() / kGiga,
        footprint.optimizer.value() / kGiga, footprint.activations.value() / kGiga, fit.available.value() / kGiga);
  }
  return fit;
}

Fit fits(const ServingFootprint& footprint, double sequences, Bytes capacity, double usable_fraction) {
  Fit fit;
  fit.available = capacity * usable_fraction;
  fit.needed = footprint.weights + footprint.workspace + footprint.cache_per_sequence * sequences;
  fit.fits = fit.needed <= fit.available;
  if (!fit.fits) {
    constexpr double kGiga = 1e9;
    fit.because = fmt::format(
        "serving needs {:.1f} GB per accelerator (weights {:.1f}, workspace {:.1f}, cache of {:.0f} sequences {:.1f}), "
        "{:.1f} GB are usable",
        fit.needed.value() / kGiga, footprint.weights.value() / kGiga, footprint.workspace.value() / kGiga, sequences,
        footprint.cache_per_sequence.value() * sequences / kGiga, fit.available.value() / kGiga);
  }
  return fit;
}

double max_sequences(const ServingFootprint& footprint, Bytes capacity, double usable_fraction) {
  const Bytes left = capacity * usable_fraction - footprint.weights - footprint.workspace;
  if (left.value() <= 0.0 || footprint.cache_per_sequence.value() <= 0.0) {
    return 0.0;
  }
  return left / footprint.cache_per_sequence;
}

}  // namespace aifactory
