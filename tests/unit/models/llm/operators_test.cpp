#include "models/llm/operators.h"

#include <gtest/gtest.h>

#include <variant>

#include "models/llm/operator_list.h"
#include "tests/unit/models/llm/architectures.h"

namespace aifactory {
namespace {

template <class Shape>
std::vector<Shape> shapes(const std::vector<OperatorCall>& calls, Role role) {
  std::vector<Shape> found;
  for (const OperatorCall& call : calls) {
    if (const Shape* shape = std::get_if<Shape>(&call.shape); shape != nullptr && call.role == role) {
      found.push_back(*shape);
    }
  }
  return found;
}

StepWork decode(double sequences, double context) {
  StepWork work;
  work.decode_sequences = sequences;
  work.decode_context = context;
  return work;
}

TEST(Operators, TensorParallelLlamaLayerHasItsKnownMatrices) {
  const LlmArchitecture m = testing::llama_70b();
  ParallelLayout layout;
  layout.tensor = 8;
  const auto calls = layer_operators(m, m.layers[0], layout, {}, decode(64, 2000));
  const auto projections = shapes<GemmShape>(calls, Role::kAttentionProjection);
  ASSERT_EQ(projections.size(), 2u);
  EXPECT_EQ(projections[0].n, 1280);  // (8 + 2) heads of 128
  EXPECT_EQ(projections[1].k, 1024);
  const auto mlp = shapes<GemmShape>(calls, Role::kDenseMlp);
  EXPECT_EQ(mlp[0].n, 7168);
  EXPECT_EQ(mlp[1].k, 3584);
  const auto attention = shapes<AttentionShape>(calls, Role::kAttention);
  ASSERT_EQ(attention.size(), 1u);
  EXPECT_EQ(attention[0].heads, 8);
  EXPECT_EQ(attention[0].kv_heads, 1);
  EXPECT_EQ(attention[0].past_tokens, 2000);
  const auto sums = shapes<CollectiveCall>(calls, Role::kMlpCommunication);
  ASSERT_EQ(sums.size(), 1u);
  EXPECT_EQ(sums[0].bytes.value(), 64 * 8192 * 2.0);
}

TEST(Operators, PrefillAndDecodeShareProjectionsNotAttention) {
  const LlmArchitecture m = testing::llama_70b();
  StepWork work = decode(32, 1000);
  work.prefill_sequences = 2;
  work.prefill_tokens = 4000;
  work.prefill_past = 500;
  const auto calls = layer_operators(m, m.layers[0], ParallelLayout{}, {}, work);
  EXPECT_EQ(shapes<GemmShape>(calls, Role::kAttentionProjection)[0].m, 4032);
  const auto attention = shapes<AttentionShape>(calls, Role::kAttention);
  ASSERT_EQ(attention.size(), 2u);
  EXPECT_EQ(attention[0].new_tokens, 2000);
  EXPECT_EQ(attention[1].batch, 32);
}

TEST(Operators, WideExpertParallelismExchangesTokens) {
  const LlmArchitecture m = testing::deepseek_v3();
  ParallelLayout layout;
  layout.data = 32;
  layout.expert = 32;
  const NumericFormats formats = native_formats(m);
  const auto calls = layer_operators(m, m.layers[1], layout, formats, decode(128, 4000));
  const auto exchange = shapes<CollectiveCall>(calls, Role::kExpertCommunication);
  ASSERT_EQ(exchange.size(), 2u);
  const double copies = detail::destination_ranks(32, 8);
  EXPECT_NEAR(exchange[0].bytes.value(), 128 * copies * 7168, 1e-6);      // fp8 out
  EXPECT_NEAR(exchange[1].bytes.value(), 128 * copies * 7168 * 2, 1e-6);  // bf16 back
  const auto experts = shapes<GroupedGemmShape>(calls, Role::kExperts);
  ASSERT_EQ(experts.size(), 1u);
  EXPECT_EQ(experts[0].tokens, 128 * 32);
  EXPECT_EQ(experts[0].expert_parallel, 32);
  EXPECT_TRUE(shapes<CollectiveCall>(calls, Role::kMlpCommunication).empty());
}

TEST(Operators, ExpertsBehindTensorParallelAttentionOnlySum) {
  const LlmArchitecture m = testing::deepseek_v3();
  ParallelLayout layout;
  layout.tensor = 8;
  layout.expert = 8;
  const auto calls = layer_operators(m, m.layers[1], layout, native_formats(m), decode(64, 4000));
  EXPECT_TRUE(shapes<CollectiveCall>(calls, Role::kExpertCommunication).empty());
  EXPECT_EQ(shapes<CollectiveCall>(calls, Role::kMlpCommunication).size(), 1u);
  EXPECT_EQ(shapes<GroupedGemmShape>(calls, Role::kExperts)[0].tokens, 64);
  const auto attention = shapes<LatentAttentionShape>(calls, Role::kAttention);
  ASSERT_EQ(attention.size(), 1u);
  EXPECT_EQ(attention[0].heads, 16);
}

// A later chunk expands the latents of all earlier ones again, so the product belongs to what grows with the context.
TEST(Operators, ChunkedLatentPrefillExpandsTheCacheToo) {
  const LlmArchitecture m = testing::deepseek_v3();
  StepWork work;
  work.prefill_sequences = 1;
  work.prefill_tokens = 512;
  work.prefill_past = 7680;
  const auto calls = layer_operators(m, m.layers[0], ParallelLayout{}, {}, work);
  const auto expansions = shapes<GemmShape>(calls, Role::kAttention);
  ASSERT_EQ(expansions.size(), 1u);
  EXPECT_EQ(expansions[0].m, 8192);
  for (const GemmShape& projection : shapes<GemmShape>(calls, Role::kAttentionProjection)) {
    EXPECT_EQ(projection.m, 512);
  }
}

// Iterations price attention by phase, the rest by tokens: what only one phase runs must belong to attention.
TEST(Operators, PhasesDifferInAttentionOnly) {
  const LlmArchitecture m = testing::deepseek_v3();
  StepWork prefilled;
  prefilled.prefill_sequences = 1;
  prefilled.prefill_tokens = 64;
  const auto rest = [&](const StepWork& work) {
    std::vector<double> products;
    for (const GemmShape& g :
         shapes<GemmShape>(layer_operators(m, m.layers[0], ParallelLayout{}, {}, work), Role::kAttentionProjection)) {
      products.insert(products.end(), {g.m, g.n, g.k});
    }
    return products;
  };
  EXPECT_EQ(rest(prefilled), rest(decode(64, 4000)));
}

TEST(Operators, SparseAttentionReadsItsSelection) {
  const LlmArchitecture m = testing::deepseek_v32();
  const auto calls = layer_operators(m, m.layers[0], ParallelLayout{}, {}, decode(4, 100000));
  EXPECT_EQ(shapes<LatentAttentionShape>(calls, Role::kAttention)[0].past_tokens, 2048);
  EXPECT_EQ(shapes<AttentionShape>(calls, Role::kIndexer)[0].past_tokens, 100000);
}

TEST(Operators, StepRepeatsLayersAndAddsEnds) {
  const LlmArchitecture m = testing::gpt_oss_120b();
  ParallelLayout layout;
  layout.pipeline = 2;
  const auto calls = step_operators(m, layout, {}, decode(8, 1000));
  double attention = 0;
  for (const OperatorCall& call : calls) {
    attention += call.role == Role::kAttention ? call.repetitions : 0.0;
  }
  EXPECT_DOUBLE_EQ(attention, 18);
  EXPECT_EQ(shapes<GemmShape>(calls, Role::kHead)[0].m, 8);
  EXPECT_EQ(shapes<CollectiveCall>(calls, Role::kPipelineCommunication).size(), 1u);
  EXPECT_TRUE(step_operators(m, layout, {}, StepWork{}).empty());
}

TEST(Operators, SequenceParallelTrainingGathersAndScatters) {
  const LlmArchitecture m = testing::llama_70b();
  ParallelLayout layout;
  layout.tensor = 4;
  layout.context = 2;
  layout.recompute = Recompute::kSelective;
  const TrainingOperators ops = training_layer_operators(m, m.layers[0], layout, {}, 8192);
  const auto gathers = shapes<CollectiveCall>(ops.forward, Role::kMlpCommunication);
  ASSERT_EQ(gathers.size(), 2u);
  EXPECT_EQ(gathers[0].operation, Collective::kAllGather);
  EXPECT_EQ(gathers[1].operation, Collective::kReduceScatter);
  EXPECT_EQ(shapes<CollectiveCall>(ops.backward, Role::kMlpCommunication).size(), 3u);
  // Half the causal triangle: pairs = new x past + new^2 / 2.
  const AttentionShape attention = shapes<AttentionShape>(ops.forward, Role::kAttention)[0];
  EXPECT_DOUBLE_EQ(attention.new_tokens * (attention.past_tokens + attention.new_tokens / 2), 8192.0 * 8192 / 4);
  // Keys and values of the whole sequence: two of eight heads on each of four tensor ranks.
  const auto attention_traffic = shapes<CollectiveCall>(ops.forward, Role::kAttentionCommunication);
  ASSERT_EQ(attention_traffic.size(), 3u);
  EXPECT_EQ(attention_traffic[1].group, Group::kContext);
  EXPECT_EQ(attention_traffic[1].bytes.value(), 8192.0 * 2 * 2 * 128 * 2);
  EXPECT_EQ(shapes<AttentionShape>(ops.recompute, Role::kAttention).size(), 1u);
  EXPECT_TRUE(shapes<GemmShape>(ops.recompute, Role::kDenseMlp).empty());
}

TEST(Operators, UpdateReducesGradientsOverTheRightRanks) {
  const LlmArchitecture m = testing::deepseek_v3();
  ParallelLayout layout;
  layout.tensor = 2;
  layout.data = 64;
  layout.expert = 32;
  layout.pipeline = 4;
  const auto calls = training_update_operators(m, layout);
  const auto exchanges = shapes<CollectiveCall>(calls, Role::kGradientCommunication);
  ASSERT_EQ(exchanges.size(), 4u);
  EXPECT_EQ(exchanges[0].ranks, 64);
  EXPECT_EQ(exchanges[2].ranks, 4);
  EXPECT_EQ(exchanges[2].group, Group::kExpertData);
}

TEST(Operators, EveryRoleHasAName) {
  EXPECT_EQ(name(Role::kEmbedding), "embedding");
  EXPECT_EQ(name(Role::kOptimizer), "optimizer");
}

}  // namespace
}  // namespace aifactory
