#include "models/llm/flops.h"

#include <algorithm>

#include "models/llm/kv_cache.h"
#include "models/llm/parameters.h"

namespace aifactory {
namespace {

// Per state element and token: decay (1), rank-one update (2), read of the key for the delta rule or of the skip (1),
// read by the query (2).
constexpr double kLinearFlopsPerStateElement = 6.0;

double head_parameters(const LlmArchitecture& model) {
  return static_cast<double>(model.vocabulary) * model.hidden;
}

// Attention and indexer of all layers for one token, given what it attends to and what the indexer scans.
template <class Attended>
double mixing_flops(const LlmArchitecture& model, double context, Attended attended) {
  double flops = 0.0;
  for (const LayerGroup& group : model.layers) {
    const double layer =
        attention_flops(model, group, attended(group)).value() + indexer_flops(model, group, context).value();
    flops += group.count * layer;
  }
  return flops;
}

}  // namespace

Flops attention_flops(const LlmArchitecture& model, const LayerGroup& group, double entries) {
  switch (group.attention) {
    case AttentionKind::kGrouped:
    case AttentionKind::kLatent: {
      const double widths = group_head_dim(model, group) + group_value_dim(model, group);
      return Flops(2.0 * group_heads(model, group) * widths * entries);
    }
    case AttentionKind::kLinear: {
      const double window = std::max(0, model.linear_conv_kernel - 1);
      const double keys = static_cast<double>(model.linear_key_heads) * model.linear_key_dim;
      const double values = static_cast<double>(model.linear_value_heads) * model.linear_value_dim;
      const double state = linear_state_elements(model) - window * (2.0 * keys + values);
      return Flops(kLinearFlopsPerStateElement * state);
    }
  }
  return Flops{};
}

Flops indexer_flops(const LlmArchitecture& model, const LayerGroup& group, double context) {
  if (group.sparse_top_k == 0 || !group.own_indexer) {
    return Flops{};
  }
  const double entries = context / std::max(1, group.compression);
  return Flops(2.0 * model.index_heads * model.index_head_dim * entries);
}

Flops forward_flops_per_token(const LlmArchitecture& model, double context) {
  const double mixing =
      mixing_flops(model, context, [&](const LayerGroup& group) { return attended_tokens(group, context); });
  return Flops(2.0 * active_matmul_parameters(model) + mixing);
}

Flops forward_flops(const LlmArchitecture& model, double new_tokens, double past_tokens, bool all_logits) {
  if (new_tokens <= 0.0) {
    return Flops{};
  }
  const double mean_context = past_tokens + (new_tokens + 1.0) / 2.0;
  const double mixing = mixing_flops(model, mean_context, [&](const LayerGroup& group) {
    return mean_attended_tokens(group, new_tokens, past_tokens);
  });
  const double head = head_parameters(model);
  const double logits = all_logits ? new_tokens : 1.0;
  return Flops(new_tokens * (2.0 * (active_matmul_parameters(model) - head) + mixing) + logits * 2.0 * head);
}

Flops training_flops_per_token(const LlmArchitecture& model, double sequence_length) {
  return forward_flops(model, sequence_length, 0.0, true) * (3.0 / sequence_length);
}

}  // namespace aifactory
