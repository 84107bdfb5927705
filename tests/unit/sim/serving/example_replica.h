// A small dense model and a DeepSeek-like mixture on a textbook accelerator, for tests of serving.
#pragma once

#include <memory>

#include "models/demand/request_mix.h"
#include "sim/serving/replica_spec.h"

namespace aifactory::test {

inline System textbook_system() {
  System system;
  system.id = "textbook";
  Accelerator& a = system.accelerator;
  a.id = "textbook";
  a.family = "hopper";
  a.dense_peak[static_cast<std::size_t>(Precision::kBf16)] = FlopsPerSecond(1e15);
  a.dense_peak[static_cast<std::size_t>(Precision::kFp8)] = FlopsPerSecond(2e15);
  a.sustained_clock_fraction = 0.9;
  a.matmul_efficiency = 0.8;
  a.memory_efficiency = 0.9;
  a.kernel_latency = Seconds(3e-6);
  a.memory_capacity = Bytes(80e9);
  a.memory_bandwidth = BytesPerSecond(3.35e12);
  a.multiprocessors = 132;
  a.scale_up_bandwidth = BytesPerSecond(450e9);
  a.scale_up_domain = 8;
  a.scale_out_bandwidth = BytesPerSecond(50e9);
  a.tdp = Watts(700);
  a.power = {0.11, 0.4, 0.6, 0.7, 0.5};
  system.accelerators_per_node = 8;
  system.accelerators_per_rack = 32;
  return system;
}

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
