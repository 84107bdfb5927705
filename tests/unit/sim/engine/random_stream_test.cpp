#include "sim/engine/random_stream.h"

#include <gtest/gtest.h>

#include <array>
#include <bit>
#include <boost/math/distributions/gamma.hpp>
#include <boost/math/distributions/normal.hpp>
#include <boost/math/distributions/poisson.hpp>
#include <boost/math/distributions/weibull.hpp>
#include <cmath>
#include <functional>
#include <string>

#include "models/units/normal_quantile.h"
#include "sim/engine/statistics.h"

namespace aifactory::engine {
namespace {

TEST(RandomStream, IsNamedBySeedEntityAndPurpose) {
  const auto first = [](std::uint64_t seed, std::string_view entity, std::string_view purpose) {
    return RandomStream(seed, entity, purpose)();
  };
  EXPECT_EQ(first(1, "rack/1", "failures"), first(1, "rack/1", "failures"));
  EXPECT_NE(first(1, "rack/1", "failures"), first(2, "rack/1", "failures"));
  EXPECT_NE(first(1, "rack/1", "failures"), first(1, "rack/2", "failures"));
  EXPECT_NE(first(1, "rack/1", "failures"), first(1, "rack/1", "repairs"));
  EXPECT_NE(first(1, "rack/1", "failures"), first(1, "rack/1f", "ailures"));
}

TEST(RandomStream, ItemsDoNotDependOnWhatElseWasDrawn) {
  RandomStream one(1, "requests", "length");
  RandomStream other(1, "requests", "length");
  for (int i = 0; i < 5; ++i) {
    other();
  }
  EXPECT_EQ(one.item(7)(), other.item(7)());
  EXPECT_NE(one.item(7)(), one.item(8)());
  EXPECT_NE(one.item(0)(), one());
  EXPECT_NE(one.item(7).item(1)(), one.item(7)());
  EXPECT_NE(one.item(7).item(1)(), one.item(1).item(7)());
}

// Bits, not numbers: any difference in a transcendental function, in contraction or in the order of draws shows. The
// values are this implementation's own; the tests below say that they follow their distributions.
TEST(RandomStream, DrawsTheSameBitsOnEveryMachine) {
  const auto digest = [](const std::function<double(RandomStream&)>& draw) {
    RandomStream random(42, "golden", "bits");
    std::uint64_t h = 0;
    for (int i = 0; i < 10'000; ++i) {
      h = (std::rotl(h, 5) ^ std::bit_cast<std::uint64_t>(draw(random))) * 0x9e3779b97f4a7c15U;
    }
    return h;
  };
  RandomStream raw(42, "golden", "bits");
  EXPECT_EQ(raw(), 0x37179f8d9feeb294U);
  EXPECT_EQ(digest([](auto& r) { return r.uniform(); }), 0x3b472d984ed33470U);
  EXPECT_EQ(digest([](auto& r) { return static_cast<double>(r.below(1000)); }), 0x3c5fe557bc40b490U);
  EXPECT_EQ(digest([](auto& r) { return r.exponential(3.0); }), 0x635e76177f877d15U);
  EXPECT_EQ(digest([](auto& r) { return r.weibull(1.7, 3.0); }), 0x5ee339815adb1642U);
  EXPECT_EQ(digest([](auto& r) { return r.normal(1.0, 2.0); }), 0x1beb80352d80c256U);
  EXPECT_EQ(digest([](auto& r) { return r.lognormal(1.0, 0.5); }), 0x381c4beffed2ccc9U);
  EXPECT_EQ(digest([](auto& r) { return r.gamma(0.7, 2.0); }), 0xf3f421113bf8a943U);
  EXPECT_EQ(digest([](auto& r) { return r.gamma(3.5, 2.0); }), 0x550f4bb18e746d96U);
  EXPECT_EQ(digest([](auto& r) { return static_cast<double>(r.poisson(4.5)); }), 0x3f38af607e42d65dU);
  EXPECT_EQ(digest([](auto& r) { return static_cast<double>(r.poisson(300.0)); }), 0x5b873a19a67041d7U);
  const ZipfDistribution zipf(100'000, 0.9);
  EXPECT_EQ(digest([&](auto& r) { return static_cast<double>(zipf(r)); }), 0x8127d9eafd9832b6U);
}

TEST(NormalQuantile, IsTheInverseOfTheDistribution) {
  const boost::math::normal normal;
  for (const double p :
       {1e-300, 1e-20, 1e-9, 0.001, 0.02425, 0.07, 0.0751, 0.3, 0.5, 0.7, 0.9, 0.9249, 0.95, 0.999999}) {
    const double expected = boost::math::quantile(normal, p);
    EXPECT_NEAR(normal_quantile(p), expected, 4e-15 * std::max(1.0, std::abs(expected))) << p;
  }
  EXPECT_EQ(normal_quantile(0.5), 0.0);
}

// Kolmogorov-Smirnov with 100,000 draws; 1.95 / sqrt(n) is its 99.9 % point, and the seed is fixed.
void expect_follows(const std::function<double(RandomStream&)>& draw, const std::function<double(double)>& cdf,
                    bool follows = true) {
  RandomStream random(7, "distribution", "test");
  constexpr int kDraws = 100'000;
  std::vector<double> draws;
  for (int i = 0; i < kDraws; ++i) {
    draws.push_back(draw(random));
  }
  std::sort(draws.begin(), draws.end());
  double distance = 0.0;
  for (int i = 0; i < kDraws; ++i) {
    const double expected = cdf(draws[static_cast<std::size_t>(i)]);
    distance = std::max(
        {distance, expected - static_cast<double>(i) / kDraws, static_cast<double>(i + 1) / kDraws - expected});
  }
  EXPECT_EQ(distance < 1.95 / std::sqrt(kDraws), follows) << distance;
}

TEST(RandomStream, ContinuousDrawsFollowTheirDistributions) {
  expect_follows([](auto& r) { return r.uniform(2.0, 4.0); }, [](double x) { return (x - 2.0) / 2.0; });
  expect_follows([](auto& r) { return r.exponential(3.0); }, [](double x) { return 1.0 - std::exp(-x / 3.0); });
  expect_follows([](auto& r) { return r.exponential(3.0); }, [](double x) { return 1.0 - std::exp(-x / 3.1); }, false);
  expect_follows([](auto& r) { return r.weibull(1.7, 3.0); },
                 [](double x) { return cdf(boost::math::weibull(1.7, 3.0), x); });
  expect_follows([](auto& r) { return r.normal(1.0, 2.0); },
                 [](double x) { return cdf(boost::math::normal(1.0, 2.0), x); });
  expect_follows([](auto& r) { return std::log(r.lognormal(1.0, 0.5)); },
                 [](double x) { return cdf(boost::math::normal(1.0, 0.5), x); });
  for (const double shape : {0.3, 1.0, 4.5}) {
    expect_follows([shape](auto& r) { return r.gamma(shape, 2.0); },
                   [shape](double x) { return cdf(boost::math::gamma_distribution<>(shape, 2.0), x); });
  }
}

// Pearson's chi-squared over the ranks that are expected at least 10 times; 5 standard deviations above its mean.
void expect_frequencies(const std::function<std::uint64_t(RandomStream&)>& draw,
                        const std::function<double(std::uint64_t)>& probability, std::uint64_t ranks) {
  RandomStream random(7, "frequencies", "test");
  constexpr int kDraws = 200'000;
  std::vector<double> seen(ranks, 0.0);
  for (int i = 0; i < kDraws; ++i) {
    const std::uint64_t k = draw(random);
    if (k < ranks) {
      ++seen[k];
    }
  }
  double chi = 0.0;
  double degrees = 0.0;
  for (std::uint64_t k = 0; k < ranks; ++k) {
    const double expected = kDraws * probability(k);
    if (expected >= 10.0) {
      chi += (seen[k] - expected) * (seen[k] - expected) / expected;
      ++degrees;
    }
  }
  EXPECT_GE(degrees, 5.0);
  EXPECT_LT(chi, degrees + 5.0 * std::sqrt(2.0 * degrees));
}

TEST(RandomStream, CountsFollowTheirDistributions) {
  for (const double mean : {0.8, 9.5, 10.0, 25.0, 400.0}) {
    expect_frequencies([mean](auto& r) { return r.poisson(mean); },
                       [mean](std::uint64_t k) { return pdf(boost::math::poisson(mean), static_cast<double>(k)); },
                       600);
  }
  expect_frequencies([](auto& r) { return r.below(17); }, [](std::uint64_t) { return 1.0 / 17; }, 17);
  EXPECT_EQ(RandomStream(1, "", "").poisson(0.0), 0U);
}

TEST(RandomStream, RefusesWhatHasNoDistribution) {
  RandomStream random(1, "", "");
  EXPECT_THROW(random.poisson(-1.0), std::invalid_argument);
  EXPECT_THROW(random.poisson(std::nan("")), std::invalid_argument);
  EXPECT_THROW(random.gamma(0.0, 1.0), std::invalid_argument);
  EXPECT_THROW(random.below(0), std::invalid_argument);
}

TEST(ZipfDistribution, FollowsItsLaw) {
  for (const double exponent : {0.6, 1.0, 1.4}) {
    const ZipfDistribution zipf(1000, exponent);
    double sum = 0.0;
    for (int k = 1; k <= 1000; ++k) {
      sum += std::pow(k, -exponent);
    }
    expect_frequencies(
        zipf, [&](std::uint64_t k) { return k == 0 ? 0.0 : std::pow(static_cast<double>(k), -exponent) / sum; }, 1001);
  }
  RandomStream random(1, "", "");
  EXPECT_EQ(ZipfDistribution(1, 1.0)(random), 1U);
  EXPECT_LE(ZipfDistribution(1ULL << 50, 0.5)(random), 1ULL << 50);
  EXPECT_THROW(ZipfDistribution(0, 1.0), std::invalid_argument);
}

TEST(DiscreteDistribution, FollowsItsWeightsAndNeverDrawsZeroOnes) {
  const std::array<double, 8> weights = {0.0, 1.0, 2.0, 0.0, 3.0, 1.5, 2.5, 0.0};
  const DiscreteDistribution discrete(weights);
  expect_frequencies(
      discrete, [&](std::uint64_t k) { return weights[k] / 10.0; }, 8);
  RandomStream random(3, "", "");
  for (int i = 0; i < 100'000; ++i) {
    ASSERT_GT(weights[discrete(random)], 0.0);
  }
  EXPECT_THROW(DiscreteDistribution(std::array<double, 2>{0.0, 0.0}), std::invalid_argument);
  EXPECT_THROW(DiscreteDistribution(std::array<double, 2>{1.0, -1.0}), std::invalid_argument);
}

TEST(RandomStream, ChoosesAmongValues) {
  RandomStream random(1, "", "");
  const std::vector<std::string> colours = {"red", "green"};
  int reds = 0;
  for (int i = 0; i < 1000; ++i) {
    reds += random.choice(colours) == "red" ? 1 : 0;
  }
  EXPECT_NEAR(reds, 500, 80);
}

}  // namespace
}  // namespace aifactory::engine
