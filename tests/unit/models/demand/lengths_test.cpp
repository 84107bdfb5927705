#include "models/demand/lengths.h"

#include <gtest/gtest.h>

#include <cmath>
#include <stdexcept>

namespace aifactory {
namespace {

TEST(Lengths, LognormalHasTheMeanAndPercentileAskedFor) {
  const LengthDistribution d = LengthDistribution::lognormal(1000, 2600);
  EXPECT_NEAR(d.mean(), 1000, 3);
  EXPECT_NEAR(d.tokens_at(0.95), 2600, 1);
  EXPECT_LT(d.tokens_at(0.5), 1000);  // skewed: the median lies below the mean
}

TEST(Lengths, LognormalQuantilesAreThoseOfTheNormal) {
  // sigma from mean and p95; then ln(q(u)) - ln(q(0.5)) = sigma z(u) with z(0.9) = 1.28155, z(0.999) = 3.09023.
  const LengthDistribution d = LengthDistribution::lognormal(100000, 250000);
  const double sigma = std::log(d.tokens_at(0.95) / d.tokens_at(0.5)) / 1.6448536;
  EXPECT_NEAR(std::log(d.tokens_at(0.9) / d.tokens_at(0.5)), 1.2815516 * sigma, 1e-4);
  EXPECT_NEAR(std::log(d.tokens_at(0.999) / d.tokens_at(0.5)), 3.0902323 * sigma, 1e-4);
  EXPECT_NEAR(std::log(d.tokens_at(1e-9) / d.tokens_at(0.5)), -5.9978070 * sigma, 1e-3);
}

TEST(Lengths, UniformCoversItsRange) {
  const LengthDistribution d = LengthDistribution::uniform(800, 1000);
  EXPECT_DOUBLE_EQ(d.tokens_at(0), 800);
  EXPECT_NEAR(d.mean(), 900, 0.1);
  EXPECT_NEAR(d.mean_square(), 900 * 900 + 200.0 * 200.0 / 12.0, 100);
}

TEST(Lengths, EmpiricalReturnsObservedValues) {
  const LengthDistribution d = LengthDistribution::empirical({30, 10, 20, 20});
  EXPECT_DOUBLE_EQ(d.tokens_at(0.1), 10);
  EXPECT_DOUBLE_EQ(d.tokens_at(0.5), 20);
  EXPECT_DOUBLE_EQ(d.tokens_at(0.99), 30);
  EXPECT_DOUBLE_EQ(d.mean(), 20);
  EXPECT_DOUBLE_EQ(d.mean_square(), 450);
}

TEST(Lengths, LimitCutsTheTailAndItsMean) {
  const LengthDistribution d = LengthDistribution::lognormal(1000, 2600).limited_to(1500);
  EXPECT_DOUBLE_EQ(d.tokens_at(0.99), 1500);
  EXPECT_LT(d.mean(), 1000);
}

TEST(Lengths, NeverBelowOneToken) {
  EXPECT_DOUBLE_EQ(LengthDistribution::lognormal(2, 6).tokens_at(1e-12), 1);
  EXPECT_DOUBLE_EQ(LengthDistribution::lognormal(2, 6).tokens_at(0.0), 1);
}

TEST(Lengths, RefusesWhatNoDistributionHas) {
  EXPECT_THROW(LengthDistribution::fixed(0), std::invalid_argument);
  EXPECT_THROW(LengthDistribution::uniform(10, 5), std::invalid_argument);
  EXPECT_THROW(LengthDistribution::lognormal(100, 90), std::invalid_argument);
  EXPECT_THROW(LengthDistribution::lognormal(100, 1000), std::invalid_argument);  // heavier than any lognormal
  EXPECT_THROW(LengthDistribution::empirical({}), std::invalid_argument);
}

}  // namespace
}  // namespace aifactory
