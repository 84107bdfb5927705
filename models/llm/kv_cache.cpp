#include "models/llm/kv_cache.h"

#include <algorithm>

#include "models/llm/parameters.h"

namespace aifactory {
namespace {

constexpr double kIndexerKeyBytes = 1.0;  // fp8 keys, DeepSeek-V3.2 (DeepSeek-AI 2025)
constexpr double kStateBytes = 4.0;       // fp32 recurrent state, as published configs set
constexpr double kConvolutionBytes = 2.0;

double compression_of(const LayerGroup& group) {
  return std::max(1, group.compression);
}

// One uncompressed cache entry of one layer, in bytes.
double entry_bytes(const LlmArchitecture& model, const LayerGroup& group, Precision kv) {
  switch (group.attention) {
    case AttentionKind::kGrouped: {
      const double key = group_head_dim(model, group);
      const double value = group.shared_key_value ? 0.0 : group_value_dim(model, group);
      return group_kv_heads(model, group) * (key + value) * bytes_per_element(kv);
    }
    case AttentionKind::kLatent:
      return (model.kv_lora_rank + model.rope_head_dim) * bytes_per_element(kv);
    case AttentionKind::kLinear:
      return 0.0;
  }
  return 0.0;
}

double indexer_entry_bytes(const LlmArchitecture& model, const LayerGroup& group) {
  return group.sparse_top_k > 0 && group.own_indexer ? model.index_head_dim * kIndexerKeyBytes : 0.0;
}

double convolution_elements(const LlmArchitecture& model) {
  const double keys = static_cast<double>(model.linear_key_heads) * model.linear_key_dim;
  const double values = static_cast<double>(model.linear_value_heads) * model.linear_value_dim;
  return std::max(0, model.linear_conv_kernel - 1) * (2.0 * keys + values);
}

double recurrent_elements(const LlmArchitecture& model) {
  if (model.linear_state_elements > 0) {
    return model.linear_state_elements;
  }
  return static_cast<double>(model.linear_value_heads) * model.linear_key_dim * model.linear_value_dim;
}

// Sum over p = 1..n of min(p, cap), exact for whole n and cap.
double capped_sum(double n, double cap) {
  const double m = std::min(n, cap);
  return m * (m + 1.0) / 2.0 + (n - m) * cap;
}

}  // namespace

BytesPerToken kv_bytes_per_token(const LlmArchitecture& model, const LayerGroup& group, Precision kv) {
  const double entry = entry_bytes(model, group, kv) + indexer_entry_bytes(model, group);
  return BytesPerToken(entry / compression_of(group));
}

double linear_state_elements(const LlmArchitecture& model) {
  return recurrent_elements(model) + convolution_elements(model);
}

Bytes layer_cache_bytes(const LlmArchitecture& model, const LayerGroup& group, double tokens, Precision kv) {
  if (group.attention == AttentionKind::kLinear) {
    return Bytes(recurrent_elements(model) * kStateBytes + convolution_elements(model) * kConvolutionBytes);
  }
  const double entry = entry_bytes(model, group, kv);
  if (group.compression > 1) {
    const double recent = entry * std::min(tokens, static_cast<double>(group.window));
    return Bytes(recent + kv_bytes_per_token(model, group, kv).value() * tokens);
  }
  const double kept = group.window > 0 ? std::min(tokens, static_cast<double>(group.window)) : tokens;
  return Bytes(entry * kept + indexer_entry_bytes(model, group) * tokens);
}

Bytes sequence_cache_bytes(const LlmArchitecture& model, double tokens, Precision kv) {
  return sequence_cache_bytes_per_rank(model, tokens, kv, 1);
}

Bytes sequence_cache_bytes_per_rank(const LlmArchitecture& model, double tokens, Precision kv, int tensor_parallel) {
  Bytes total{};
  for (const LayerGroup& group : model.layers) {
    double share = 1.0;
    if (group.attention == AttentionKind::kGrouped) {
      share = 1.0 / std::min(tensor_parallel, std::max(1, group_kv_heads(model, group)));
    } else if (group.attention == AttentionKind::kLinear) {
      share = 1.0 / std::min(tensor_parallel, std::max(1, model.linear_value_heads));
    }
    total += layer_cache_bytes(model, group, tokens, kv) * (share * group.count);
  }
  return total;
}

BytesPerToken cache_growth(const LlmArchitecture& model, Precision kv) {
  BytesPerToken total{};
  for (const LayerGroup& group : model.layers) {
    const bool windowed = group.window > 0 && group.compression <= 1;
    if (!windowed) {
      total += kv_bytes_per_token(model, group, kv) * static_cast<double>(group.count);
    } else {
      total += BytesPerToken(indexer_entry_bytes(model, group) * group.count);
    }
  }
  return total;
}

double attended_tokens(const LayerGroup& group, double context) {
  if (group.attention == AttentionKind::kLinear) {
    return 0.0;
  }
  if (group.compression > 1) {
    double older = context / compression_of(group);
    if (group.sparse_top_k > 0) {
      older = std::min(older, static_cast<double>(group.sparse_top_k));
    }
    return std::min(context, static_cast<double>(group.window)) + older;
  }
  double entries = context;
  if (group.window > 0) {
    entries = std::min(entries, static_cast<double>(group.window));
  }
  if (group.sparse_top_k > 0) {
    entries = std::min(entries, static_cast<double>(group.sparse_top_k));
  }
  return entries;
}

double mean_attended_tokens(const LayerGroup& group, double new_tokens, double past_tokens) {
  if (group.attention == AttentionKind::kLinear || new_tokens <= 0.0) {
    return 0.0;
  }
  const double end = past_tokens + new_tokens;
  const auto mean_capped = [&](double cap) {
    return (capped_sum(end, cap) - capped_sum(past_tokens, cap)) / new_tokens;
  };
  if (group.compression > 1) {
    const double compression = compression_of(group);
    const double selected = group.sparse_top_k > 0 ? group.sparse_top_k * compression : end;
    return mean_capped(group.window) + mean_capped(selected) / compression;
  }
  double cap = end;
  if (group.window > 0) {
    cap = std::min(cap, static_cast<double>(group.window));
  }
  if (group.sparse_top_k > 0) {
    cap = std::min(cap, static_cast<double>(group.sparse_top_k));
  }
  return mean_capped(cap);
}

}  // namespace aifactory
