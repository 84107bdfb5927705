// Parameter counts of a published architecture.
#pragma once

#include "models/llm/architecture.h"
#include "models/llm/formats.h"
#include "models/units/quantity.h"

namespace aifactory {

// Geometry of a group after its overrides.
int group_heads(const LlmArchitecture& model, const LayerGroup& group);
int group_kv_heads(const LlmArchitecture& model, const LayerGroup& group);
int group_head_dim(const LlmArchitecture& model, const LayerGroup& group);   // query and key width per head
int group_value_dim(const LlmArchitecture& model, const LayerGroup& group);  // value width per head

// Parameters of one layer. Counts are doubles: they reach 1e13 and are only ever multiplied.
struct LayerParameters {
  double attention = 0.0;  // or linear mixer; indexer, compressor and gates included
  double replicated =
      0.0;  // of attention: what every tensor-parallel rank holds whole (latents, indexer), in `attention`
  double dense_mlp = 0.0;
  double routed_experts = 0.0;      // all of them
  double expert_projections = 0.0;  // into and out of the latent of a latent MoE
  double shared_experts = 0.0;
  double router = 0.0;
  double norms = 0.0;

  [[nodiscard]] double total() const {
    return attention + dense_mlp + routed_experts + expert_projections + shared_experts + router + norms;
  }
};

LayerParameters layer_parameters(const LlmArchitecture& model, const LayerGroup& group);

// One routed expert.
double expert_parameters(const LlmArchitecture& model);

struct ParameterCount {
  double embedding = 0.0;      // input table
  double head = 0.0;           // output projection; zero when tied
  double layers = 0.0;         // every layer, every expert, final norm
  double active_layers = 0.0;  // what one token passes through: experts_per_token of the routed experts
  double mtp = 0.0;            // multi-token-prediction modules, not part of total()

  [[nodiscard]] double total() const { return embedding + head + layers; }
  // As model cards count active parameters: embedding and head included.
  [[nodiscard]] double active() const { return embedding + head + active_layers; }
};

ParameterCount count_parameters(const LlmArchitecture& model);

// Weights one token is multiplied with: active layers plus the output projection (also when tied), without the input
// table. The N of 2N FLOPs per token.
double active_matmul_parameters(const LlmArchitecture& model);

// Bytes of the weights as stored (mtp modules excluded), norms and routers in bf16.
Bytes weight_bytes(const LlmArchitecture& model, const NumericFormats& formats);

}  // namespace aifactory
