// A small dense model and a DeepSeek-like mixture on a textbook accelerator, for tests of serving.
#pragma once

#include <memory>

#include "models/demand/request_mix.h"
#include "sim/serving/replica_spec.h"
#include "tests/unit/sim/textbook_system.h"

namespace aifactory::test {

// Llama 3.1 8B (Meta, model card).
inline LlmArchitecture small_dense() {
  LlmArchitecture m;
  m.id = "llama-3.1-8b";
  m.hidden = 4096;
  m.vocabulary = 128256;
  LayerGroup group;
  group.count = 32;
  m.layers = {group};
  m.heads = 32;
  m.kv_heads = 8;
  m.head_dim = 128;
  m.dense_intermediate = 14336;
  m.max_context = 131072;
  return m;
}

// A mixture of the DeepSeek kind, a quarter of the depth.
inline LlmArchitecture small_mixture() {
  LlmArchitecture m;
  m.id = "mixture";
  m.hidden = 4096;
  m.vocabulary = 129280;
  LayerGroup group;
  group.count = 16;
  group.attention = AttentionKind::kLatent;
  group.mixture = true;
  m.layers = {group};
  m.heads = 64;
  m.q_lora_rank = 1536;
  m.kv_lora_rank = 512;
  m.rope_head_dim = 64;
  m.nope_head_dim = 128;
  m.v_head_dim = 128;
  m.experts = 64;
  m.experts_per_token = 4;
  m.expert_intermediate = 2048;
  m.shared_experts = 1;
  m.shared_intermediate = 2048;
  m.max_context = 131072;
  return m;
}

inline ServingReplicaSpec replica_of(const LlmArchitecture& model, int tensor, int data) {
  ServingReplicaSpec spec;
  spec.model = model;
  spec.system = textbook_system();
  spec.kernels = std::make_shared<const KernelModel>(spec.system.accelerator);
  spec.layout.tensor = tensor;
  spec.layout.data = data;
  if (model.experts > 0) {
    spec.layout.expert = tensor * data;
  }
  spec.max_batch = 64 * data;
  return spec;
}

inline RequestMix conversation() {
  RequestMix mix;
  mix.prompt = LengthDistribution::lognormal(800, 2000);
  mix.output = LengthDistribution::lognormal(200, 500);
  return mix;
}

}  // namespace aifactory::test
