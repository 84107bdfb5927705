// A transformer language model as its published config states it. Parameter counts, FLOPs and KV bytes are derived
// (models/llm/parameters.h, flops.h, kv_cache.h), never stored.
#pragma once

#include <string>
#include <vector>

#include "models/hardware/precision.h"

namespace aifactory {

enum class AttentionKind {
  kGrouped,  // MHA, GQA and MQA: kv_heads tells which
  kLatent,   // MLA: one compressed latent and a rope part per token
  kLinear,   // linear or state-space mixer: constant state, no KV growth
};

// Layers that are alike; `count` of them. Leading layers come first; groups of an interleaved pattern (one global layer
// after five local ones) are listed once each, which preserves every total and every mean.
struct LayerGroup {
  int count = 0;
  AttentionKind attention = AttentionKind::kGrouped;
  int window = 0;            // sliding-window or chunk span in tokens; 0 = full attention
  int sparse_top_k = 0;      // cache entries attended after an indexer's selection (DSA); 0 = all
  bool mixture = false;      // MoE feed-forward instead of dense
  bool feed_forward = true;  // false: a mixer-only layer (hybrid models that interleave mixers and MLPs unevenly)

  // Tokens that share one compressed cache entry (compressed sparse attention); 0 or 1 = none. Such a layer attends the
  // last `window` tokens uncompressed and older ones compressed.
  int compression = 0;
  bool own_indexer = true;        // with sparse_top_k: false where the selection of an earlier layer is reused
  bool shared_key_value = false;  // keys and values are one projection and one cache entry

  // Geometry of this group where it differs from the model's; 0 = the model's.
  int heads = 0;
  int kv_heads = 0;
  int head_dim = 0;
};

struct LlmArchitecture {
  std::string id;
  std::string name;

  int hidden = 0;
  int vocabulary = 0;
  bool tied_embeddings = false;
  bool gated_mlp = true;  // SwiGLU-like: gate, up, down; otherwise up, down
  std::vector<LayerGroup> layers;

  // Grouped attention. With q_lora_rank the queries, with o_lora_rank the output projection are low-rank.
  int heads = 0;
  int kv_heads = 0;
  int head_dim = 0;
  bool attention_output_gate = false;  // one extra query-sized projection that gates the attention output

  // Latent attention (MLA); zero elsewhere. v_head_dim also states a value width unlike head_dim in grouped attention.
  int q_lora_rank = 0;
  int kv_lora_rank = 0;
  int rope_head_dim = 0;
  int nope_head_dim = 0;
  int v_head_dim = 0;
  int o_lora_rank = 0;  // per output group
  int o_groups = 0;

  // Indexer of sparse attention (DSA): heads and width of its query and key; zero elsewhere.
  int index_heads = 0;
  int index_head_dim = 0;

  // Linear attention or state space. Key heads (state-space groups) and value heads with their widths; the state of one
  // layer is value_heads x key_dim x value_dim elements plus the convolution's window.
  int linear_key_heads = 0;
  int linear_value_heads = 0;
  int linear_key_dim = 0;
  int linear_value_dim = 0;
  int linear_conv_kernel = 0;
  // Recurrent state per layer, in elements, where the config states it and not the heads above; zero otherwise.
  int linear_state_elements = 0;

  // Feed-forward.
  int dense_intermediate = 0;  // width of dense layers
  int experts = 0;             // routed experts per MoE layer
  int experts_per_token = 0;
  int expert_intermediate = 0;  // width of one routed expert
  int expert_latent = 0;        // routed experts work on a projection of this width (latent MoE); 0 = hidden
  int shared_experts = 0;       // always active
  int shared_intermediate = 0;  // width of one shared expert

  int mtp_layers = 0;   // multi-token-prediction modules shipped with the checkpoint
  int max_context = 0;  // tokens

  Precision native_precision = Precision::kBf16;  // of the published weights (of the experts where they differ)
  bool native_integer = false;  // those weights are integers: runs in a narrow float are of another checkpoint

  [[nodiscard]] int layer_count() const {
    int total = 0;
    for (const LayerGroup& group : layers) {
      total += group.count;
    }
    return total;
  }
};

}  // namespace aifactory
