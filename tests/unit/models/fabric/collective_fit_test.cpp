#include "models/fabric/collective_fit.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>

#include "models/fabric/pattern_search.h"
#include "models/fabric/protocol_regimes.h"

namespace aifactory {
namespace {

TEST(PatternSearch, FindsTheBottomOfACurvedValley) {
  const std::vector<SearchParameter> parameters = {{0.3, 1e-3, 10.0, true}, {-1.0, -5.0, 5.0, false}};
  const auto best = pattern_search(parameters, [](const std::vector<double>& x) {
    return std::pow(x[1] - 0.5, 2.0) + 10.0 * std::pow(x[0] - 2.0, 2.0);
  });
  EXPECT_NEAR(best[0], 2.0, 0.01);
  EXPECT_NEAR(best[1], 0.5, 0.01);
}

TEST(PatternSearch, StaysInsideItsBounds) {
  const auto best = pattern_search({{1.0, 0.5, 2.0, true}}, [](const std::vector<double>& x) { return -x[0]; });
  EXPECT_DOUBLE_EQ(best[0], 2.0);
}

RegimePoint point(double bytes, double ranks, double seconds) {
  return {bytes, ranks, ranks - 1.0, bytes / 1e11, seconds, 1.0};
}

TEST(ProtocolRegimes, RecoverConstantsAndTheLimitBetweenProtocols) {
  std::vector<RegimePoint> points;
  for (const double ranks : {2.0, 4.0, 8.0}) {
    for (double bytes = 1024.0; bytes < 1e9; bytes *= 2.0) {
      const bool small = bytes <= 65536.0;
      points.push_back(point(bytes, ranks,
                             small ? 5e-6 + (ranks - 1.0) * 1e-6 + bytes / 1e11 / 0.1
                                   : 20e-6 + (ranks - 1.0) * 2e-6 + bytes / 1e11 / 0.8));
    }
  }
  const std::array<double, 3> exponents = {-0.5, 0.0, 0.5};
  const auto guesses = guess_regimes(points, {{}, {}}, exponents, 1);
  ASSERT_EQ(guesses.size(), 1u);
  EXPECT_NEAR(guesses[0][0].start.value(), 5e-6, 1e-8);
  EXPECT_NEAR(guesses[0][1].step.value(), 2e-6, 1e-8);
  EXPECT_NEAR(guesses[0][1].efficiency, 0.8, 1e-3);
  EXPECT_GT(guesses[0][0].up_to.value(), 65536.0);
  EXPECT_LT(guesses[0][0].up_to.value(), 131072.0);
}

// A law made up, its times as measurements: the fit predicts sizes it was never shown.
// In a domain of eight, as the law says.
CollectiveSample all_gather(const CollectiveLaw& truth, int ranks, double bytes) {
  CollectiveSample sample;
  sample.one.operation = Collective::kAllGather;
  sample.one.bytes = Bytes(bytes);
  sample.one.ranks = ranks;
  sample.one.links.domain = 8;
  sample.one.links.scale_up = BytesPerSecond(450e9);
  sample.measured = case_time(sample.one, truth);
  return sample;
}

TEST(CollectiveFit, PredictsHeldOutSizesOfALawItDoesNotKnow) {
  CollectiveLaw truth = published_collective_law("hopper");
  truth.id = "collectives_hopper";
  AlgorithmLaw& gather = truth.scale_up.all_gather;
  gather.protocols[0] = {Seconds(6e-6), Seconds(0.9e-6), 0.05, 1.0, Bytes(32768.0), 0.0};
  gather.protocols[1] = {Seconds(9e-6), Seconds(1.2e-6), 0.30, 1.0, Bytes(4194304.0), 0.0};
  gather.protocols[2] = {Seconds(30e-6), Seconds(2e-6), 0.75, 1.0, Bytes(0.0), 0.0};
  std::vector<CollectiveSample> shown, held_out;
  std::size_t count = 0;
  for (const int ranks : {2, 4, 8}) {
    for (double bytes = 512.0; bytes < 1e9; bytes *= 2.0) {
      const CollectiveSample sample = all_gather(truth, ranks, bytes);
      (++count % 5 == 0 ? held_out : shown).push_back(sample);
    }
  }
  const CollectiveLaw fitted = fit_collectives({published_collective_law("hopper")}, shown).front();
  double sum = 0.0;
  for (const CollectiveSample& sample : held_out) {
    sum += std::abs(case_time(sample.one, fitted) / sample.measured - 1.0);
  }
  EXPECT_LT(sum / static_cast<double>(held_out.size()), 0.08);
  double published = 0.0;
  for (const CollectiveSample& sample : held_out) {
    published += std::abs(case_time(sample.one, published_collective_law("hopper")) / sample.measured - 1.0);
  }
  EXPECT_LT(sum, 0.5 * published);
}

// Between 1 and 16 MiB nothing was measured, and the protocol changes somewhere there.
TEST(CollectiveFit, ALimitInAGapStandsInItsMiddle) {
  CollectiveLaw truth = published_collective_law("hopper");
  AlgorithmLaw& gather = truth.scale_up.all_gather;
  gather.protocols[0] = {Seconds(6e-6), Seconds(0.9e-6), 0.05, 1.0, Bytes(32768.0), 0.0};
  gather.protocols[1] = {Seconds(9e-6), Seconds(1.2e-6), 0.30, 1.0, Bytes(1.5e7), 0.0};
  gather.protocols[2] = {Seconds(150e-6), Seconds(9e-6), 0.75, 1.0, Bytes(0.0), 0.0};
  std::vector<CollectiveSample> samples;
  for (const int ranks : {2, 4, 8}) {
    for (double bytes = 512.0; bytes < 1e9; bytes *= 2.0) {
      const CollectiveSample sample = all_gather(truth, ranks, bytes);
      if (bytes <= 1048576.0 || bytes >= 16777216.0) {
        samples.push_back(sample);
      }
    }
  }
  const CollectiveLaw fitted = fit_collectives({published_collective_law("hopper")}, samples).front();
  const ProtocolLaw& ll128 = fitted.scale_up.all_gather.protocols[1];
  for (const double ranks : {2.0, 8.0}) {
    const double limit = ll128.up_to.value() * std::pow(ranks, ll128.up_to_exponent);
    EXPECT_GT(limit, 1.6e6) << ranks;
    EXPECT_LT(limit, 1.05e7) << ranks;
  }
}

std::vector<CollectiveSample> samples_of(const CollectiveLaw& truth, Collective operation, std::size_t law) {
  std::vector<CollectiveSample> samples;
  for (const int ranks : {2, 4, 8}) {
    for (double bytes = 512.0; bytes < 1e9; bytes *= 8.0) {
      CollectiveSample sample;
      sample.one.operation = operation;
      sample.one.bytes = Bytes(bytes);
      sample.one.ranks = ranks;
      sample.one.links.domain = 8;
      sample.one.links.scale_up = BytesPerSecond(450e9);
      sample.law = law;
      sample.measured = case_time(sample.one, truth) * 1.5;
      samples.push_back(sample);
    }
  }
  return samples;
}

TEST(CollectiveFit, WhatNoMeasurementSpeaksOfStaysAsGiven) {
  CollectiveLaw given = published_collective_law("hopper");
  given.scale_up.all_reduce.protocols[2].step = Seconds(7e-6);
  given.scale_out.all_reduce.protocols[2].step = Seconds(8e-6);
  given.scale_up.nvls.efficiency = 1.1;
  given.launch = Seconds(9e-6);
  given.engines.front().one_shot.start = Seconds(3e-6);
  given.scale_up.engine = given.engines.front();
  const auto samples = samples_of(given, Collective::kAllGather, 0);
  const CollectiveLaw kept = fit_collectives({given}, samples, Unmeasured::kAsGiven).front();
  EXPECT_NE(kept.scale_up.all_gather, given.scale_up.all_gather);
  EXPECT_EQ(kept.scale_up.all_reduce, given.scale_up.all_reduce);
  EXPECT_EQ(kept.scale_up.nvls, given.scale_up.nvls);
  EXPECT_EQ(kept.scale_up.direct, given.scale_up.direct);
  EXPECT_EQ(kept.scale_out.all_reduce, given.scale_out.all_reduce);
  EXPECT_EQ(kept.launch, given.launch);
  EXPECT_EQ(kept.engines.front().one_shot, given.engines.front().one_shot);
  // For held-out errors nothing may come from where it was fitted to all rows: published constants then.
  const CollectiveLaw fresh = fit_collectives({given}, samples).front();
  EXPECT_EQ(fresh.scale_up.all_gather, kept.scale_up.all_gather);
  EXPECT_EQ(fresh.scale_up.all_reduce, published_collective_law("hopper").scale_up.all_reduce);
  EXPECT_EQ(fresh.launch, Seconds(0.0));
}

TEST(CollectiveFit, NetworksShareMeasurementsOnlyWhereTheyAreNamedAlike) {
  std::vector<CollectiveLaw> given(3, published_collective_law("hopper"));
  given[0].scale_out_network = given[1].scale_out_network = "infiniband";
  for (CollectiveLaw& law : given) {
    law.scale_out.nvls.up_to = Bytes(0.0);
  }
  std::vector<CollectiveSample> samples;
  for (double bytes = 1048576.0; bytes < 1e10; bytes *= 4.0) {
    CollectiveSample sample;
    sample.one.operation = Collective::kAllReduce;
    sample.one.bytes = Bytes(bytes);
    sample.one.ranks = 64;
    sample.one.links = {8, BytesPerSecond(450e9), BytesPerSecond(50e9), false, 1.0, {}};
    sample.measured = case_time(sample.one, given[0]) * 1.7;
    samples.push_back(sample);
  }
  const auto fitted = fit_collectives(given, samples, Unmeasured::kAsGiven);
  EXPECT_NE(fitted[0].scale_out.all_reduce, given[0].scale_out.all_reduce);
  EXPECT_EQ(fitted[1].scale_out.all_reduce, fitted[0].scale_out.all_reduce);
  EXPECT_EQ(fitted[2].scale_out.all_reduce, given[2].scale_out.all_reduce);
}

}  // namespace
}  // namespace aifactory
