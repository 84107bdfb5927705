#include "sim/serving/decode_first.h"

#include <algorithm>

namespace aifactory {

EngineTraits DecodeFirst::traits() const {
  EngineTraits traits;
  // vLLM V1: max_num_batched_tokens of 8192 on accelerators with 80 GB or more (vllm/engine/arg_utils.py).
  traits.token_budget = 8192;
  // Effective values that reproduce InferenceX runs (public data set of SemiAnalysis, 2025-2026).
  traits.output_reserve = 0.55;
  traits.host_time = Seconds(1.0e-3);
  traits.frontend_time = Seconds(35e-3);
  return traits;
}

IterationPlan DecodeFirst::plan(const SchedulerView& view) const {
  IterationPlan plan;
  plan.decode = view.decoding > 0;
  plan.prefill_tokens = view.waiting_prompts > 0 ? std::max(1.0, traits().token_budget - view.decoding) : 0.0;
  return plan;
}

}  // namespace aifactory
