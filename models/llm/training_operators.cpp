#include <algorithm>
#include <type_traits>
#include <utility>

#include "models/llm/operator_list.h"
#include "models/llm/operators.h"
#include "models/llm/parameters.h"

namespace aifactory {
namespace {

// FlashAttention-2 (Dao 2023): the backward pass has five matrix products where the forward pass has two.
constexpr double kAttentionBackward = 2.5;
// Reads input and output gradient, writes input gradient: three passes where forward has two.
constexpr double kStreamBackward = 1.5;

Collective transposed(Collective operation) {
  switch (operation) {
    case Collective::kAllGather:
      return Collective::kReduceScatter;
    case Collective::kReduceScatter:
      return Collective::kAllGather;
    default:
      return operation;
  }
}

// The calls of the backward pass that belong to one forward call.
void append_backward(const OperatorCall& call, const ParallelLayout& layout, std::vector<OperatorCall>& calls) {
  std::visit(
      [&](const auto& shape) {
        using Shape = std::decay_t<decltype(shape)>;
        if constexpr (std::is_same_v<Shape, GemmShape>) {
          calls.push_back(
              {call.role, GemmShape{shape.m, shape.k, shape.n, shape.format, shape.quantisation}, call.repetitions});
          calls.push_back(
              {call.role, GemmShape{shape.k, shape.n, shape.m, shape.format, shape.quantisation}, call.repetitions});
        } else if constexpr (std::is_same_v<Shape, GroupedGemmShape>) {
          calls.push_back({call.role, shape, 2.0 * call.repetitions});
        } else if constexpr (std::is_same_v<Shape, StreamCall>) {
          calls.push_back({call.role, shape, kStreamBackward * call.repetitions});
        } else if constexpr (std::is_same_v<Shape, CollectiveCall>) {
          CollectiveCall backward = shape;
          backward.operation = transposed(shape.operation);
          calls.push_back({call.role, backward, call.repetitions});
          // Inputs are kept split: both sequence and context parallelism gather them again for the gradients.
          const bool split_input =
              (shape.group == Group::kTensor && layout.sequence_parallel) || shape.group == Group::kContext;
          if (shape.operation == Collective::kAllGather && split_input) {
            calls.push_back({call.role, shape, call.repetitions});
          }
        } else {
          calls.push_back({call.role, shape, kAttentionBackward * call.repetitions});
        }
      },
      call.shape);
}

std::vector<OperatorCall> backward_of(const std::vector<OperatorCall>& forward, const ParallelLayout& layout) {
  std::vector<OperatorCall> calls;
  for (auto call = forward.rbegin(); call != forward.rend(); ++call) {
    append_backward(*call, layout, calls);
  }
  return calls;
}

// Selective recomputation repeats the attention core, norms and activation functions.
bool cheap(const OperatorCall& call) {
  if (std::holds_alternative<AttentionShape>(call.shape) || std::holds_alternative<LatentAttentionShape>(call.shape)) {
    return true;
  }
  const StreamCall* stream = std::get_if<StreamCall>(&call.shape);
  return stream != nullptr && (stream->kind == StreamKind::kNorm || stream->kind == StreamKind::kActivation);
}

double tokens_on_rank(const ParallelLayout& layout, double sequence_length) {
  return layout.micro_batch * sequence_length / layout.context;
}

// One context rank's share of the causal triangle: sequence^2 / (2 context) pairs of a chunk of sequence / context.
StepWork training_attention(const ParallelLayout& layout, double sequence_length) {
  StepWork work;
  work.prefill_sequences = layout.micro_batch;
  work.prefill_tokens = tokens_on_rank(layout, sequence_length);
  work.prefill_past = (sequence_length - sequence_length / layout.context) / 2.0;
  return work;
}

}  // namespace

TrainingOperators training_layer_operators(const LlmArchitecture& model, const LayerGroup& group,
                                           const ParallelLayout& layout, const NumericFormats& formats,
                                           double sequence_length, const ExpertLoad& load) {
  detail::LayerWork work;
  work.tokens = tokens_on_rank(layout, sequence_length);
  work.attention = {training_attention(layout, sequence_length)};
  work.training = true;
  work.sequence_length = sequence_length;
  detail::OperatorList list(model, group, layout, formats, load);
  list.add_attention(work);
  list.add_feed_forward(work);

  TrainingOperators operators;
  operators.forward = list.take();
  operators.backward = backward_of(operators.forward, layout);
  if (layout.recompute == Recompute::kFull) {
    operators.recompute = operators.forward;
  } else if (layout.recompute == Recompute::kSelective) {
    std::copy_if(operators.forward.begin(), operators.forward.end(), std::back_inserter(operators.recompute), cheap);
  }
  return operators;
}

TrainingOperators training_embedding_operators(const LlmArchitecture& model, const ParallelLayout& layout,
                                               const NumericFormats& formats, double sequence_length) {
  const double tokens = tokens_on_rank(layout, sequence_length);
  const double vocabulary = static_cast<double>(model.vocabulary) / layout.tensor;
  const double element = bytes_per_element(formats.activations);
  const Bytes stream(tokens * model.hidden * element);
  TrainingOperators operators;
  operators.forward.push_back({Role::kEmbedding, StreamCall{StreamKind::kEmbedding, stream * 2.0}, 1.0});
  operators.forward.push_back({Role::kNorm, StreamCall{StreamKind::kNorm, stream * 2.0}, 1.0});
  operators.forward.push_back(
      {Role::kHead, GemmShape{tokens, vocabulary, static_cast<double>(model.hidden), formats.head}, 1.0});
  // Logits are read and the fp32 loss gradient written.
  const Bytes loss(tokens * vocabulary * (element + 4.0));
  operators.forward.push_back({Role::kHead, StreamCall{StreamKind::kElementwise, loss}, 1.0});
  if (layout.tensor > 1) {
    const Collective sum = layout.sequence_parallel ? Collective::kReduceScatter : Collective::kAllReduce;
    operators.forward.push_back({Role::kEmbedding, CollectiveCall{sum, stream, Group::kTensor, layout.tensor}, 1.0});
  }
  operators.backward = backward_of(operators.forward, layout);
  return operators;
}

std::vector<OperatorCall> training_update_operators(const LlmArchitecture& model, const ParallelLayout& layout,
                                                    double gradient_bytes) {
  constexpr double kWeightBytes = 2.0;
  // Gradient read (4), master weight and two moments read and written (24), bf16 weight written (2).
  constexpr double kUpdateBytes = 30.0;
  const ParameterCount count = count_parameters(model);
  double experts = 0.0;
  for (const LayerGroup& group : model.layers) {
    experts += group.count * layer_parameters(model, group).routed_experts;
  }
  const double dense = (count.total() - experts) / layout.tensor / layout.pipeline;
  const double expert_shards = static_cast<double>(layout.expert) * layout.expert_tensor;
  const double local_experts = experts / expert_shards / layout.pipeline;
  const int dense_ranks = layout.data * layout.context;
  const int expert_ranks = std::max(1, dense_ranks * layout.tensor / (layout.expert * layout.expert_tensor));
  const bool sharded = layout.zero != ZeroStage::kNone;

  std::vector<OperatorCall> calls;
  const auto exchange = [&](double parameters, Group group, int ranks) {
    if (ranks <= 1 || parameters <= 0.0) {
      return;
    }
    const Collective reduce = sharded ? Collective::kReduceScatter : Collective::kAllReduce;
    calls.push_back(
        {Role::kGradientCommunication, CollectiveCall{reduce, Bytes(parameters * gradient_bytes), group, ranks}, 1.0});
    if (sharded) {
      const CollectiveCall gather{Collective::kAllGather, Bytes(parameters * kWeightBytes), group, ranks};
      calls.push_back({Role::kGradientCommunication, gather, 1.0});
    }
  };
  exchange(dense, Group::kData, dense_ranks);
  exchange(local_experts, Group::kExpertData, expert_ranks);
  const double updated = sharded ? dense / dense_ranks + local_experts / expert_ranks : dense + local_experts;
  calls.push_back({Role::kOptimizer, StreamCall{StreamKind::kElementwise, Bytes(updated * kUpdateBytes)}, 1.0});
  return calls;
}

}  // namespace aifactory
