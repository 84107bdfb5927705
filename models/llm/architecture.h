// A transformer language model as its published config states it. Parameter counts, FLOPs and KV bytes are derived
// (models/llm/parameters.h), never stored.
#pragma once

#include <string>
#include <vector>

namespace aifactory {

enum class AttentionKind {
  kGrouped,  // MHA, GQA and MQA: kv_heads tells which
  kLatent,   // MLA: one compressed latent and a rope part per token
  kLinear,   // linear or state-space mixer: constant state, no KV growth
};

// Layers that are alike, in the order they appear; `count` of them.
struct LayerGroup {
  int count = 0;
  AttentionKind attention = AttentionKind::kGrouped;
  int window = 0;       // sliding-window span in tokens; 0 = full attention
  int sparse_top_k = 0; // tokens attended after an indexer's selection (DSA); 0 = all
  bool mixture = false; // MoE feed-forward instead of dense
};

struct LlmArchitecture {
  std::string id;
  std::string name;

  int hidden = 0;
  int vocabulary = 0;
  bool tied_embeddings = false;
  bool gated_mlp = true;  // SwiGLU-like: gate, up, down; otherwise up, down
  std::vector<LayerGroup> layers;

  // Grouped attention.
  int heads = 0;
  int kv_heads = 0;
  int head_dim = 0;

  // Latent attention (MLA); zero elsewhere.
  int q_lora_rank = 0;
  int kv_lora_rank = 0;
  int rope_head_dim = 0;
  int nope_head_dim = 0;
  int v_head_dim = 0;

  // Linear attention or state space: recurrent state per layer, in elements; zero elsewhere.
  int linear_state_elements = 0;

  // Feed-forward.
  int dense_intermediate = 0;   // width of dense layers
  int experts = 0;              // routed experts per MoE layer
  int experts_per_token = 0;
  int expert_intermediate = 0;  // width of one routed expert
  int shared_experts = 0;       // always active
  int shared_intermediate = 0;  // width of one shared expert

  int mtp_layers = 0;           // multi-token-prediction modules shipped with the checkpoint
  int max_context = 0;          // tokens

  [[nodiscard]] int layer_count() const {
    int total = 0;
    for (const LayerGroup& group : layers) {
      total += group.count;
    }
    return total;
  }
};

}  // namespace aifactory
