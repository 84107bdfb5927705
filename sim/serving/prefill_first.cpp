#include "sim/serving/prefill_first.h"

namespace aifactory {

EngineTraits PrefillFirst::traits() const {
  EngineTraits traits;
  // SGLang: max_prefill_tokens 16384 (python/sglang/srt/server_args.py). The others: effective values that reproduce
  // InferenceX runs; its overlapped scheduler hides the host.
  traits.token_budget = 16384;
  traits.output_reserve = 0.7;
  traits.host_time = Seconds(0.0);
  traits.frontend_time = Seconds(150e-3);
  return traits;
}

IterationPlan PrefillFirst::plan(const SchedulerView& view) const {
  IterationPlan plan;
  plan.prefill_tokens = view.waiting_prompts > 0 ? traits().token_budget : 0.0;
  plan.decode = plan.prefill_tokens <= 0 && view.decoding > 0;
  return plan;
}

}  // namespace aifactory
