#include "tools/probe/statistics.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>

#include "tools/probe/compare.h"
#include "tools/probe/rotation.h"

namespace aifactory::probe {
namespace {

TEST(Spread, OfKnownSamples) {
  const Spread s = spread_of({5, 1, 4, 2, 3});
  EXPECT_EQ(s.median, 3.0);
  EXPECT_DOUBLE_EQ(s.p10, 1.4);
  EXPECT_DOUBLE_EQ(s.p90, 4.6);
  EXPECT_DOUBLE_EQ(s.mean, 3.0);
  EXPECT_DOUBLE_EQ(s.cv, std::sqrt(2.5) / 3.0);
  EXPECT_EQ(spread_of({}).n, 0u);
  EXPECT_EQ(median_of({2, 4}), 3.0);
}

TEST(Repeatability, ComparesFirstAndSecondOfEachConfiguration) {
  EXPECT_LT(repeatability({{"a", 1.0}, {"b", 2.0}}), 0.0);
  EXPECT_DOUBLE_EQ(repeatability({{"a", 1.0}, {"b", 5.0}, {"a", 3.0}}), 1.0);
  EXPECT_EQ(repeatability({{"a", 2.0}, {"a", 2.0}}), 0.0);
}

TEST(Compare, ErrorsAreRelativeToTheRootMeanSquare) {
  EXPECT_DOUBLE_EQ(relative_error({1.0, 2.5}, {1.0, 2.0}), 0.5 / std::sqrt(2.5));
  EXPECT_TRUE(std::isinf(relative_error({std::nan("")}, {1.0})));
  EXPECT_EQ(relative_error({0.0}, {0.0}), 0.0);
}

TEST(Compare, Bfloat16IsTheUpperHalfOfAFloat) {
  EXPECT_EQ(bf16_value(0x3f80), 1.0);
  EXPECT_EQ(bf16_value(0xc000), -2.0);
}

TEST(Compare, SamplesHoldBothEnds) {
  const std::vector<std::int64_t> chosen = sample_indices(100, 10, 1);
  EXPECT_EQ(chosen[0], 0);
  EXPECT_EQ(chosen[1], 99);
  for (const std::int64_t i : chosen) {
    EXPECT_TRUE(i >= 0 && i < 100);
  }
}

TEST(Rotation, KeepsThreeCachesBetweenTwoUses) {
  constexpr std::size_t kL2 = std::size_t{50} << 20;
  constexpr std::size_t kRoom = std::size_t{30} << 30;
  EXPECT_EQ(copies_for(std::size_t{1} << 20, kL2, kRoom, 512), 150);
  EXPECT_EQ(copies_for(std::size_t{1} << 30, kL2, kRoom, 512), 2);
  EXPECT_EQ(copies_for(1000, kL2, kRoom, 512), 512);
  EXPECT_EQ(copies_for(kRoom, kL2, kRoom, 512), 1);
  EXPECT_EQ(copies_for(kRoom + 1, kL2, kRoom, 512), 0);
}

}  // namespace
}  // namespace aifactory::probe
