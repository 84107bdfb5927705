// Running sequences take their step; prompts join unchunked while the token budget has room: TensorRT-LLM's in-flight
// batching with chunked context off, and Orca's iteration-level scheduling (Yu et al., OSDI 2022).
#pragma once

#include "sim/serving/serving_policy.h"

namespace aifactory {

class WholePrompt final : public ServingPolicy {
 public:
  [[nodiscard]] EngineTraits traits() const override;
  [[nodiscard]] IterationPlan plan(const SchedulerView& view) const override;
};

}  // namespace aifactory
