// Published architectures built by hand, for tests below the catalogue.
#pragma once

#include "models/llm/architecture.h"

namespace aifactory::testing {

inline LayerGroup layers(int count, AttentionKind attention = AttentionKind::kGrouped, bool mixture = false) {
  LayerGroup group;
  group.count = count;
  group.attention = attention;
  group.mixture = mixture;
  return group;
}

inline LlmArchitecture llama_70b() {
  LlmArchitecture m;
  m.id = "llama-3.1-70b";
  m.hidden = 8192;
  m.vocabulary = 128256;
  m.layers = {layers(80)};
  m.heads = 64;
  m.kv_heads = 8;
  m.head_dim = 128;
  m.dense_intermediate = 28672;
  m.max_context = 131072;
  return m;
}

inline LlmArchitecture gpt3() {
  LlmArchitecture m;
  m.id = "gpt3-175b";
  m.hidden = 12288;
  m.vocabulary = 51200;
  m.tied_embeddings = true;
  m.gated_mlp = false;
  m.layers = {layers(96)};
  m.heads = m.kv_heads = 96;
  m.head_dim = 128;
  m.dense_intermediate = 49152;
  m.max_context = 2048;
  return m;
}

inline LlmArchitecture deepseek_v3() {
  LlmArchitecture m;
  m.id = "deepseek-v3";
  m.hidden = 7168;
  m.vocabulary = 129280;
  m.layers = {layers(3, AttentionKind::kLatent), layers(58, AttentionKind::kLatent, true)};
  m.heads = m.kv_heads = 128;
  m.q_lora_rank = 1536;
  m.kv_lora_rank = 512;
  m.rope_head_dim = 64;
  m.nope_head_dim = 128;
  m.v_head_dim = 128;
  m.dense_intermediate = 18432;
  m.experts = 256;
  m.experts_per_token = 8;
  m.expert_intermediate = 2048;
  m.shared_experts = 1;
  m.shared_intermediate = 2048;
  m.mtp_layers = 1;
  m.max_context = 163840;
  m.native_precision = Precision::kFp8;
  return m;
}

inline LlmArchitecture deepseek_v32() {
  LlmArchitecture m = deepseek_v3();
  m.index_heads = 64;
  m.index_head_dim = 128;
  for (LayerGroup& group : m.layers) {
    group.sparse_top_k = 2048;
  }
  return m;
}

// Alternating sliding and full layers, 4-bit experts.
inline LlmArchitecture gpt_oss_120b() {
  LlmArchitecture m;
  m.id = "gpt-oss-120b";
  m.hidden = 2880;
  m.vocabulary = 201088;
  m.layers = {layers(18, AttentionKind::kGrouped, true), layers(18, AttentionKind::kGrouped, true)};
  m.layers[0].window = 128;
  m.heads = 64;
  m.kv_heads = 8;
  m.head_dim = 64;
  m.experts = 128;
  m.experts_per_token = 4;
  m.expert_intermediate = 2880;
  m.max_context = 131072;
  m.native_precision = Precision::kFp4;
  return m;
}

// Gated-delta-net and gated attention three to one.
inline LlmArchitecture qwen35_397b() {
  LlmArchitecture m;
  m.id = "qwen3.5-397b-a17b";
  m.hidden = 4096;
  m.vocabulary = 248320;
  m.layers = {layers(45, AttentionKind::kLinear, true), layers(15, AttentionKind::kGrouped, true)};
  m.heads = 32;
  m.kv_heads = 2;
  m.head_dim = 256;
  m.attention_output_gate = true;
  m.linear_key_heads = 16;
  m.linear_value_heads = 64;
  m.linear_key_dim = m.linear_value_dim = 128;
  m.linear_conv_kernel = 4;
  m.experts = 512;
  m.experts_per_token = 10;
  m.expert_intermediate = 1024;
  m.shared_experts = 1;
  m.shared_intermediate = 1024;
  m.max_context = 262144;
  return m;
}

// Compressed sparse and heavily compressed attention with shared keys and values.
inline LlmArchitecture deepseek_v4_pro() {
  LlmArchitecture m;
  m.id = "deepseek-v4-pro";
  m.hidden = 7168;
  m.vocabulary = 129280;
  m.layers = {layers(30, AttentionKind::kGrouped, true), layers(31, AttentionKind::kGrouped, true)};
  m.layers[0].compression = 4;
  m.layers[0].sparse_top_k = 1024;
  m.layers[1].compression = 128;
  for (LayerGroup& group : m.layers) {
    group.window = 128;
    group.shared_key_value = true;
  }
  m.heads = 128;
  m.kv_heads = 1;
  m.head_dim = 512;
  m.q_lora_rank = 1536;
  m.rope_head_dim = 64;
  m.o_lora_rank = 1024;
  m.o_groups = 16;
  m.index_heads = 64;
  m.index_head_dim = 128;
  m.experts = 384;
  m.experts_per_token = 6;
  m.expert_intermediate = 3072;
  m.shared_experts = 1;
  m.shared_intermediate = 3072;
  m.max_context = 1048576;
  m.native_precision = Precision::kFp4;
  return m;
}

}  // namespace aifactory::testing
