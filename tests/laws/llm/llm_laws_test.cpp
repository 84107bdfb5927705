// Closed forms, additivity and monotonicity of what is derived from an architecture, over every kind of layer.
#include <gtest/gtest.h>

#include <functional>
#include <variant>
#include <vector>

#include "models/llm/flops.h"
#include "models/llm/kv_cache.h"
#include "models/llm/memory.h"
#include "models/llm/operators.h"
#include "models/llm/parameters.h"
#include "models/llm/pipeline_schedule.h"
#include "tests/unit/models/llm/architectures.h"

namespace aifactory {
namespace {

std::vector<LlmArchitecture> every_kind() {
  return {testing::llama_70b(),    testing::gpt3(),        testing::deepseek_v3(),    testing::deepseek_v32(),
          testing::gpt_oss_120b(), testing::qwen35_397b(), testing::deepseek_v4_pro()};
}

TEST(CacheLaw, LayersAddUp) {
  for (const LlmArchitecture& m : every_kind()) {
    Bytes sum{};
    for (const LayerGroup& group : m.layers) {
      sum += layer_cache_bytes(m, group, 5000, Precision::kBf16) * static_cast<double>(group.count);
    }
    EXPECT_NEAR(sequence_cache_bytes(m, 5000, Precision::kBf16) / sum, 1.0, 1e-12) << m.id;
  }
}

TEST(CacheLaw, GrowthIsTheSlopeOfALongSequence) {
  for (const LlmArchitecture& m : every_kind()) {
    const Bytes added =
        sequence_cache_bytes(m, 200001, Precision::kFp8) - sequence_cache_bytes(m, 200000, Precision::kFp8);
    EXPECT_NEAR(added.value(), cache_growth(m, Precision::kFp8).value(), 1e-3) << m.id;
  }
}

TEST(CacheLaw, NeverShrinksWithLengthNorGrowsWithRanks) {
  for (const LlmArchitecture& m : every_kind()) {
    Bytes before{};
    for (double tokens = 1; tokens < 1e6; tokens *= 3) {
      const Bytes now = sequence_cache_bytes(m, tokens, Precision::kBf16);
      EXPECT_GE(now, before) << m.id;
      before = now;
      EXPECT_GE(sequence_cache_bytes_per_rank(m, tokens, Precision::kBf16, 2),
                sequence_cache_bytes_per_rank(m, tokens, Precision::kBf16, 4))
          << m.id;
    }
  }
}

TEST(AttentionLaw, MeanIsTheSumOverPositions) {
  for (const LlmArchitecture& m : every_kind()) {
    for (const LayerGroup& group : m.layers) {
      double sum = 0.0;
      for (int position = 301; position <= 3300; ++position) {
        sum += attended_tokens(group, position);
      }
      EXPECT_NEAR(mean_attended_tokens(group, 3000, 300), sum / 3000, 1e-9 * sum) << m.id;
    }
  }
}

// Summing single tokens along a sequence gives the sequence.
TEST(FlopsLaw, TokensAddUpToTheSequence) {
  for (const LlmArchitecture& m : every_kind()) {
    Flops sum{};
    for (int position = 1001; position <= 1500; ++position) {
      sum += forward_flops_per_token(m, position);
    }
    EXPECT_NEAR(forward_flops(m, 500, 1000, true) / sum, 1.0, 1e-9) << m.id;
  }
}

TEST(FlopsLaw, TwiceActiveParametersPlusAttention) {
  const LlmArchitecture m = testing::llama_70b();
  const double closed = 2 * active_matmul_parameters(m) + 80 * 4.0 * 8192 * 4096;
  EXPECT_NEAR(forward_flops_per_token(m, 4096).value(), closed, 1e-9 * closed);
  const double trained = 6 * active_matmul_parameters(m) + 3 * 80 * 4.0 * 8192 * 4096.5;
  EXPECT_NEAR(training_flops_per_token(m, 8192).value(), trained, 1e-9 * trained);
}

TEST(FlopsLaw, ActiveNeverExceedsTotal) {
  for (const LlmArchitecture& m : every_kind()) {
    const ParameterCount count = count_parameters(m);
    EXPECT_LE(count.active(), count.total()) << m.id;
    EXPECT_GT(count.active(), 0.0) << m.id;
  }
}

Flops matmul_flops(const std::vector<OperatorCall>& calls) {
  double flops = 0.0;
  for (const OperatorCall& call : calls) {
    if (const auto* gemm = std::get_if<GemmShape>(&call.shape)) {
      flops += call.repetitions * 2.0 * gemm->m * gemm->n * gemm->k;
    } else if (const auto* grouped = std::get_if<GroupedGemmShape>(&call.shape)) {
      const double copies = grouped->tokens * grouped->experts_per_token / grouped->expert_parallel;
      flops += call.repetitions * (grouped->gated ? 6.0 : 4.0) * copies * grouped->hidden * grouped->intermediate /
               grouped->tensor_parallel;
    }
  }
  return Flops(flops);
}

// The matrix products of a decode step are the active parameters, twice per token. Absorbed latent projections replace
// the expansion of keys and values by products of the same size; chunked linear attention is attention, not weights.
TEST(OperatorLaw, DecodeStepMultipliesTheActiveParameters) {
  for (const LlmArchitecture& m : every_kind()) {
    StepWork work;
    work.decode_sequences = 16;
    work.decode_context = 2000;
    const Flops flops = matmul_flops(step_operators(m, ParallelLayout{}, {}, work));
    EXPECT_NEAR(flops.value() / (16 * 2 * active_matmul_parameters(m)), 1.0, 2e-3) << m.id;
  }
}

// Ranks together do the work once, apart from what every tensor rank holds whole.
TEST(OperatorLaw, TensorRanksShareTheWork) {
  const LlmArchitecture m = testing::llama_70b();
  StepWork work;
  work.decode_sequences = 16;
  work.decode_context = 2000;
  ParallelLayout layout;
  layout.tensor = 8;
  const Flops whole = matmul_flops(step_operators(m, ParallelLayout{}, {}, work));
  EXPECT_NEAR(8 * matmul_flops(step_operators(m, layout, {}, work)).value() / whole.value(), 1.0, 1e-12);
}

TEST(OperatorLaw, BackwardIsTwiceForward) {
  for (const LlmArchitecture& m : every_kind()) {
    for (const LayerGroup& group : m.layers) {
      const TrainingOperators ops = training_layer_operators(m, group, ParallelLayout{}, {}, 2048);
      EXPECT_NEAR(matmul_flops(ops.backward) / matmul_flops(ops.forward), 2.0, 1e-12) << m.id;
      EXPECT_TRUE(ops.recompute.empty());
    }
  }
}

TEST(OperatorLaw, ExpertRanksShareTheExperts) {
  const LlmArchitecture m = testing::deepseek_v3();
  StepWork work;
  work.decode_sequences = 64;
  work.decode_context = 2000;
  const auto experts = [&](int ranks) {
    ParallelLayout layout;
    layout.data = layout.expert = ranks;
    double flops = 0.0;
    for (const OperatorCall& call : layer_operators(m, m.layers[1], layout, {}, work)) {
      if (std::holds_alternative<GroupedGemmShape>(call.shape)) {
        flops += matmul_flops({call}).value();
      }
    }
    return flops;
  };
  EXPECT_NEAR(experts(32) / experts(1), 1.0, 1e-12);  // each rank brings its own tokens
}

TrainingFootprint footprint(const LlmArchitecture& m, const std::function<void(ParallelLayout&)>& change) {
  ParallelLayout layout;
  layout.data = 8;
  layout.global_batch = 256;
  change(layout);
  return training_footprint(m, layout, 4096);
}

TEST(MemoryLaw, MoreRanksNeverNeedMoreMemoryEach) {
  for (const LlmArchitecture& m : every_kind()) {
    for (const int degree : {1, 2, 4, 8}) {
      const auto tensor = [&](int t) { return footprint(m, [&](ParallelLayout& layout) { layout.tensor = t; }); };
      EXPECT_GE(tensor(degree).total(), tensor(2 * degree).total()) << m.id << " tensor " << degree;
      const auto pipeline = [&](int p) { return footprint(m, [&](ParallelLayout& layout) { layout.pipeline = p; }); };
      const TrainingFootprint a = pipeline(degree);
      const TrainingFootprint b = pipeline(2 * degree);
      EXPECT_GE(a.weights + a.gradients + a.optimizer, b.weights + b.gradients + b.optimizer) << m.id;
      const auto context = [&](int c) { return footprint(m, [&](ParallelLayout& layout) { layout.context = c; }); };
      EXPECT_GE(context(degree).total(), context(2 * degree).total()) << m.id << " context " << degree;
    }
  }
}

TEST(MemoryLaw, ShardingAndRecomputationOnlyHelp) {
  for (const LlmArchitecture& m : every_kind()) {
    Bytes before(1e30);
    for (const ZeroStage stage :
         {ZeroStage::kNone, ZeroStage::kOptimizer, ZeroStage::kGradients, ZeroStage::kWeights}) {
      const Bytes total = footprint(m, [&](ParallelLayout& layout) { layout.zero = stage; }).total();
      EXPECT_LE(total, before) << m.id;
      before = total;
    }
    before = Bytes(1e30);
    for (const Recompute policy : {Recompute::kNone, Recompute::kSelective, Recompute::kFull}) {
      const Bytes kept = footprint(m, [&](ParallelLayout& layout) { layout.recompute = policy; }).activations;
      EXPECT_LT(kept, before) << m.id;
      before = kept;
    }
  }
}

TEST(ScheduleLaw, NoScheduleBeatsTheWorkAndInterleavingHelps) {
  const StageTimes times{Seconds(1e-3), Seconds(1e-3), Seconds(1e-3), Seconds(1e-5)};
  for (const int stages : {2, 4, 16}) {
    for (const double micro_batches : {16.0, 64.0, 256.0}) {
      const double work = 3e-3 * micro_batches;
      for (const std::string_view name : kPipelineScheduleNames) {
        EXPECT_GE(pipeline_schedule(name)->step_time({stages, 1, micro_batches}, times).value(), work) << name;
      }
      const PipelineSchedule* interleaved = pipeline_schedule("interleaved");
      EXPECT_LT(interleaved->step_time({stages, 4, micro_batches}, times),
                interleaved->step_time({stages, 1, micro_batches}, times));
      EXPECT_EQ(interleaved->step_time({stages, 1, micro_batches}, times),
                pipeline_schedule("1f1b")->step_time({stages, 1, micro_batches}, times));
    }
  }
}

}  // namespace
}  // namespace aifactory
