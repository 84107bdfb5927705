#include "sim/serving/whole_prompt.h"

#include <algorithm>

namespace aifactory {

EngineTraits WholePrompt::traits() const {
  EngineTraits traits;
  // TensorRT-LLM: max_num_tokens 8192, guaranteed-no-evict capacity scheduling reserves the whole output
  // (tensorrt_llm/llmapi/llm_args.py). Host and frontend: effective values that reproduce InferenceX runs.
  traits.token_budget = 8192;
  traits.output_reserve = 1.0;
  traits.host_time = Seconds(0.5e-3);
  traits.frontend_time = Seconds(35e-3);
  return traits;
}

IterationPlan WholePrompt::plan(const SchedulerView& view) const {
  IterationPlan plan;
  plan.decode = view.decoding > 0;
  plan.whole_prompts = true;
  plan.prefill_tokens = view.waiting_prompts > 0 ? std::max(1.0, traits().token_budget - view.decoding) : 0.0;
  return plan;
}

}  // namespace aifactory
