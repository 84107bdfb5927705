#include "models/llm/parameters.h"

namespace aifactory {
namespace {

double product(double a, double b) {
  return a * b;
}

// A compressor pools `compression` tokens into one cache entry with a value and a gate projection; where an indexer
// selects entries, neighbouring entries overlap and both projections are twice as wide (DeepSeek-V4, CSA and HCA).
double compressor_parameters(const LlmArchitecture& model, const LayerGroup& group, int width) {
  if (group.compression <= 1) {
    return 0.0;
  }
  const double overlap = group.sparse_top_k > 0 ? 2.0 : 1.0;
  return 2.0 * product(model.hidden, width) * overlap;
}

double indexer_parameters(const LlmArchitecture& model, const LayerGroup& group) {
  if (group.sparse_top_k == 0 || !group.own_indexer) {
    return 0.0;
  }
  const double query_input = model.q_lora_rank > 0 ? model.q_lora_rank : model.hidden;
  const double queries = query_input * product(model.index_heads, model.index_head_dim);
  const double weights = product(model.hidden, model.index_heads);
  const double keys = group.compression > 1 ? compressor_parameters(model, group, model.index_head_dim)
                                            : product(model.hidden, model.index_head_dim);
  return queries + weights + keys;
}

void add_grouped(const LlmArchitecture& model, const LayerGroup& group, LayerParameters& p) {
  const double heads = group_heads(model, group);
  const double kv_heads = group_kv_heads(model, group);
  const double key = group_head_dim(model, group);
  const double value = group_value_dim(model, group);
  const double hidden = model.hidden;
  if (model.q_lora_rank > 0) {
    p.attention += model.q_lora_rank * (hidden + heads * key);
    p.replicated += model.q_lora_rank * hidden;
  } else {
    p.attention += hidden * heads * key;
  }
  p.attention += hidden * kv_heads * (key + (group.shared_key_value ? 0.0 : value));
  if (model.attention_output_gate) {
    p.attention += hidden * heads * value;
  }
  if (model.o_lora_rank > 0) {
    p.attention += heads * value * model.o_lora_rank + product(model.o_groups, model.o_lora_rank) * hidden;
  } else {
    p.attention += heads * value * hidden;
  }
  const double compressor = compressor_parameters(model, group, group_head_dim(model, group));
  p.attention += compressor;
  p.replicated += compressor;
}

void add_latent(const LlmArchitecture& model, const LayerGroup& group, LayerParameters& p) {
  const double heads = group_heads(model, group);
  const double query = group_head_dim(model, group);
  const double hidden = model.hidden;
  if (model.q_lora_rank > 0) {
    p.attention += model.q_lora_rank * (hidden + heads * query);
    p.replicated += model.q_lora_rank * hidden;
  } else {
    p.attention += hidden * heads * query;
  }
  const double latent = hidden * (model.kv_lora_rank + model.rope_head_dim);
  p.attention += latent + model.kv_lora_rank * heads * (model.nope_head_dim + model.v_head_dim);
  p.replicated += latent;
  if (model.attention_output_gate) {
    p.attention += hidden * heads * model.v_head_dim;
  }
  p.attention += heads * model.v_head_dim * hidden;
}

// Queries, keys, values and output gate; one decay and one write strength per value head; a short convolution over
// queries, keys and values; output projection. State-space mixers name the same matrices C, B, x, z and dt.
void add_linear(const LlmArchitecture& model, LayerParameters& p) {
  const double keys = product(model.linear_key_heads, model.linear_key_dim);
  const double values = product(model.linear_value_heads, model.linear_value_dim);
  p.attention += model.hidden * (2.0 * keys + 2.0 * values + 2.0 * model.linear_value_heads);
  p.attention += model.linear_conv_kernel * (2.0 * keys + values);
  p.attention += values * model.hidden;
}

}  // namespace

int group_heads(const LlmArchitecture& model, const LayerGroup& group) {
  return group.heads > 0 ? group.heads : model.heads;
}

int group_kv_heads(const LlmArchitecture& model, const LayerGroup& group) {
  return group.kv_heads > 0 ? group.kv_heads : model.kv_heads;
}

int group_head_dim(const LlmArchitecture& model, const LayerGroup& group) {
  if (group.attention == AttentionKind::kLatent) {
    return model.nope_head_dim + model.rope_head_dim;
  }
  return group.head_dim > 0 ? group.head_dim : model.head_dim;
}

int group_value_dim(const LlmArchitecture& model, const LayerGroup& group) {
  if (group.head_dim > 0) {
    return group.head_dim;
  }
  return model.v_head_dim > 0 ? model.v_head_dim : model.head_dim;
}

double expert_parameters(const LlmArchitecture& model) {
  const double input = model.expert_latent > 0 ? model.expert_latent : model.hidden;
  return (model.gated_mlp ? 3.0 : 2.0) * input * model.expert_intermediate;
}

LayerParameters layer_parameters(const LlmArchitecture& model, const LayerGroup& group) {
  LayerParameters p;
  switch (group.attention) {
    case AttentionKind::kGrouped:
      add_grouped(model, group, p);
      break;
    case AttentionKind::kLatent:
      add_latent(model, group, p);
      break;
    case AttentionKind::kLinear:
      add_linear(model, p);
      break;
  }
  const double indexer = indexer_parameters(model, group);
  p.attention += indexer;
  p.replicated += indexer;
  p.norms = model.hidden;
  if (!group.feed_forward) {
    return p;
  }
  p.norms += model.hidden;
  const double matrices = model.gated_mlp ? 3.0 : 2.0;
  if (group.mixture) {
    p.routed_experts = model.experts * expert_parameters(model);
    p.expert_projections = 2.0 * product(model.hidden, model.expert_latent);
    p.shared_experts = matrices * model.hidden * product(model.shared_experts, model.shared_intermediate);
    p.router = product(model.hidden, model.experts);
  } else {
    p.dense_mlp = matrices * product(model.hidden, model.dense_intermediate);
  }
  return p;
}

ParameterCount count_parameters(const LlmArchitecture& model) {
  ParameterCount count;
  count.embedding = product(model.vocabulary, model.hidden);
  count.head = model.tied_embeddings ? 0.0 : count.embedding;
  const double active_experts = model.experts_per_token * expert_parameters(model);
  for (const LayerGroup& group : model.layers) {
    const LayerParameters layer = layer_parameters(model, group);
    const double routed = group.feed_forward && group.mixture ? active_experts : 0.0;
    count.layers += group.count * layer.total();
    count.active_layers += group.count * (layer.total() - layer.routed_experts + routed);
  }
  count.layers += model.hidden;
  count.active_layers += model.hidden;
  if (model.mtp_layers > 0 && !model.layers.empty()) {
    // A module is one more layer like the last kind, its norms, and a projection of hidden state and embedding to one.
    const LayerParameters layer = layer_parameters(model, model.layers.back());
    count.mtp = model.mtp_layers * (layer.total() + 2.0 * product(model.hidden, model.hidden) + 2.0 * model.hidden);
  }
  return count;
}

double active_matmul_parameters(const LlmArchitecture& model) {
  const ParameterCount count = count_parameters(model);
  double norms = model.hidden;
  for (const LayerGroup& group : model.layers) {
    norms += group.count * layer_parameters(model, group).norms;
  }
  return count.active_layers - norms + product(model.vocabulary, model.hidden);
}

Bytes weight_bytes(const LlmArchitecture& model, const NumericFormats& formats) {
  const ParameterCount count = count_parameters(model);
  double bytes = (count.embedding + count.head) * bytes_per_weight(formats.head) + 2.0 * model.hidden;
  for (const LayerGroup& group : model.layers) {
    const LayerParameters p = layer_parameters(model, group);
    const double dense = p.attention + p.dense_mlp + p.expert_projections + p.shared_experts;
    bytes += group.count * (dense * bytes_per_weight(formats.dense) +
                            p.routed_experts * bytes_per_weight(formats.experts) + 2.0 * (p.router + p.norms));
  }
  return Bytes(bytes);
}

}  // namespace aifactory
