// One serving replica: a model on the accelerators that hold one copy of it, and the software that drives them.
#pragma once

#include <memory>
#include <string>

#include "models/fabric/collective.h"
#include "models/hardware/system.h"
#include "models/kernels/kernel_model.h"
#include "models/llm/architecture.h"
#include "models/llm/formats.h"
#include "models/llm/layout.h"
#include "models/llm/operators.h"
#include "sim/serving/serving_policy.h"

namespace aifactory {

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
  std::shared_ptr<const CollectiveLaw> network;  // null: NCCL's published constants

  // tensor: width of attention and dense layers; data: attention ranks with requests of their own; the experts are
  // spread over expert ranks, each expert_tensor wide.
  ParallelLayout layout;
  NumericFormats formats;
  int max_batch = 256;  // sequences decoded together, over the whole replica
  DraftOptions drafts;
  ServingPolicyKind policy = ServingPolicyKind::kDecodeFirst;
  KernelBand band = KernelBand::kExpected;
  ExpertLoad expert_load;
  // Share of the accelerator's memory that weights, cache and workspace may use together; InferenceX runs reproduce
  // with 0.95.
  double memory_share = 0.95;
};

// What fits, per attention rank unless said otherwise. The cache of one sequence is taken as linear in its tokens:
// exact for full attention and recurrent state, an upper bound while a sliding window is not yet full.
struct ReplicaMemory {
  Bytes weights{};             // per accelerator
  Bytes workspace{};           // per accelerator
  Bytes capacity{};            // memory_share of one accelerator
  Bytes cache_per_token{};     // per accelerator of the rank
  Bytes cache_per_sequence{};  // the part that does not grow
  Bytes cache{};               // room for sequences, per accelerator; zero when the weights do not fit
  std::string problem;         // why nothing fits; empty when it does

  [[nodiscard]] bool fits() const { return problem.empty(); }
  // Sequences of so many tokens that one attention rank can hold.
  [[nodiscard]] double sequences_of(double tokens) const;
};
ReplicaMemory replica_memory(const ServingReplicaSpec& spec);

}  // namespace aifactory
