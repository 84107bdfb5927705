// What an engine does in its next iteration. One file per policy, one table: a new policy is a file and a row.
#pragma once

#include <array>
#include <string_view>

#include "models/units/quantity.h"

namespace aifactory {

// What the scheduler sees between two iterations, per attention rank.
struct SchedulerView {
  double decoding = 0;         // tokens a decode step would process (sequences, times 1 + drafts)
  double waiting_prompts = 0;  // uncomputed tokens of all admitted prompts
};

// The composition of the next iteration, per attention rank. At least one of the two is non-zero when there is work.
struct IterationPlan {
  bool decode = false;         // every running sequence takes a step
  double prefill_tokens = 0;   // upper bound on prompt tokens computed
  bool whole_prompts = false;  // a prompt runs in one iteration or not at all (the first one always may)
};

// Constants of an engine that shape latency besides its kernels.
struct EngineTraits {
  double token_budget = 8192;   // tokens per iteration and attention rank
  double output_reserve = 1.0;  // share of a request's output for which KV space is reserved at admission
  Seconds host_time{};          // per iteration, not hidden behind the device
  Seconds frontend_time{};      // tokeniser, HTTP, first scheduling; once per request
};

class ServingPolicy {
 public:
  virtual ~ServingPolicy() = default;
  [[nodiscard]] virtual EngineTraits traits() const = 0;
  // Pure: the same view gives the same plan.
  [[nodiscard]] virtual IterationPlan plan(const SchedulerView& view) const = 0;
};

enum class ServingPolicyKind {
  kDecodeFirst,   // running sequences always step; prompts fill the rest of the budget in chunks (vLLM)
  kPrefillFirst,  // waiting prompts run alone, up to the budget; decoding pauses meanwhile (SGLang)
  kWholePrompt,   // running sequences step; prompts join unchunked while they fit (TensorRT-LLM)
};
inline constexpr std::array<std::string_view, 3> kServingPolicyNames = {"decode_first", "prefill_first",
                                                                        "whole_prompt"};
constexpr std::string_view name(ServingPolicyKind kind) {
  return kServingPolicyNames[static_cast<std::size_t>(kind)];
}

const ServingPolicy& serving_policy(ServingPolicyKind kind);

}  // namespace aifactory
