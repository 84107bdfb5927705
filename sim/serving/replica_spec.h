// One serving replica: a model on the accelerators that hold one copy of it, and the software that drives them.
#pragma once

#include <memory>

#include "models/fabric/collective.h"
#include "models/hardware/system.h"
#include "models/kernels/kernel_model.h"
#include "models/llm/architecture.h"
#include "sim/serving/serving_policy.h"

namespace aifactory {

// How one replica is spread over its accelerators. Every accelerator belongs to one attention rank (a data-parallel
// rank with requests of its own, itself `tensor` wide) and to one expert rank.
struct ServingLayout {
  int tensor = 1;  // tensor width of attention and dense layers
  int data = 1;    // attention ranks
  int expert = 1;  // expert ranks of MoE layers; each expert is cut accelerators()/expert ways
  [[nodiscard]] int accelerators() const { return tensor * data; }
  [[nodiscard]] int expert_tensor() const { return accelerators() / expert; }
};

// Multi-token prediction (or any drafter that reuses the model's own layers): every decode step verifies `drafts`
// extra tokens per sequence and yields `accepted` of them on average. drafts = 0 switches it off.
struct DraftOptions {
  int drafts = 0;
  double accepted = 0.0;  // 0 <= accepted <= drafts
};

// Which edge of the kernel model's 10-90 % band the replica is priced at.
enum class KernelBand { kLow, kExpected, kHigh };

struct ServingReplicaSpec {
  LlmArchitecture model;
  System system;
  std::shared_ptr<const KernelModel> kernels;

  GemmFormat weights = GemmFormat::kBf16;  // of linear layers and experts; embeddings and router stay bf16
  Precision kv = Precision::kBf16;         // of the KV cache
  ServingLayout layout;
  int max_batch = 256;                     // sequences decoded together, over the whole replica
  DraftOptions drafts;
  ServingPolicyKind policy = ServingPolicyKind::kDecodeFirst;
  KernelBand band = KernelBand::kExpected;
  // Share of the accelerator's memory that weights and KV cache may use, and what the runtime holds besides
  // (graphs, workspaces, activations). InferenceX runs reproduce with 0.95 and 5 GB.
  double memory_share = 0.95;
  Bytes runtime_reserve{5e9};
};

// What fits: per accelerator, in bytes; and the KV cache of the whole replica in tokens.
struct ReplicaMemory {
  Bytes weights{};
  Bytes available{};        // memory_share of capacity minus runtime reserve
  Bytes kv_per_token{};     // of one sequence's token, on each accelerator of its attention rank
  Bytes state_per_sequence{};  // recurrent state of linear layers, on each accelerator of the attention rank
  double kv_tokens = 0.0;   // capacity over the whole replica; zero when the weights do not fit
  [[nodiscard]] bool fits() const { return kv_tokens > 0.0; }
};
ReplicaMemory replica_memory(const ServingReplicaSpec& spec);

}  // namespace aifactory
