// A Llama 3.1 70B step on textbook nodes, for tests of training.
#pragma once

#include <memory>

#include "sim/training/step.h"
#include "tests/unit/sim/textbook_system.h"

namespace aifactory::test {

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
  spec.system = textbook_system();
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
