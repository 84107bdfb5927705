#include <algorithm>

#include "models/llm/kv_cache.h"
#include "models/llm/operator_list.h"
#include "models/llm/parameters.h"

namespace aifactory::detail {
namespace {

// Heads on one tensor rank; fewer key-value heads than ranks are replicated.
int heads_on_rank(int heads, int tensor) {
  return std::max(1, heads / tensor);
}

double sequences(const StepWork& work) {
  return work.prefill_sequences > 0 ? work.prefill_sequences : work.decode_sequences;
}

double new_per_sequence(const StepWork& work) {
  return work.prefill_sequences > 0 ? work.prefill_tokens / work.prefill_sequences : work.decode_tokens;
}

// Per-tensor and 16-element scales are applied by the norm, activation or attention kernel that writes the operand
// (TensorRT-LLM, vLLM's compile passes, Transformer Engine); 128-wide blocks take a pass of their own (DeepGEMM's
// callers).
Quantisation quantisation(GemmFormat format) {
  return format == GemmFormat::kFp8Block ? Quantisation::kStandalone : Quantisation::kFused;
}

double past_per_sequence(const StepWork& work) {
  return work.prefill_sequences > 0 ? work.prefill_past : work.decode_context;
}

}  // namespace

void OperatorList::gemm(Role role, double m, double n, double k, GemmFormat format) {
  calls_.push_back({role, GemmShape{m, n, k, format, quantisation(format)}, 1.0});
}

void OperatorList::stream(Role role, StreamKind kind, double elements) {
  calls_.push_back({role, StreamCall{kind, Bytes(elements * bytes_per_element(formats_.activations))}, 1.0});
}

void OperatorList::collective(Role role, Collective operation, double elements, Group group, int ranks,
                              double element_bytes) {
  if (ranks > 1) {
    calls_.push_back({role, CollectiveCall{operation, Bytes(elements * element_bytes), group, ranks}, 1.0});
  }
}

void OperatorList::enter_block(Role role, const LayerWork& work) {
  if (work.training && layout_.sequence_parallel) {
    collective(role, Collective::kAllGather, work.tokens * model_.hidden, Group::kTensor, layout_.tensor,
               bytes_per_element(formats_.activations));
  }
}

void OperatorList::leave_block(Role role, const LayerWork& work) {
  const bool split = work.training && layout_.sequence_parallel;
  collective(role, split ? Collective::kReduceScatter : Collective::kAllReduce, work.tokens * model_.hidden,
             Group::kTensor, layout_.tensor, bytes_per_element(formats_.activations));
}

void OperatorList::add_attention(const LayerWork& work) {
  const double split = work.training && layout_.sequence_parallel ? layout_.tensor : 1.0;
  stream(Role::kNorm, StreamKind::kNorm, 4.0 * work.tokens * model_.hidden / split);  // residual added in the same pass
  enter_block(Role::kAttentionCommunication, work);
  switch (group_.attention) {
    case AttentionKind::kGrouped:
      grouped_projections(work.tokens);
      context_exchange(work);
      for (const StepWork& part : work.attention) {
        attention_core(part, work);
      }
      output_projection(work.tokens);
      break;
    case AttentionKind::kLatent:
      latent_projections(work);
      context_exchange(work);
      for (const StepWork& part : work.attention) {
        latent_core(part, work);
      }
      output_projection(work.tokens);
      break;
    case AttentionKind::kLinear:
      linear_mixer(work);
      break;
  }
  leave_block(Role::kAttentionCommunication, work);
}

void OperatorList::grouped_projections(double tokens) {
  const int heads = heads_on_rank(group_heads(model_, group_), layout_.tensor);
  const int kv_heads = heads_on_rank(group_kv_heads(model_, group_), layout_.tensor);
  const double key = group_head_dim(model_, group_);
  const double value = group_value_dim(model_, group_);
  const double queries = heads * key;
  const double gate = model_.attention_output_gate ? heads * value : 0.0;
  const double keys_values = kv_heads * (key + (group_.shared_key_value ? 0.0 : value));
  const double pooled = group_.compression > 1 ? 2.0 * key * (group_.sparse_top_k > 0 ? 2.0 : 1.0) : 0.0;
  if (model_.q_lora_rank > 0) {
    gemm(Role::kAttentionProjection, tokens, model_.q_lora_rank + keys_values + pooled, model_.hidden, formats_.dense);
    gemm(Role::kAttentionProjection, tokens, queries + gate, model_.q_lora_rank, formats_.dense);
  } else {
    gemm(Role::kAttentionProjection, tokens, queries + gate + keys_values + pooled, model_.hidden, formats_.dense);
  }
  stream(Role::kAttentionProjection, StreamKind::kElementwise, 2.0 * tokens * (queries + keys_values));  // rope, cache
}

void OperatorList::latent_projections(const LayerWork& work) {
  const double heads = heads_on_rank(group_heads(model_, group_), layout_.tensor);
  const double queries = heads * group_head_dim(model_, group_);
  const double gate = model_.attention_output_gate ? heads * model_.v_head_dim : 0.0;
  const double latent = model_.kv_lora_rank + model_.rope_head_dim;
  if (model_.q_lora_rank > 0) {
    gemm(Role::kAttentionProjection, work.tokens, model_.q_lora_rank + latent, model_.hidden, formats_.dense);
    gemm(Role::kAttentionProjection, work.tokens, queries, model_.q_lora_rank, formats_.dense);
  } else {
    gemm(Role::kAttentionProjection, work.tokens, queries + latent, model_.hidden, formats_.dense);
  }
  if (gate > 0.0) {
    gemm(Role::kAttentionProjection, work.tokens, gate, model_.hidden, formats_.dense);
  }
  stream(Role::kAttentionProjection, StreamKind::kElementwise, 2.0 * work.tokens * (queries + latent));
}

void OperatorList::output_projection(double tokens) {
  const double heads = heads_on_rank(group_heads(model_, group_), layout_.tensor);
  const double values = heads * group_value_dim(model_, group_);
  if (model_.attention_output_gate) {
    stream(Role::kAttentionProjection, StreamKind::kElementwise, 3.0 * tokens * values);
  }
  if (model_.o_lora_rank > 0) {
    const double groups = std::max(1.0, static_cast<double>(model_.o_groups) / layout_.tensor);
    gemm(Role::kAttentionProjection, tokens, groups * model_.o_lora_rank, values / groups, formats_.dense);
    gemm(Role::kAttentionProjection, tokens, model_.hidden, groups * model_.o_lora_rank, formats_.dense);
  } else {
    gemm(Role::kAttentionProjection, tokens, model_.hidden, values, formats_.dense);
  }
}

void OperatorList::attention_core(const StepWork& work, const LayerWork& layer) {
  if (group_.compression > 1 || group_.shared_key_value) {
    indexer(work);
    selected_core(work);
    return;
  }
  indexer(work);
  AttentionShape shape;
  shape.batch = sequences(work);
  shape.new_tokens = new_per_sequence(work);
  shape.past_tokens = past_per_sequence(work);
  shape.heads = heads_on_rank(group_heads(model_, group_), layout_.tensor);
  shape.kv_heads = heads_on_rank(group_kv_heads(model_, group_), layout_.tensor);
  shape.head_dim = (group_head_dim(model_, group_) + group_value_dim(model_, group_)) / 2;
  // A selection of k entries costs what a window of k does.
  shape.window = group_.window > 0 ? group_.window : group_.sparse_top_k;
  shape.kv = layer.training ? formats_.activations : formats_.kv;
  calls_.push_back({Role::kAttention, shape, 1.0});
}

void OperatorList::latent_core(const StepWork& work, const LayerWork& layer) {
  const double heads = heads_on_rank(group_heads(model_, group_), layout_.tensor);
  const double tokens = sequences(work) * new_per_sequence(work);
  indexer(work);
  const bool prefill = layer.training || work.prefill_sequences > 0;
  if (prefill && group_.sparse_top_k == 0) {
    // Keys and values of every token, cached ones included, are expanded from their latents: a cost of the context.
    const double expanded = tokens + sequences(work) * past_per_sequence(work);
    const double widths = model_.nope_head_dim + model_.v_head_dim;
    gemm(Role::kAttention, layer.training ? tokens : expanded, heads * widths, model_.kv_lora_rank,
         formats_.dense);
    if (layer.training) {
      AttentionShape shape;
      shape.batch = sequences(work);
      shape.new_tokens = new_per_sequence(work);
      shape.past_tokens = past_per_sequence(work);
      shape.heads = shape.kv_heads = static_cast<int>(heads);
      shape.head_dim = (group_head_dim(model_, group_) + model_.v_head_dim) / 2;
      shape.kv = formats_.activations;
      calls_.push_back({Role::kAttention, shape, 1.0});
      return;
    }
  } else {
    // Absorbed: queries move into the latent space, results out of it; prefill has the expansion instead.
    gemm(Role::kAttention, tokens, heads * model_.kv_lora_rank, model_.nope_head_dim, formats_.dense);
    gemm(Role::kAttention, tokens, heads * model_.v_head_dim, model_.kv_lora_rank, formats_.dense);
  }
  if (group_.sparse_top_k > 0) {
    selected_core(work);
    return;
  }
  LatentAttentionShape shape;
  shape.batch = sequences(work);
  shape.new_tokens = new_per_sequence(work);
  shape.past_tokens = past_per_sequence(work);
  shape.heads = static_cast<int>(heads);
  shape.latent_dim = model_.kv_lora_rank;
  shape.rope_dim = model_.rope_head_dim;
  shape.head_dim = model_.v_head_dim;
  shape.kv = formats_.kv;
  calls_.push_back({Role::kAttention, shape, 1.0});
}

// Every query gathers its own entries, so each is a sequence of its own with one new token.
void OperatorList::selected_core(const StepWork& work) {
  LatentAttentionShape shape;
  const double tokens = new_per_sequence(work);
  shape.batch = sequences(work) * tokens;
  shape.new_tokens = 1.0;
  shape.past_tokens = mean_attended_tokens(group_, tokens, past_per_sequence(work));
  shape.heads = heads_on_rank(group_heads(model_, group_), layout_.tensor);
  if (group_.attention == AttentionKind::kLatent) {
    shape.latent_dim = model_.kv_lora_rank;
    shape.rope_dim = model_.rope_head_dim;
  } else {
    shape.rope_dim = std::max(1, model_.rope_head_dim);
    shape.latent_dim = group_head_dim(model_, group_) - shape.rope_dim;
  }
  shape.kv = formats_.kv;
  calls_.push_back({Role::kAttention, shape, 1.0});
}

// Small queries against one key per entry, then the largest scores. The scan is attention without values: a head of
// half the width does the same arithmetic and reads the same bytes.
void OperatorList::indexer(const StepWork& work) {
  if (group_.sparse_top_k == 0 || !group_.own_indexer) {
    return;
  }
  const double tokens = sequences(work) * new_per_sequence(work);
  const double input = model_.q_lora_rank > 0 ? model_.q_lora_rank : model_.hidden;
  const double compression = std::max(1, group_.compression);
  gemm(Role::kIndexer, tokens, static_cast<double>(model_.index_heads) * model_.index_head_dim, input, formats_.dense);
  gemm(Role::kIndexer, tokens, model_.index_head_dim * (group_.compression > 1 ? 4.0 : 1.0) + model_.index_heads,
       model_.hidden, formats_.dense);
  AttentionShape scan;
  scan.batch = sequences(work);
  scan.new_tokens = new_per_sequence(work);
  scan.past_tokens = past_per_sequence(work);
  scan.heads = model_.index_heads;
  scan.kv_heads = 1;
  scan.head_dim = std::max(1, model_.index_head_dim / 2);
  scan.kv = Precision::kFp8;
  calls_.push_back({Role::kIndexer, scan, 1.0 / compression});
  const double scanned = past_per_sequence(work) + (new_per_sequence(work) + 1.0) / 2.0;
  const double scores = tokens * scanned / compression;
  calls_.push_back({Role::kIndexer, StreamCall{StreamKind::kElementwise, Bytes(2.0 * 4.0 * scores)}, 1.0});
}

void OperatorList::linear_mixer(const LayerWork& work) {
  const double tensor = std::min(layout_.tensor, std::max(1, model_.linear_value_heads));
  const double keys = static_cast<double>(model_.linear_key_heads) * model_.linear_key_dim / tensor;
  const double values = static_cast<double>(model_.linear_value_heads) * model_.linear_value_dim / tensor;
  const double state =
      static_cast<double>(model_.linear_value_heads) * model_.linear_key_dim * model_.linear_value_dim / tensor;
  gemm(Role::kAttentionProjection, work.tokens, 2.0 * keys + 2.0 * values + 2.0 * model_.linear_value_heads / tensor,
       model_.hidden, formats_.dense);
  stream(Role::kLinearMixer, StreamKind::kElementwise, 2.0 * work.tokens * (2.0 * keys + values));  // convolution
  for (const StepWork& part : work.attention) {
    const double tokens = sequences(part) * new_per_sequence(part);
    if (part.prefill_sequences > 0 || work.training) {
      // Chunked form: six FLOPs per state element and token as matrix products.
      gemm(Role::kLinearMixer, tokens, values, 3.0 * model_.linear_key_dim, GemmFormat::kBf16);
    }
    // The fp32 state is read and written once per chunk of 64 tokens, once per step in decode.
    const double passes = sequences(part) * std::max(1.0, new_per_sequence(part) / 64.0);
    const Bytes traffic(2.0 * 4.0 * passes * state);
    calls_.push_back({Role::kLinearMixer, StreamCall{StreamKind::kElementwise, traffic}, 1.0});
  }
  stream(Role::kLinearMixer, StreamKind::kNorm, 3.0 * work.tokens * values);  // gated norm of the output
  gemm(Role::kAttentionProjection, work.tokens, model_.hidden, values, formats_.dense);
}

// Context parallelism gathers the keys and values (or latents) of the whole sequence.
void OperatorList::context_exchange(const LayerWork& work) {
  if (!work.training || layout_.context == 1) {
    return;
  }
  double width = 0.0;
  if (group_.attention == AttentionKind::kLatent) {
    width = model_.kv_lora_rank + model_.rope_head_dim;
  } else {
    const double kv_heads = heads_on_rank(group_kv_heads(model_, group_), layout_.tensor);
    width = kv_heads * (group_head_dim(model_, group_) + group_value_dim(model_, group_));
  }
  collective(Role::kAttentionCommunication, Collective::kAllGather, layout_.micro_batch * work.sequence_length * width,
             Group::kContext, layout_.context, bytes_per_element(formats_.activations));
}

}  // namespace aifactory::detail
