#include "models/llm/flops.h"

#include <gtest/gtest.h>

#include "models/llm/parameters.h"
#include "tests/unit/models/llm/architectures.h"

namespace aifactory {
namespace {

TEST(Flops, AttentionIsScoresPlusValues) {
  const LlmArchitecture dense = testing::llama_70b();
  EXPECT_DOUBLE_EQ(attention_flops(dense, dense.layers[0], 1000).value(), 4.0 * 64 * 128 * 1000);
  const LlmArchitecture latent = testing::deepseek_v3();
  EXPECT_DOUBLE_EQ(attention_flops(latent, latent.layers[0], 1000).value(), 2.0 * 128 * (192 + 128) * 1000);
}

// Megatron-LM counts 72 b s l h^2 (1 + s/6h + V/12lh) for one pass forward and backward with the full s x s square of
// scores; the causal half leaves s/12h.
TEST(Flops, TrainingFlopsOfGptMatchTheMegatronFormula) {
  const LlmArchitecture m = testing::gpt3();
  const double s = 2048;
  const double h = 12288;
  const double l = 96;
  const double v = 51200;
  const double formula = 72 * l * h * h * (1 + s / (12 * h) + v / (12 * l * h));
  EXPECT_NEAR(training_flops_per_token(m, s).value(), formula, 1e-4 * formula);
}

TEST(Flops, SparseAttentionStopsGrowingButItsIndexerDoesNot) {
  const LlmArchitecture m = testing::deepseek_v32();
  const double near = forward_flops_per_token(m, 8192).value();
  const double far = forward_flops_per_token(m, 16384).value();
  EXPECT_NEAR(far - near, 61 * 2.0 * 64 * 128 * 8192, 1.0);
  EXPECT_GT(forward_flops_per_token(testing::deepseek_v3(), 16384).value(), far);
}

// DeepSeek-V4 report: at one million tokens V4-Pro needs 27 % of V3.2's FLOPs per token. V3.2 decodes with absorbed
// projections, which multiply 576 + 512 channels per head and entry where the expanded form multiplies 192 + 128.
TEST(Flops, CompressedAttentionCutsLongContextCostAsReported) {
  const double context = 1 << 20;
  const LlmArchitecture v32 = testing::deepseek_v32();
  const double absorbed = 61 * 2.0 * 128 * (1088 - 320) * 2048;
  const double v4 = forward_flops_per_token(testing::deepseek_v4_pro(), context).value();
  EXPECT_NEAR(v4 / (forward_flops_per_token(v32, context).value() + absorbed), 0.27, 0.06);
}

TEST(Flops, ServingPaysTheHeadOnce) {
  const LlmArchitecture m = testing::llama_70b();
  const double head = 2.0 * 128256 * 8192;
  EXPECT_NEAR((forward_flops(m, 1000, 0, true) - forward_flops(m, 1000, 0, false)).value(), 999 * head, 1e3);
  EXPECT_EQ(forward_flops(m, 0, 100, false).value(), 0.0);
}

}  // namespace
}  // namespace aifactory
