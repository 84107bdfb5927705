#include "sim/serving/serving_policy.h"

#include <gtest/gtest.h>

namespace aifactory {
namespace {

constexpr ServingPolicyKind kAll[] = {ServingPolicyKind::kDecodeFirst, ServingPolicyKind::kPrefillFirst,
                                      ServingPolicyKind::kWholePrompt};

TEST(ServingPolicy, SomethingRunsWheneverThereIsWork) {
  for (const ServingPolicyKind kind : kAll) {
    for (const double decoding : {0.0, 1.0, 100000.0}) {
      for (const double waiting : {0.0, 5.0, 50000.0}) {
        const IterationPlan plan = serving_policy(kind).plan({decoding, waiting});
        EXPECT_EQ(decoding + waiting > 0, plan.decode || plan.prefill_tokens > 0) << name(kind);
        EXPECT_EQ(waiting > 0 && plan.prefill_tokens <= 0, waiting > 0 && plan.decode && plan.prefill_tokens <= 0);
      }
    }
  }
}

TEST(ServingPolicy, DecodeFirstLeavesPromptsTheRestOfTheBudget) {
  const ServingPolicy& policy = serving_policy(ServingPolicyKind::kDecodeFirst);
  const IterationPlan plan = policy.plan({200, 10000});
  EXPECT_TRUE(plan.decode);
  EXPECT_DOUBLE_EQ(plan.prefill_tokens, policy.traits().token_budget - 200);
  EXPECT_FALSE(plan.whole_prompts);
}

TEST(ServingPolicy, PrefillFirstPausesDecoding) {
  const ServingPolicy& policy = serving_policy(ServingPolicyKind::kPrefillFirst);
  EXPECT_FALSE(policy.plan({200, 10}).decode);
  EXPECT_TRUE(policy.plan({200, 0}).decode);
}

TEST(ServingPolicy, WholePromptsAreNotCut) {
  EXPECT_TRUE(serving_policy(ServingPolicyKind::kWholePrompt).plan({1, 1}).whole_prompts);
}

}  // namespace
}  // namespace aifactory
