#include "models/llm/memory.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "models/llm/parameters.h"
#include "tests/unit/models/llm/architectures.h"

namespace aifactory {
namespace {

// Korthikanti et al. 2022: 34 s b h bytes per layer without scores, of which two bytes per element are dropout masks we
// do not keep; with tensor and sequence parallelism all of it divides by t.
TEST(Memory, GptLayerKeepsThirtyTwoBytesPerElement) {
  const LlmArchitecture m = testing::gpt3();
  ParallelLayout layout;
  const double element = 2048.0 * 12288;
  EXPECT_NEAR(layer_activation_bytes(m, m.layers[0], layout, 2048).value() / element, 32.0, 1e-9);
  layout.tensor = 8;
  EXPECT_NEAR(layer_activation_bytes(m, m.layers[0], layout, 2048).value() / element, 4.0, 1e-9);
  layout.sequence_parallel = false;
  EXPECT_NEAR(layer_activation_bytes(m, m.layers[0], layout, 2048).value() / element, 8.0 + 24.0 / 8, 1e-9);
  layout.sequence_parallel = true;
  layout.recompute = Recompute::kFull;
  EXPECT_NEAR(layer_activation_bytes(m, m.layers[0], layout, 2048).value() / element, 2.0 / 8, 1e-9);
}

TEST(Memory, AdamTakesEighteenBytesPerParameterAndShardsByStage) {
  const LlmArchitecture m = testing::llama_70b();
  ParallelLayout layout;
  layout.data = 64;
  layout.global_batch = 64;
  const double n = count_parameters(m).total();
  layout.zero = ZeroStage::kNone;
  TrainingFootprint f = training_footprint(m, layout, 8192);
  EXPECT_NEAR((f.weights + f.gradients + f.optimizer).value(), 18 * n, 1e-3 * n);
  layout.zero = ZeroStage::kOptimizer;
  f = training_footprint(m, layout, 8192);
  EXPECT_NEAR(f.optimizer.value(), 12 * n / 64, 1e-3 * n);
  EXPECT_NEAR(f.gradients.value(), 4 * n, 1e-3 * n);
  layout.zero = ZeroStage::kWeights;
  f = training_footprint(m, layout, 8192);
  EXPECT_NEAR(f.weights.value(), 2 * n / 64, 1e-3 * n);
}

// A 405B-class reason to shard: 8 x 80 GB cannot train a 70B model with replicated optimizer states.
TEST(Memory, WhatDoesNotFitSaysWhy) {
  const LlmArchitecture m = testing::llama_70b();
  ParallelLayout layout;
  layout.tensor = 8;
  layout.global_batch = 8;
  const Fit fit = fits(training_footprint(m, layout, 8192), Bytes(80e9), 0.95);
  EXPECT_FALSE(fit.fits);
  EXPECT_THAT(fit.because, ::testing::HasSubstr("optimizer 105.8"));
  layout.pipeline = 4;
  layout.data = 4;
  EXPECT_TRUE(fits(training_footprint(m, layout, 8192), Bytes(80e9), 0.95).fits);
}

TEST(Memory, ServingWeightsSplitOverTensorAndExpertRanks) {
  const LlmArchitecture m = testing::deepseek_v3();
  const NumericFormats formats = native_formats(m);
  ParallelLayout one_node;
  one_node.tensor = 8;
  one_node.expert = 8;
  const ServingFootprint f = serving_footprint(m, one_node, formats, 4096, 8192);
  // 671 GB of fp8 weights (bf16 embedding and head) over eight, latents replicated.
  EXPECT_NEAR(f.weights.value(), weight_bytes(m, formats).value() / 8, 0.03 * 86e9);
  EXPECT_DOUBLE_EQ(f.cache_per_sequence.value(), 4096 * 61 * 1152.0);
  ParallelLayout wide;
  wide.data = 64;
  wide.expert = 64;
  const ServingFootprint g = serving_footprint(m, wide, formats, 4096, 8192);
  EXPECT_LT(g.weights, f.weights);
  EXPECT_GT(max_sequences(g, Bytes(141e9), 0.9), max_sequences(f, Bytes(141e9), 0.9));
}

TEST(Memory, NoRoomForOneSequenceIsZero) {
  const LlmArchitecture m = testing::llama_70b();
  const ServingFootprint f = serving_footprint(m, ParallelLayout{}, NumericFormats{}, 4096, 8192);
  EXPECT_EQ(max_sequences(f, Bytes(80e9), 0.9), 0.0);
  EXPECT_THAT(fits(f, 1, Bytes(80e9), 0.9).because, ::testing::HasSubstr("weights 141.1"));
}

}  // namespace
}  // namespace aifactory
