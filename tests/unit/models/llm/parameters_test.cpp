#include "models/llm/parameters.h"

#include <gtest/gtest.h>

#include "tests/unit/models/llm/architectures.h"

namespace aifactory {
namespace {

TEST(Parameters, DenseLayerIsProjectionsAndThreeMatrices) {
  const LlmArchitecture m = testing::llama_70b();
  const LayerParameters p = layer_parameters(m, m.layers[0]);
  EXPECT_DOUBLE_EQ(p.attention, 8192.0 * 8192 + 2 * 8192.0 * 1024 + 8192.0 * 8192);
  EXPECT_DOUBLE_EQ(p.dense_mlp, 3 * 8192.0 * 28672);
  EXPECT_DOUBLE_EQ(p.norms, 2 * 8192.0);
  EXPECT_EQ(p.routed_experts + p.shared_experts + p.router, 0.0);
}

TEST(Parameters, LatentLayerCountsLatentsOncePerRank) {
  const LlmArchitecture m = testing::deepseek_v3();
  const LayerParameters p = layer_parameters(m, m.layers[1]);
  const double queries = 7168.0 * 1536 + 1536.0 * 128 * 192;
  const double keys_values = 7168.0 * 576 + 512.0 * 128 * 256;
  EXPECT_DOUBLE_EQ(p.attention, queries + keys_values + 128 * 128 * 7168.0);
  EXPECT_DOUBLE_EQ(p.replicated, 7168.0 * (1536 + 576));
  EXPECT_DOUBLE_EQ(p.routed_experts, 256 * 3 * 7168.0 * 2048);
  EXPECT_DOUBLE_EQ(p.router, 7168.0 * 256);
}

// Published: 671 B total and 37 B active, 14 B more for the prediction module of which 11.5 B are its own layer.
TEST(Parameters, TotalsMatchTheModelCards) {
  EXPECT_NEAR(count_parameters(testing::deepseek_v3()).total(), 671e9, 0.005 * 671e9);
  EXPECT_NEAR(count_parameters(testing::deepseek_v3()).active(), 37e9, 0.02 * 37e9);
  EXPECT_NEAR(count_parameters(testing::llama_70b()).total(), 70.55e9, 0.001 * 70.55e9);
  EXPECT_NEAR(count_parameters(testing::gpt3()).total(), 175e9, 0.01 * 175e9);
  EXPECT_NEAR(count_parameters(testing::gpt_oss_120b()).total(), 116.8e9, 0.005 * 116.8e9);
  EXPECT_NEAR(count_parameters(testing::qwen35_397b()).total(), 397e9, 0.01 * 397e9);
  EXPECT_NEAR(count_parameters(testing::deepseek_v4_pro()).total(), 1.6e12, 0.02 * 1.6e12);
}

TEST(Parameters, TiedHeadIsStoredOnceAndMultipliedOnce) {
  LlmArchitecture m = testing::llama_70b();
  const double separate = count_parameters(m).total();
  const double matmul = active_matmul_parameters(m);
  m.tied_embeddings = true;
  EXPECT_DOUBLE_EQ(separate - count_parameters(m).total(), 128256.0 * 8192);
  EXPECT_DOUBLE_EQ(active_matmul_parameters(m), matmul);
}

TEST(Parameters, MixerOnlyLayerHasNoFeedForward) {
  LlmArchitecture m = testing::qwen35_397b();
  m.layers[0].feed_forward = false;
  const LayerParameters p = layer_parameters(m, m.layers[0]);
  EXPECT_DOUBLE_EQ(p.total(), p.attention + 4096.0);
}

TEST(Parameters, LatentExpertsAreSmallerAndBringProjections) {
  LlmArchitecture m = testing::deepseek_v3();
  const double full = expert_parameters(m);
  m.expert_latent = m.hidden / 2;
  EXPECT_DOUBLE_EQ(expert_parameters(m), full / 2);
  EXPECT_DOUBLE_EQ(layer_parameters(m, m.layers[1]).expert_projections, 7168.0 * 7168);
}

TEST(Parameters, WeightBytesFollowTheFormatOfEachPart) {
  const LlmArchitecture m = testing::gpt_oss_120b();
  const NumericFormats native = native_formats(m);
  EXPECT_EQ(native.experts, GemmFormat::kInt4WeightOnly);
  EXPECT_EQ(native.dense, GemmFormat::kBf16);
  // The published checkpoint takes 65 GB.
  EXPECT_NEAR(weight_bytes(m, native).value(), 65e9, 0.03 * 65e9);
  EXPECT_NEAR(weight_bytes(m, NumericFormats{}).value(), 2.0 * count_parameters(m).total(), 1.0);
}

TEST(Parameters, BytesPerWeightIncludeBlockScales) {
  EXPECT_DOUBLE_EQ(bytes_per_weight(GemmFormat::kFp4), 0.5625);
  EXPECT_GT(bytes_per_weight(GemmFormat::kFp8Block), bytes_per_weight(GemmFormat::kFp8));
  EXPECT_LT(bytes_per_weight(GemmFormat::kFp8Block), 1.001);
}

}  // namespace
}  // namespace aifactory
