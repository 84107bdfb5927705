// A model as a list of kernel and collective calls on one accelerator: what models/kernels and models/fabric time.
#pragma once

#include <string_view>
#include <variant>
#include <vector>

#include "models/fabric/collective.h"
#include "models/kernels/kernel_model.h"
#include "models/llm/architecture.h"
#include "models/llm/formats.h"
#include "models/llm/layout.h"

namespace aifactory {

struct StreamCall {  // bytes read plus written
  StreamKind kind = StreamKind::kElementwise;
  Bytes bytes{};
};

// Which group of accelerators takes part; the layout says how many and the placement what lies between them.
enum class Group { kTensor, kExpert, kExpertTensor, kContext, kPipeline, kData, kExpertData };

struct CollectiveCall {
  Collective operation = Collective::kAllReduce;
  Bytes bytes{};  // as models/fabric/collective.h counts them
  Group group = Group::kTensor;
  int ranks = 1;
};

// What a call is for: the rows of a breakdown.
enum class Role {
  kEmbedding,
  kNorm,
  kAttentionProjection,
  kAttention,
  kIndexer,
  kLinearMixer,
  kAttentionCommunication,
  kDenseMlp,
  kRouter,
  kExperts,
  kSharedExperts,
  kExpertCommunication,
  kMlpCommunication,
  kHead,
  kSampling,
  kPipelineCommunication,
  kGradientCommunication,
  kOptimizer,
};
std::string_view name(Role role);

struct OperatorCall {
  Role role = Role::kNorm;
  std::variant<GemmShape, GroupedGemmShape, AttentionShape, LatentAttentionShape, StreamCall, CollectiveCall> shape;
  double repetitions = 1.0;
};

// One engine step as one attention data-parallel rank sees it. Prefill and decode tokens share the projections; their
// attention runs separately.
struct StepWork {
  double prefill_sequences = 0;
  double prefill_tokens = 0;  // new tokens over all those sequences
  double prefill_past = 0;    // mean tokens already cached per prefilling sequence
  double decode_sequences = 0;
  double decode_context = 0;  // mean cached tokens per decoding sequence
  double decode_tokens = 1;   // new tokens per decoding sequence: 1, or 1 + drafted with speculation
  double logit_rows = 0;  // rows through the output projection; 0 = one per prefilling sequence + every decode token

  [[nodiscard]] double tokens() const { return prefill_tokens + decode_sequences * decode_tokens; }
};

struct ExpertLoad {
  double imbalance = 1.0;  // most loaded rank over mean, beyond what the routing implies
  ExpertRouting routing = ExpertRouting::kUniform;
  double routing_exponent = 1.0;  // kPowerLaw only
};

// Forward pass of one layer of the group.
std::vector<OperatorCall> layer_operators(const LlmArchitecture& model, const LayerGroup& group,
                                          const ParallelLayout& layout, const NumericFormats& formats,
                                          const StepWork& work, const ExpertLoad& load = {});

// Embedding, every layer (repetitions = layers on this pipeline stage), output projection and sampling: one serving
// step on one accelerator. With pipeline > 1 the layers are a mean stage's and one send to the next stage is added.
std::vector<OperatorCall> step_operators(const LlmArchitecture& model, const ParallelLayout& layout,
                                         const NumericFormats& formats, const StepWork& work,
                                         const ExpertLoad& load = {});

// One layer of one micro-batch in training.
struct TrainingOperators {
  std::vector<OperatorCall> forward;
  std::vector<OperatorCall> backward;   // input and weight gradients; attention backward is 2.5 x forward (Dao 2023), a
                                        // stream passes three tensors for forward's two
  std::vector<OperatorCall> recompute;  // what the recompute policy repeats before backward
};
TrainingOperators training_layer_operators(const LlmArchitecture& model, const LayerGroup& group,
                                           const ParallelLayout& layout, const NumericFormats& formats,
                                           double sequence_length, const ExpertLoad& load = {});

// Embedding and output projection with loss, forward and backward, of one micro-batch on the stages that hold them.
TrainingOperators training_embedding_operators(const LlmArchitecture& model, const ParallelLayout& layout,
                                               const NumericFormats& formats, double sequence_length);

// Once per step on every rank: gradient reduction, optimizer update, weight gathering. Sizes are one rank's shard of
// the mean stage. Gradients travel in `gradient_bytes` per parameter (bf16 by default in today's frameworks), weights
// in bf16.
std::vector<OperatorCall> training_update_operators(const LlmArchitecture& model, const ParallelLayout& layout,
                                                    double gradient_bytes = 2.0);

}  // namespace aifactory
