// Running sequences always take their step; prompts fill what is left of the token budget, cut into chunks: vLLM V1,
// Sarathi-Serve (Agrawal et al., OSDI 2024).
#pragma once

#include "sim/serving/serving_policy.h"

namespace aifactory {

class DecodeFirst final : public ServingPolicy {
 public:
  [[nodiscard]] EngineTraits traits() const override;
  [[nodiscard]] IterationPlan plan(const SchedulerView& view) const override;
};

}  // namespace aifactory
