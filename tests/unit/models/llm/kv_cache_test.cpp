#include "models/llm/kv_cache.h"

#include <gtest/gtest.h>

#include "tests/unit/models/llm/architectures.h"

namespace aifactory {
namespace {

TEST(KvCache, GroupedHeadsStoreKeysAndValues) {
  const LlmArchitecture m = testing::llama_70b();
  EXPECT_DOUBLE_EQ(kv_bytes_per_token(m, m.layers[0], Precision::kBf16).value(), 2 * 8 * 128 * 2.0);
  EXPECT_DOUBLE_EQ(cache_growth(m, Precision::kBf16).value(), 327680.0);
  EXPECT_DOUBLE_EQ(cache_growth(m, Precision::kFp8).value(), 163840.0);
}

TEST(KvCache, LatentStores576Elements) {
  const LlmArchitecture m = testing::deepseek_v3();
  EXPECT_DOUBLE_EQ(kv_bytes_per_token(m, m.layers[0], Precision::kBf16).value(), 576 * 2.0);
  EXPECT_DOUBLE_EQ(cache_growth(m, Precision::kBf16).value(), 61 * 1152.0);
}

TEST(KvCache, IndexerKeysComeOnTop) {
  const double latent = cache_growth(testing::deepseek_v3(), Precision::kBf16).value();
  EXPECT_DOUBLE_EQ(cache_growth(testing::deepseek_v32(), Precision::kBf16).value(), latent + 61 * 128.0);
}

TEST(KvCache, WindowedLayersStopGrowing) {
  const LlmArchitecture m = testing::gpt_oss_120b();
  const Bytes at_window = layer_cache_bytes(m, m.layers[0], 128, Precision::kBf16);
  EXPECT_EQ(layer_cache_bytes(m, m.layers[0], 100000, Precision::kBf16), at_window);
  EXPECT_GT(layer_cache_bytes(m, m.layers[1], 100000, Precision::kBf16), at_window);
  EXPECT_DOUBLE_EQ(cache_growth(m, Precision::kBf16).value(), 18 * 2 * 8 * 64 * 2.0);
}

TEST(KvCache, LinearLayersKeepAConstantState) {
  const LlmArchitecture m = testing::qwen35_397b();
  const Bytes one = layer_cache_bytes(m, m.layers[0], 1, Precision::kBf16);
  EXPECT_EQ(layer_cache_bytes(m, m.layers[0], 1e6, Precision::kFp8), one);
  const double state = 64.0 * 128 * 128;
  const double convolution = 3.0 * (2 * 16 * 128 + 64 * 128);
  EXPECT_DOUBLE_EQ(linear_state_elements(m), state + convolution);
  EXPECT_DOUBLE_EQ(one.value(), 4 * state + 2 * convolution);
}

// Published for a million tokens: 9.62 GiB in bf16, indexer keys included; ours holds those keys in fp8.
TEST(KvCache, CompressedCacheMatchesTheReport) {
  const LlmArchitecture m = testing::deepseek_v4_pro();
  const double fp8_keys = 30 * 128.0 / 4 * 1048576;
  const double ours = sequence_cache_bytes(m, 1048576, Precision::kBf16).value() + fp8_keys;
  EXPECT_NEAR(ours / (1024.0 * 1024 * 1024), 9.62, 0.02);
}

TEST(KvCache, TensorRanksSplitHeadsAndReplicateLatents) {
  const LlmArchitecture grouped = testing::llama_70b();
  const double whole = sequence_cache_bytes(grouped, 1000, Precision::kBf16).value();
  EXPECT_DOUBLE_EQ(sequence_cache_bytes_per_rank(grouped, 1000, Precision::kBf16, 4).value(), whole / 4);
  EXPECT_DOUBLE_EQ(sequence_cache_bytes_per_rank(grouped, 1000, Precision::kBf16, 16).value(), whole / 8);
  const LlmArchitecture latent = testing::deepseek_v3();
  EXPECT_EQ(sequence_cache_bytes_per_rank(latent, 1000, Precision::kBf16, 8),
            sequence_cache_bytes(latent, 1000, Precision::kBf16));
}

TEST(KvCache, AttendedTokensRespectWindowSelectionAndCompression) {
  LayerGroup group;
  EXPECT_DOUBLE_EQ(attended_tokens(group, 5000), 5000);
  group.window = 128;
  EXPECT_DOUBLE_EQ(attended_tokens(group, 100), 100);
  EXPECT_DOUBLE_EQ(attended_tokens(group, 5000), 128);
  group.compression = 4;
  EXPECT_DOUBLE_EQ(attended_tokens(group, 5000), 128 + 1250);
  group.sparse_top_k = 512;
  EXPECT_DOUBLE_EQ(attended_tokens(group, 5000), 128 + 512);
  group.attention = AttentionKind::kLinear;
  EXPECT_DOUBLE_EQ(attended_tokens(group, 5000), 0);
}

}  // namespace
}  // namespace aifactory
