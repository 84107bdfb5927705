// Waiting prompts run before anything else, up to the token budget, in chunks; decoding pauses meanwhile: SGLang's
// default scheduler (Zheng et al., 2024).
#pragma once

#include "sim/serving/serving_policy.h"

namespace aifactory {

class PrefillFirst final : public ServingPolicy {
 public:
  [[nodiscard]] EngineTraits traits() const override;
  [[nodiscard]] IterationPlan plan(const SchedulerView& view) const override;
};

}  // namespace aifactory
