#include "sim/serving/serving_policy.h"

#include <stdexcept>

#include "sim/serving/decode_first.h"
#include "sim/serving/prefill_first.h"
#include "sim/serving/whole_prompt.h"

namespace aifactory {

const ServingPolicy& serving_policy(ServingPolicyKind kind) {
  static const DecodeFirst decode_first;
  static const PrefillFirst prefill_first;
  static const WholePrompt whole_prompt;
  switch (kind) {
    case ServingPolicyKind::kDecodeFirst:
      return decode_first;
    case ServingPolicyKind::kPrefillFirst:
      return prefill_first;
    case ServingPolicyKind::kWholePrompt:
      return whole_prompt;
  }
  throw std::invalid_argument("unknown serving policy");
}

}  // namespace aifactory
