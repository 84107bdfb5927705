// How the operator lists are assembled: shared by serving and training, private to models/llm.
#pragma once

#include <vector>

#include "models/llm/architecture.h"
#include "models/llm/formats.h"
#include "models/llm/layout.h"
#include "models/llm/operators.h"

namespace aifactory::detail {

// Tokens of one accelerator's group in one layer, and how attention sees them.
struct LayerWork {
  double tokens = 0;
  std::vector<StepWork> attention;  // each entry is all prefill or all decode
  bool training = false;            // sequence parallelism, expanded latent attention, context-parallel exchange
  double sequence_length = 0;       // training only
};

class OperatorList {
 public:
  OperatorList(const LlmArchitecture& model, const LayerGroup& group, const ParallelLayout& layout,
               const NumericFormats& formats, const ExpertLoad& load)
      : model_(model), group_(group), layout_(layout), formats_(formats), load_(load) {}

  void add_attention(const LayerWork& work);     // norm, mixer, its communication
  void add_feed_forward(const LayerWork& work);  // norm, MLP or experts, their communication
  std::vector<OperatorCall> take() { return std::move(calls_); }

 private:
  void gemm(Role role, double m, double n, double k, GemmFormat format);
  void stream(Role role, StreamKind kind, double elements);
  void collective(Role role, Collective operation, double elements, Group group, int ranks, double element_bytes);
  void enter_block(Role role, const LayerWork& work);  // gathers the split residual stream
  void leave_block(Role role, const LayerWork& work);  // sums partial results over tensor ranks

  void grouped_projections(double tokens);
  void latent_projections(const LayerWork& work);
  void output_projection(double tokens);
  void attention_core(const StepWork& work, const LayerWork& layer);
  void latent_core(const StepWork& work, const LayerWork& layer);
  void selected_core(const StepWork& work);
  void indexer(const StepWork& work);
  void linear_mixer(const LayerWork& work);
  void context_exchange(const LayerWork& work);

  void mlp(Role role, double tokens, double width);
  void experts(const LayerWork& work);
  void exchange_tokens(double tokens, double input, bool dispatch);

  const LlmArchitecture& model_;
  const LayerGroup& group_;
  const ParallelLayout& layout_;
  const NumericFormats& formats_;
  const ExpertLoad& load_;
  std::vector<OperatorCall> calls_;
};

// Ranks that receive at least one of `experts_per_token` choices, the mean over tokens with uniform routing.
double destination_ranks(int ranks, int experts_per_token);

}  // namespace aifactory::detail
