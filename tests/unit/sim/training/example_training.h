// A Llama 3.1 70B step on textbook nodes, for tests of training.
#pragma once

#include <memory>

#include "sim/training/step.h"

namespace aifactory::test {

inline System training_system() {
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

// Llama 3.1 70B (Meta, model card).
inline LlmArchitecture seventy_billion() {
  LlmArchitecture m;
  m.id = "llama-3.1-70b";
  m.hidden = 8192;
  m.vocabulary = 128256;
  LayerGroup group;
  group.count = 80;
  m.layers = {group};
  m.heads = 64;
  m.kv_heads = 8;
  m.head_dim = 128;
  m.dense_intermediate = 28672;
  m.max_context = 131072;
  return m;
}

inline TrainingSpec example_training(int tensor, int pipeline, int data, int virtual_stages = 1) {
  TrainingSpec spec;
  spec.model = seventy_billion();
  spec.system = training_system();
  spec.kernels = std::make_shared<const KernelModel>(spec.system.accelerator);
  spec.layout.tensor = tensor;
  spec.layout.pipeline = pipeline;
  spec.layout.data = data;
  spec.layout.virtual_pipeline = virtual_stages;
  spec.layout.global_batch = 32.0 * data;
  spec.sequence_length = 4096;
  return spec;
}

}  // namespace aifactory::test
