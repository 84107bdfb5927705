#include "sim/engine/statistics.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

namespace aifactory::engine {
namespace {

// Finite samples of the magnitudes that simulators record.
rc::Gen<std::vector<double>> samples(double low) {
  return rc::gen::container<std::vector<double>>(
      rc::gen::map(rc::gen::inRange(0, 1'000'000), [low](int i) { return low + 1e-3 * i; }));
}

RC_GTEST_PROP(RunningMoments, AreThoseOfTheSamplesHoweverMerged, ()) {
  const auto all = *rc::gen::nonEmpty(samples(-400.0));
  const auto split = *rc::gen::inRange<std::size_t>(0, all.size() + 1);
  RunningMoments left;
  RunningMoments right;
  double sum = 0.0;
  for (std::size_t i = 0; i < all.size(); ++i) {
    (i < split ? left : right).add(all[i]);
    sum += all[i];
  }
  left.merge(right);
  const double n = static_cast<double>(all.size());
  double squares = 0.0;
  for (const double x : all) {
    squares += (x - sum / n) * (x - sum / n);
  }
  RC_ASSERT(left.count() == all.size());
  RC_ASSERT(std::abs(left.mean() - sum / n) <= 1e-9 * (1.0 + std::abs(sum / n)));
  RC_ASSERT(std::abs(left.variance() - (n > 1 ? squares / (n - 1) : 0.0)) <= 1e-9 * (1.0 + squares));
  RC_ASSERT(left.min() == *std::min_element(all.begin(), all.end()));
  RC_ASSERT(left.max() == *std::max_element(all.begin(), all.end()));
}

RC_GTEST_PROP(Quantiles, AreThoseOfTheSortedSamples, ()) {
  auto all = *rc::gen::nonEmpty(samples(-400.0));
  const double p = *rc::gen::inRange(0, 1001) / 1000.0;
  Quantiles quantiles;
  for (const double x : all) {
    quantiles.add(x);
  }
  std::sort(all.begin(), all.end());
  const double rank = p * static_cast<double>(all.size() - 1);
  const auto below = static_cast<std::size_t>(rank);
  const auto above = std::min(below + 1, all.size() - 1);
  const double expected = all[below] + (rank - static_cast<double>(below)) * (all[above] - all[below]);
  RC_ASSERT(std::abs(quantiles.quantile(p) - expected) <= 1e-9);
}

RC_GTEST_PROP(LogHistogram, IsWithinAHalfBucketOfTheSampleOfThatRankHoweverMerged, ()) {
  auto all = *rc::gen::nonEmpty(samples(0.0));
  const auto split = *rc::gen::inRange<std::size_t>(0, all.size() + 1);
  const double p = *rc::gen::inRange(0, 1001) / 1000.0;
  LogHistogram left;
  LogHistogram right;
  for (std::size_t i = 0; i < all.size(); ++i) {
    (i < split ? left : right).add(all[i]);
  }
  left.merge(right);
  std::sort(all.begin(), all.end());
  const auto rank = static_cast<std::size_t>(std::max(1.0, std::ceil(p * static_cast<double>(all.size()))));
  RC_ASSERT(left.count() == all.size());
  RC_ASSERT(std::abs(left.quantile(p) - all[rank - 1]) <= all[rank - 1] / 128.0);
  RC_ASSERT(left.quantile(0.0) == all.front());
  RC_ASSERT(left.quantile(1.0) == all.back());
}

TEST(LogHistogram, CoversAllMagnitudesAndRefusesTheRest) {
  LogHistogram histogram;
  histogram.add(1e-12, 3);
  histogram.add(1e15, 3);
  histogram.add(0.0, 3);
  EXPECT_EQ(histogram.count(), 9U);
  EXPECT_EQ(histogram.quantile(0.3), 0.0);
  EXPECT_NEAR(histogram.quantile(0.5), 1e-12, 1e-14);
  EXPECT_NEAR(histogram.quantile(0.9), 1e15, 1e13);
  EXPECT_THROW(histogram.add(-1.0), std::invalid_argument);
  EXPECT_THROW(histogram.add(std::nan("")), std::invalid_argument);
  EXPECT_TRUE(std::isnan(LogHistogram().quantile(0.5)));
  EXPECT_TRUE(std::isnan(Quantiles().quantile(0.5)));
}

RC_GTEST_PROP(TimeWeighted, IsTheSumOfItsRectangles, ()) {
  const auto start = SimTime::from_nanoseconds(*rc::gen::inRange<std::int64_t>(0, 1000));
  TimeWeighted level(start, 5.0);
  SimTime now = start;
  double area_ns = 0.0;
  double value = 5.0;
  const auto steps = *rc::gen::container<std::vector<std::pair<int, int>>>(
      rc::gen::pair(rc::gen::inRange(0, 1000), rc::gen::inRange(-10, 10)));
  for (const auto& [wait, change] : steps) {
    area_ns += value * wait;
    now += SimTime::from_nanoseconds(wait);
    value += change;
    level.add(now, change);
  }
  now += SimTime::from_nanoseconds(7);
  area_ns += value * 7.0;
  RC_ASSERT(level.value() == value);
  RC_ASSERT(level.integral(now) == area_ns / 1e9);
  RC_ASSERT(std::abs(level.mean(now) - area_ns / static_cast<double>((now - start).nanoseconds())) <= 1e-9);
}

TEST(TimeWeighted, ExtremesCountOnlyWhatLasted) {
  TimeWeighted level;
  level.set(Seconds(1.0), 50.0);
  level.set(Seconds(1.0), 3.0);
  level.set(Seconds(2.0), 1.0);
  EXPECT_EQ(level.min(), 0.0);
  EXPECT_EQ(level.max(), 3.0);
  EXPECT_THROW(level.set(Seconds(1.5), 0.0), std::invalid_argument);
}

}  // namespace
}  // namespace aifactory::engine
