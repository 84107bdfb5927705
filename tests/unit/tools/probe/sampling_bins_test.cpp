#include "tools/probe/kernels/sampling_bins.h"

#include <gtest/gtest.h>

#include <cstring>
#include <vector>

namespace aifactory::probe {
namespace {

std::uint32_t bits_of(float value) {
  std::uint32_t bits = 0;
  std::memcpy(&bits, &value, sizeof bits);
  return bits;
}

TEST(SamplingBins, KeysOrderLikeFloatsAndPreferTheFirstToken) {
  const std::vector<float> ascending = {-1e30F, -2.5F, -0.0F, 0.0F, 1e-20F, 3.0F, 1e30F};
  for (std::size_t i = 1; i < ascending.size(); ++i) {
    EXPECT_GT(max_key(bits_of(ascending[i]), 9), max_key(bits_of(ascending[i - 1]), 0)) << i;
  }
  EXPECT_GT(max_key(bits_of(2.0F), 3), max_key(bits_of(2.0F), 4));
  for (const float value : ascending) {
    const unsigned long long key = max_key(bits_of(value), 77);
    EXPECT_EQ(value_bits_of_key(key), bits_of(value));
    EXPECT_EQ(token_of_key(key), 77u);
  }
}

TEST(SamplingBins, FineBinsDivideTheirCoarseBin) {
  for (float below = 0.0F; below < 31.0F; below += 0.0137F) {
    const int coarse = coarse_bin(below);
    const int fine = fine_bin(below, coarse);
    EXPECT_GE(fine, 0);
    EXPECT_LT(fine, kBins);
    const float left =
        (static_cast<float>(coarse) + static_cast<float>(fine) / static_cast<float>(kBins)) / kBinsPerUnit;
    EXPECT_NEAR(left, below, 1.0F / (kBinsPerUnit * static_cast<float>(kBins)) + 1e-5F);
  }
  EXPECT_EQ(coarse_bin(1e9F), kBins - 1);
  EXPECT_EQ(coarse_bin(-1.0F), 0);
}

TEST(SamplingBins, HalvesOfMassesAddUpWithoutLoss) {
  constexpr std::uint32_t kTokens = 1U << 18U;
  const unsigned long long mass = kMassOne;
  EXPECT_LT(static_cast<unsigned long long>(high_half(mass)) * kTokens, 1ULL << 32U | 1ULL);
  EXPECT_EQ(joined(low_half(123456789), high_half(123456789)), 123456789ULL);
}

TEST(SamplingBins, TheNucleusEndsWhereItsMassIsReached) {
  std::vector<unsigned long long> bins(kBins, 0);
  bins[3] = 50;
  bins[10] = 30;
  bins[200] = 20;
  unsigned long long above = 99;
  EXPECT_EQ(nucleus_edge(bins.data(), 50, above), 3);
  EXPECT_EQ(above, 0ULL);
  EXPECT_EQ(nucleus_edge(bins.data(), 51, above), 10);
  EXPECT_EQ(above, 50ULL);
  EXPECT_EQ(nucleus_edge(bins.data(), 100, above), 200);
  EXPECT_EQ(nucleus_edge(bins.data(), 1000, above), kBins - 1);
}

TEST(SamplingBins, DrawsAreUniformOverTheMass) {
  std::vector<int> counts(10, 0);
  for (std::uint64_t seed = 0; seed < 10000; ++seed) {
    const unsigned long long draw = scaled_draw(seed, 1000);
    ASSERT_LT(draw, 1000ULL);
    ++counts[static_cast<std::size_t>(draw / 100)];
  }
  for (const int count : counts) {
    EXPECT_NEAR(count, 1000, 150);  // five standard deviations
  }
}

}  // namespace
}  // namespace aifactory::probe
