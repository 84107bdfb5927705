#include "models/demand/request_mix.h"

#include <gtest/gtest.h>

#include <memory>

namespace aifactory {
namespace {

std::shared_ptr<const Trace> three_requests() {
  Trace trace;
  trace.rows = {{Seconds(0), 100, 10}, {Seconds(2), 200, 40}, {Seconds(4), 300, 10}};
  return std::make_shared<const Trace>(trace);
}

TEST(RequestMix, TraceLengthsAreDrawnAsPairs) {
  RequestMix mix;
  mix.trace = three_requests();
  const RequestLengths lengths = mix.lengths_at(0.5, 0.0);
  EXPECT_DOUBLE_EQ(lengths.prompt, 200);
  EXPECT_DOUBLE_EQ(lengths.output, 40);
  EXPECT_DOUBLE_EQ(mix.mean_output(), 20);
}

TEST(RequestMix, DecodeContextWeighsRequestsByTheirTokens) {
  RequestMix mix;
  mix.trace = three_requests();
  // (10 (100 + 5) + 40 (200 + 20) + 10 (300 + 5)) / 60
  EXPECT_DOUBLE_EQ(mix.mean_decode_context(), (1050.0 + 8800.0 + 3050.0) / 60.0);
  RequestMix fixed;
  fixed.prompt = LengthDistribution::fixed(1000);
  fixed.output = LengthDistribution::fixed(500);
  EXPECT_DOUBLE_EQ(fixed.mean_decode_context(), 1250);
}

TEST(RequestMix, CachedPromptIsNotComputed) {
  RequestMix mix;
  mix.cached_fraction = 0.75;
  EXPECT_DOUBLE_EQ(mix.computed_prompt(1000), 250);
  mix.cached_fraction = 1.0;
  EXPECT_DOUBLE_EQ(mix.computed_prompt(1000), 1);  // the last token is always computed: its logits are needed
}

TEST(Trace, RateIsGapsOverDuration) {
  const auto trace = three_requests();
  EXPECT_DOUBLE_EQ(trace->mean_rate().value(), 0.5);
  EXPECT_DOUBLE_EQ(trace->compressed(4).mean_rate().value(), 2.0);
  EXPECT_DOUBLE_EQ(trace->compressed(4).duration().value(), 1.0);
}

TEST(Slo, BothLatenciesMustHold) {
  Slo slo;
  EXPECT_TRUE(slo.met_by(Seconds(1e6), Seconds(1e6)));  // no promise
  slo.ttft = Seconds(1);
  slo.tpot = Seconds(0.05);
  EXPECT_TRUE(slo.met_by(Seconds(1), Seconds(0.05)));
  EXPECT_FALSE(slo.met_by(Seconds(1.1), Seconds(0.01)));
  EXPECT_FALSE(slo.met_by(Seconds(0.1), Seconds(0.051)));
}

}  // namespace
}  // namespace aifactory
