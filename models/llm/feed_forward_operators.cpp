#include <algorithm>

#include "models/llm/operator_list.h"
#include "models/llm/parameters.h"

namespace aifactory::detail {

double destination_ranks(int ranks, int experts_per_token) {
  const double missed_by_one = 1.0 - 1.0 / ranks;
  double missed = 1.0;
  for (int choice = 0; choice < experts_per_token; ++choice) {
    missed *= missed_by_one;
  }
  return ranks * (1.0 - missed);
}

void OperatorList::add_feed_forward(const LayerWork& work) {
  if (!group_.feed_forward) {
    return;
  }
  const double split = work.training && layout_.sequence_parallel ? layout_.tensor : 1.0;
  stream(Role::kNorm, StreamKind::kNorm, 4.0 * work.tokens * model_.hidden / split);
  if (group_.mixture) {
    experts(work);
    return;
  }
  enter_block(Role::kMlpCommunication, work);
  mlp(Role::kDenseMlp, work.tokens, model_.dense_intermediate);
  leave_block(Role::kMlpCommunication, work);
}

void OperatorList::mlp(Role role, double tokens, double width) {
  const double local = width / layout_.tensor;
  const double inputs = model_.gated_mlp ? 2.0 : 1.0;
  gemm(role, tokens, inputs * local, model_.hidden, formats_.dense);
  stream(role, StreamKind::kActivation, (inputs + 1.0) * tokens * local);
  gemm(role, tokens, model_.hidden, local, formats_.dense);
}

// A token travels once to every rank that holds one of its experts. fp8 experts are fed in fp8; results return in the
// activations' precision. Tensor ranks that hold the same tokens send a share each.
void OperatorList::exchange_tokens(double tokens, double input, bool dispatch) {
  const double copies = destination_ranks(layout_.expert, model_.experts_per_token);
  const bool narrow = dispatch && (formats_.experts == GemmFormat::kFp8 || formats_.experts == GemmFormat::kFp8Block ||
                                   formats_.experts == GemmFormat::kFp4 || formats_.experts == GemmFormat::kFp4Fp8);
  collective(Role::kExpertCommunication, Collective::kAllToAll, tokens * copies * input, Group::kExpert, layout_.expert,
             narrow ? 1.0 : bytes_per_element(formats_.activations));
}

void OperatorList::experts(const LayerWork& work) {
  const double tensor = layout_.tensor;
  const bool own_tokens = layout_.data * layout_.context > 1;  // expert ranks hold different tokens
  const bool split = work.training && layout_.sequence_parallel;
  const double routed_tokens = work.tokens / (split ? tensor : 1.0);
  const double input = model_.expert_latent > 0 ? model_.expert_latent : model_.hidden;
  const double peers = static_cast<double>(layout_.expert) * layout_.expert_tensor / tensor;
  const double group_tokens = own_tokens ? work.tokens * std::max(peers, 1.0) : work.tokens;
  const double local_copies = group_tokens * model_.experts_per_token / layout_.expert;

  gemm(Role::kRouter, routed_tokens, model_.experts, model_.hidden, GemmFormat::kBf16);
  stream(Role::kRouter, StreamKind::kElementwise, 2.0 * routed_tokens * model_.experts);
  if (model_.expert_latent > 0) {
    gemm(Role::kExperts, routed_tokens, input, model_.hidden, formats_.dense);
  }
  const bool exchanged = layout_.expert > 1 && (own_tokens || split);
  if (exchanged) {
    exchange_tokens(work.tokens / tensor, input, true);
  } else if (split) {
    enter_block(Role::kExpertCommunication, work);
  }
  if (own_tokens && layout_.expert_tensor > 1) {
    collective(Role::kExpertCommunication, Collective::kAllGather, local_copies * input, Group::kExpertTensor,
               layout_.expert_tensor, bytes_per_element(formats_.activations));
  }
  GroupedGemmShape shape;  // gathering by expert and combining are part of the kernels measured
  shape.tokens = group_tokens;
  shape.hidden = input;
  shape.intermediate = model_.expert_intermediate;
  shape.experts = model_.experts;
  shape.experts_per_token = model_.experts_per_token;
  shape.expert_parallel = layout_.expert;
  shape.tensor_parallel = layout_.expert_tensor;
  shape.imbalance = load_.imbalance;
  shape.routing = load_.routing;
  shape.routing_exponent = load_.routing_exponent;
  shape.exchanged = exchanged;
  shape.gated = model_.gated_mlp;
  shape.format = formats_.experts;
  calls_.push_back({Role::kExperts, shape, 1.0});
  if (own_tokens && layout_.expert_tensor > 1) {
    collective(Role::kExpertCommunication, Collective::kReduceScatter, local_copies * input, Group::kExpertTensor,
               layout_.expert_tensor, bytes_per_element(formats_.activations));
  }
  if (exchanged) {
    exchange_tokens(work.tokens / tensor, input, false);
  }
  if (model_.expert_latent > 0) {
    gemm(Role::kExperts, routed_tokens, model_.hidden, input, formats_.dense);
  }
  const double shared_width = static_cast<double>(model_.shared_experts) * model_.shared_intermediate;
  if (shared_width > 0.0) {
    if (exchanged && split) {
      enter_block(Role::kMlpCommunication, work);
    }
    mlp(Role::kSharedExperts, work.tokens, shared_width);
  }
  // Partial sums of shared experts, and of routed experts where all ranks saw the same tokens.
  if (shared_width > 0.0 || !exchanged) {
    leave_block(Role::kMlpCommunication, work);
  } else if (!split) {
    // Each tensor rank returned the results of its share of the tokens.
    collective(Role::kMlpCommunication, Collective::kAllGather, work.tokens * model_.hidden, Group::kTensor,
               layout_.tensor, bytes_per_element(formats_.activations));
  }
}

}  // namespace aifactory::detail
