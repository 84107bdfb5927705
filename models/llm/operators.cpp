#include "models/llm/operators.h"

#include <array>
#include <utility>

#include "models/llm/operator_list.h"

namespace aifactory {
namespace {

constexpr std::array<std::string_view, 18> kRoleNames = {"embedding",
                                                         "norm",
                                                         "attention_projection",
                                                         "attention",
                                                         "indexer",
                                                         "linear_mixer",
                                                         "attention_communication",
                                                         "dense_mlp",
                                                         "router",
                                                         "experts",
                                                         "shared_experts",
                                                         "expert_communication",
                                                         "mlp_communication",
                                                         "head",
                                                         "sampling",
                                                         "pipeline_communication",
                                                         "gradient_communication",
                                                         "optimizer"};
static_assert(kRoleNames.size() == static_cast<std::size_t>(Role::kOptimizer) + 1);

detail::LayerWork split_phases(const StepWork& work) {
  detail::LayerWork layer;
  layer.tokens = work.tokens();
  if (work.prefill_sequences > 0 && work.prefill_tokens > 0) {
    StepWork prefill = work;
    prefill.decode_sequences = 0;
    layer.attention.push_back(prefill);
  }
  if (work.decode_sequences > 0) {
    StepWork decode = work;
    decode.prefill_sequences = 0;
    decode.prefill_tokens = 0;
    layer.attention.push_back(decode);
  }
  return layer;
}

Bytes activation_bytes(double elements, const NumericFormats& formats) {
  return Bytes(elements * bytes_per_element(formats.activations));
}

}  // namespace

std::string_view name(Role role) {
  return kRoleNames[static_cast<std::size_t>(role)];
}

std::vector<OperatorCall> layer_operators(const LlmArchitecture& model, const LayerGroup& group,
                                          const ParallelLayout& layout, const NumericFormats& formats,
                                          const StepWork& work, const ExpertLoad& load) {
  detail::OperatorList list(model, group, layout, formats, load);
  const detail::LayerWork layer = split_phases(work);
  if (layer.tokens > 0) {
    list.add_attention(layer);
    list.add_feed_forward(layer);
  }
  return list.take();
}

std::vector<OperatorCall> step_operators(const LlmArchitecture& model, const ParallelLayout& layout,
                                         const NumericFormats& formats, const StepWork& work, const ExpertLoad& load) {
  std::vector<OperatorCall> calls;
  const double tokens = work.tokens();
  if (tokens <= 0) {
    return calls;
  }
  const double stage = 1.0 / layout.pipeline;
  const double hidden = model.hidden;
  const Bytes stream_bytes = activation_bytes(tokens * hidden, formats);
  calls.push_back({Role::kEmbedding, StreamCall{StreamKind::kEmbedding, stream_bytes * 2.0}, stage});
  if (layout.tensor > 1) {
    const CollectiveCall sum{Collective::kAllReduce, stream_bytes, Group::kTensor, layout.tensor};
    calls.push_back({Role::kEmbedding, sum, stage});
  }
  for (const LayerGroup& group : model.layers) {
    for (OperatorCall call : layer_operators(model, group, layout, formats, work, load)) {
      call.repetitions *= group.count * stage;
      calls.push_back(std::move(call));
    }
  }
  const double rows =
      work.logit_rows > 0 ? work.logit_rows : work.prefill_sequences + work.decode_sequences * work.decode_tokens;
  const double vocabulary = static_cast<double>(model.vocabulary) / layout.tensor;
  calls.push_back({Role::kNorm, StreamCall{StreamKind::kNorm, stream_bytes * 4.0}, stage});
  calls.push_back({Role::kHead, GemmShape{rows, vocabulary, hidden, formats.head}, stage});
  if (layout.tensor > 1) {
    const Bytes logits = activation_bytes(rows * model.vocabulary, formats);
    calls.push_back(
        {Role::kHead, CollectiveCall{Collective::kAllGather, logits, Group::kTensor, layout.tensor}, stage});
  }
  const Bytes sampled(rows * model.vocabulary * 4.0);  // fp32 logits
  calls.push_back({Role::kSampling, StreamCall{StreamKind::kSampling, sampled}, stage});
  if (layout.pipeline > 1) {
    const CollectiveCall send{Collective::kSendRecv, stream_bytes, Group::kPipeline, 2};
    calls.push_back({Role::kPipelineCommunication, send, 1.0 - stage});
  }
  return calls;
}

}  // namespace aifactory
