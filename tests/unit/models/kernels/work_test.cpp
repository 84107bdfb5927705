#include "models/kernels/work.h"

#include <gtest/gtest.h>

#include <cmath>
#include <stdexcept>

namespace aifactory {
namespace {

TEST(GemmWork, CountsFlopsAndCompulsoryBytes) {
  const KernelWork w = gemm_work({16, 4096, 8192});
  EXPECT_DOUBLE_EQ(w.flops, 2.0 * 16 * 4096 * 8192);
  EXPECT_DOUBLE_EQ(w.bytes, 2.0 * (16.0 * 8192 + 4096.0 * 8192 + 16.0 * 4096));
  EXPECT_DOUBLE_EQ(w.items, 0.0);
  EXPECT_DOUBLE_EQ(gemm_work({16, 4096, 8192, GemmFormat::kFp8}).items, 16 * 8.192);
}

TEST(GemmWork, RefusesSizesThatAreNotPositive) {
  EXPECT_THROW(gemm_work({0, 1, 1}), std::invalid_argument);
  EXPECT_THROW(gemm_work({1, -1, 1}), std::invalid_argument);
  EXPECT_THROW(gemm_work({1, 1, 1.0 / 0.0}), std::invalid_argument);
}

GroupedGemmShape moe(double tokens) {
  GroupedGemmShape s;
  s.tokens = tokens;
  s.hidden = 7168;
  s.intermediate = 2048;
  s.experts = 256;
  s.experts_per_token = 8;
  return s;
}

TEST(GroupedGemmWork, OneTokenActivatesItsExpertsAndManyActivateAll) {
  EXPECT_NEAR(grouped_gemm_work(moe(1)).items, 8.0, 0.15);
  EXPECT_NEAR(grouped_gemm_work(moe(1e6)).items, 256.0, 1e-6);
}

TEST(GroupedGemmWork, ExpertParallelRanksShareRowsAndWeights) {
  GroupedGemmShape s = moe(4096);
  const KernelWork whole = grouped_gemm_work(s);
  s.expert_parallel = 8;
  const KernelWork rank = grouped_gemm_work(s);
  EXPECT_NEAR(rank.flops, whole.flops / 8, 1e-9 * whole.flops);
  EXPECT_NEAR(rank.items, whole.items / 8, 1e-9);
  EXPECT_EQ(rank.rows, 4096.0) << "every rank has every token";
  s.exchanged = true;
  EXPECT_NEAR(grouped_gemm_work(s).rows, 4096.0 * (1.0 - std::pow(7.0 / 8.0, 8)), 1e-6) << "those that chose the rank";
  s.exchanged = false;
  s.imbalance = 2.0;
  EXPECT_NEAR(grouped_gemm_work(s).flops, whole.flops / 4, 1e-9 * whole.flops);
}

TEST(GroupedGemmWork, APowerLawGivesOutEveryChoiceAndNoExpertMoreThanEveryToken) {
  GroupedGemmShape s = moe(64);
  s.routing = ExpertRouting::kPowerLaw;
  for (const double exponent : {0.5, 1.0, 1.2, 3.0}) {
    for (const int per_token : {1, 4, 31, 32}) {
      s.experts = 32;
      s.experts_per_token = per_token;
      s.routing_exponent = exponent;
      EXPECT_NEAR(rank_load(s).rows, 64.0 * per_token, 1e-6) << exponent << ' ' << per_token;
    }
  }
}

TEST(GroupedGemmWork, RefusesImpossibleRouting) {
  GroupedGemmShape s = moe(1);
  s.experts_per_token = 300;
  EXPECT_THROW(grouped_gemm_work(s), std::invalid_argument);
  s = moe(1);
  s.expert_parallel = 512;
  EXPECT_THROW(grouped_gemm_work(s), std::invalid_argument);
  s = moe(1);
  s.imbalance = 0.5;
  EXPECT_THROW(grouped_gemm_work(s), std::invalid_argument);
}

TEST(AttentionPairs, CausalWindowedAndCachedCountsAreExact) {
  const auto brute = [](int past, int n, int window) {
    double pairs = 0;
    for (int i = 1; i <= n; ++i) {
      const int all = past + i;
      pairs += window > 0 && all > window ? window : all;
    }
    return pairs;
  };
  for (const int past : {0, 3, 50, 200}) {
    for (const int n : {1, 2, 17, 130}) {
      for (const int window : {0, 1, 16, 128}) {
        EXPECT_DOUBLE_EQ(attention_pairs(past, n, window), brute(past, n, window)) << past << ' ' << n << ' ' << window;
      }
    }
  }
}

AttentionShape decode() {
  AttentionShape s;
  s.batch = 32;
  s.new_tokens = 1;
  s.past_tokens = 1023;
  s.heads = 64;
  s.kv_heads = 8;
  s.head_dim = 128;
  return s;
}

TEST(AttentionWork, DecodeReadsTheCacheOnceAndTheWindowBoundsIt) {
  AttentionShape s = decode();
  const double queries = 4.0 * 64 * 128 * 32;
  EXPECT_DOUBLE_EQ(attention_work(s).bytes, 32.0 * 2 * 8 * 128 * 1024 * 2 + queries);
  EXPECT_DOUBLE_EQ(attention_work(s).flops, 4.0 * 128 * 64 * 32 * 1024);
  s.window = 128;
  EXPECT_DOUBLE_EQ(attention_work(s).bytes, 32.0 * 2 * 8 * 128 * 128 * 2 + queries);
  s.kv = Precision::kFp8;
  EXPECT_DOUBLE_EQ(attention_work(s).bytes, 32.0 * 2 * 8 * 128 * 128 + queries);
}

TEST(AttentionWork, RefusesImpossibleHeadLayouts) {
  AttentionShape s = decode();
  s.kv_heads = 7;
  EXPECT_THROW(attention_work(s), std::invalid_argument);
  s = decode();
  s.batch = 0;
  EXPECT_THROW(attention_work(s), std::invalid_argument);
  s = decode();
  s.past_tokens = -1;
  EXPECT_THROW(attention_work(s), std::invalid_argument);
}

TEST(LatentAttentionWork, DecodeSharesOneCacheBetweenHeads) {
  LatentAttentionShape s;
  s.batch = 4;
  s.new_tokens = 1;
  s.past_tokens = 999;
  s.heads = 128;
  const KernelWork w = latent_attention_work(s);
  EXPECT_DOUBLE_EQ(w.flops, 2.0 * (512 + 512 + 64) * 128 * 4 * 1000);
  EXPECT_DOUBLE_EQ(w.bytes, 4.0 * (576 * 1000 * 2.0 + 2.0 * (1024 + 64) * 128));
}

}  // namespace
}  // namespace aifactory
