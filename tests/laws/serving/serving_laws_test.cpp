// What must hold of any replica, whatever its kernels cost.
#include <gtest/gtest.h>

#include <cmath>

#include "models/llm/memory.h"
#include "models/llm/parameters.h"
#include "sim/serving/capacity.h"
#include "sim/serving/deployment.h"
#include "sim/serving/iteration_model.h"
#include "sim/serving/steady_state.h"
#include "tests/unit/sim/serving/example_replica.h"

namespace aifactory {
namespace {

constexpr ServingPolicyKind kPolicies[] = {ServingPolicyKind::kDecodeFirst, ServingPolicyKind::kPrefillFirst,
                                           ServingPolicyKind::kWholePrompt};

Slo promise() {
  Slo slo;
  slo.ttft = Seconds(1.0);
  slo.tpot = Seconds(0.02);
  return slo;
}

SimulationOptions quick() {
  SimulationOptions options;
  options.requests = 600;
  return options;
}

Trace burst(int requests, double prompt, double output, double gap) {
  Trace trace;
  for (int i = 0; i < requests; ++i) {
    trace.rows.push_back({Seconds(gap * i), prompt + i % 7, output + i % 5});
  }
  return trace;
}

void expect_books_balance(const ServingOutcome& outcome) {
  EXPECT_EQ(outcome.offered, outcome.completed + outcome.rejected + outcome.in_flight);
  EXPECT_LE(outcome.peak_kv_share, 1.0 + 1e-9);
  EXPECT_LE(outcome.point.completed, outcome.point.offered * (1 + 1e-12));
  EXPECT_GE(outcome.point.within_slo, 0.0);
  EXPECT_LE(outcome.point.within_slo, 1.0);
}

// Prompts that arrive at once: the closed form of their mean wait against the same burst run event by event.
TEST(Serving, BurstWaitsAsLongAsItsReplay) {
  for (const ServingPolicyKind policy : {ServingPolicyKind::kPrefillFirst, ServingPolicyKind::kWholePrompt}) {
    DeploymentSpec deployment;
    deployment.replica = test::replica_of(test::small_dense(), 1, 1);
    deployment.replica.policy = policy;
    Trace trace;
    for (int i = 0; i < 96; ++i) {
      trace.rows.push_back({Seconds(0.0), 1024, 2});
    }
    RequestMix mix;
    mix.prompt = LengthDistribution::fixed(1024);
    mix.output = LengthDistribution::fixed(2);
    const double replayed = replay_trace(deployment, trace, 0.0, promise()).ttft_mean.value();
    const double closed = burst_ttft(IterationKernels(deployment.replica), mix, 96).value();
    EXPECT_NEAR(closed / replayed, 1.0, 0.1) << name(policy);
  }
}

TEST(Serving, EveryTokenOfATraceIsServedOnce) {
  const Trace trace = burst(300, 500, 60, 0.01);
  double prompt = 0;
  double output = 0;
  for (const TraceRow& row : trace.rows) {
    prompt += row.prompt_tokens;
    output += row.output_tokens;
  }
  for (const ServingPolicyKind policy : kPolicies) {
    for (const RouterKind router : {RouterKind::kRoundRobin, RouterKind::kLeastLoaded}) {
      DeploymentSpec deployment;
      deployment.replica = test::replica_of(test::small_dense(), 1, 1);
      deployment.replica.policy = policy;
      deployment.replicas = 3;
      deployment.router = router;
      const ServingOutcome outcome = replay_trace(deployment, trace, 0.0, promise());
      expect_books_balance(outcome);
      EXPECT_EQ(outcome.completed, 300);
      EXPECT_EQ(outcome.in_flight, 0);
      EXPECT_NEAR(outcome.output_tokens, output, 1e-6);
      EXPECT_NEAR(outcome.prompt_tokens, prompt, 1e-6);
    }
  }
}

TEST(Serving, DraftsAndCachesChangeTimeNotTokens) {
  const Trace trace = burst(200, 800, 90, 0.02);
  DeploymentSpec deployment;
  deployment.replica = test::replica_of(test::small_mixture(), 2, 4);
  const ServingOutcome plain = replay_trace(deployment, trace, 0.0, promise());
  deployment.replica.drafts = {2, 1.4};
  const ServingOutcome drafted = replay_trace(deployment, trace, 0.0, promise());
  EXPECT_NEAR(drafted.output_tokens, plain.output_tokens, 1e-6);
  EXPECT_LT(drafted.tpot_mean, plain.tpot_mean);
  const ServingOutcome cached = replay_trace(deployment, trace, 0.5, promise());
  EXPECT_NEAR(cached.prompt_tokens + cached.cached_tokens, plain.prompt_tokens, 1e-6);
  EXPECT_LT(cached.ttft_mean, drafted.ttft_mean);
}

TEST(Serving, PreemptionRecomputesAndLosesNothing) {
  // Room for few sequences, all admitted on half of their final length: the cache must overflow.
  DeploymentSpec deployment;
  deployment.replica = test::replica_of(test::small_dense(), 1, 1);
  deployment.replica.memory_share = 0.235;
  const ReplicaMemory memory = replica_memory(deployment.replica);
  ASSERT_TRUE(memory.fits()) << memory.problem;
  const double tokens = memory.cache / memory.cache_per_token;
  ASSERT_LT(tokens, 20000);
  const Trace trace = burst(80, 100, tokens / 8, 0.001);
  const ServingOutcome outcome = replay_trace(deployment, trace, 0.0, promise());
  expect_books_balance(outcome);
  EXPECT_GT(outcome.preemptions, 0);
  EXPECT_EQ(outcome.completed, 80);
  double output = 0;
  double prompt = 0;
  for (const TraceRow& row : trace.rows) {
    output += row.output_tokens;
    prompt += row.prompt_tokens;
  }
  EXPECT_NEAR(outcome.output_tokens, std::round(output), 200);  // rounded by the trace, exact per request
  // Recomputation is work: at least the prompt again, and what had been generated.
  EXPECT_GT(outcome.prompt_tokens - prompt, 110.0 * static_cast<double>(outcome.preemptions));
}

TEST(Serving, WhatCanNeverFitIsRejectedAtOnce) {
  DeploymentSpec deployment;
  deployment.replica = test::replica_of(test::small_dense(), 1, 1);
  Trace trace = burst(10, 100, 10, 0.1);
  trace.rows[4].prompt_tokens = 200000;  // beyond the context window
  const ServingOutcome outcome = replay_trace(deployment, trace, 0.0, promise());
  EXPECT_EQ(outcome.rejected, 1);
  EXPECT_EQ(outcome.completed, 9);
  EXPECT_NEAR(outcome.point.within_slo, 0.9, 1e-12);  // a refused request is a broken promise
}

TEST(Serving, BooksBalanceAtEveryLoad) {
  const ServingReplicaSpec spec = test::replica_of(test::small_mixture(), 1, 8);
  for (const double load : {0.5, 20.0, 400.0}) {
    expect_books_balance(simulate_load(spec, test::conversation(), promise(), Hertz(load), quick()));
  }
}

TEST(Serving, LatencyGrowsWithLoad) {
  for (const ServingPolicyKind policy : kPolicies) {
    ServingReplicaSpec spec = test::replica_of(test::small_dense(), 1, 1);
    spec.policy = policy;
    Seconds last{};
    for (const double load : {0.5, 2.0, 5.0, 9.0, 14.0}) {
      const ServingOutcome outcome = simulate_load(spec, test::conversation(), promise(), Hertz(load), quick());
      EXPECT_GT(outcome.tpot_mean, last * 0.999) << name(policy) << " at " << load;
      last = outcome.tpot_mean;
    }
  }
}

TEST(Serving, NeverFasterThanReadingWeightsAndCache) {
  // Each decode step reads every weight of a dense model and the cache of its batch, at most at peak bandwidth.
  const ServingReplicaSpec spec = test::replica_of(test::small_dense(), 1, 1);
  const ReplicaMemory memory = replica_memory(spec);
  const LlmArchitecture& model = spec.model;
  const double table = 2.0 * model.vocabulary * model.hidden;  // the input table is looked up, not read
  for (const double sequences : {1.0, 16.0, 64.0}) {
    const SteadyState state = steady_state(spec, test::conversation(), sequences);
    const double context = test::conversation().mean_decode_context();
    const double bytes = memory.weights.value() - table + sequences * context * memory.cache_per_token.value();
    EXPECT_GT(state.tpot.value(), bytes / spec.system.accelerator.memory_bandwidth.value());
  }
}

TEST(Serving, NeverMoreArithmeticThanThePeak) {
  const ServingReplicaSpec spec = test::replica_of(test::small_dense(), 1, 1);
  const RequestMix mix = test::conversation();
  const ServingOutcome saturated = simulate_load(spec, mix, Slo{}, Hertz(200), quick());
  const double parameters = active_matmul_parameters(spec.model);
  const double tokens = (saturated.point.output + saturated.point.input).value();
  EXPECT_LT(2 * parameters * tokens, spec.system.accelerator.peak(Precision::kBf16).value());
}

TEST(Serving, MoreBandwidthIsNeverSlower) {
  ServingReplicaSpec slow = test::replica_of(test::small_dense(), 2, 1);
  ServingReplicaSpec fast = slow;
  fast.system.accelerator.memory_bandwidth *= 1.5;
  fast.kernels = std::make_shared<const KernelModel>(fast.system.accelerator);
  ServingReplicaSpec wired = slow;
  wired.system.accelerator.scale_up_bandwidth *= 2.0;
  for (const double load : {1.0, 8.0}) {
    const auto tpot = [&](const ServingReplicaSpec& spec) {
      return simulate_load(spec, test::conversation(), promise(), Hertz(load), quick()).tpot_mean;
    };
    EXPECT_LT(tpot(fast), tpot(slow));
    EXPECT_LE(tpot(wired), tpot(slow));
  }
}

TEST(Serving, EventsAgreeWithTheClosedForm) {
  // Fixed lengths below saturation: the closed form knows the batch from Little's law at its own latency.
  for (const ServingPolicyKind policy : kPolicies) {
    for (const auto& spec_of :
         {test::replica_of(test::small_dense(), 1, 1), test::replica_of(test::small_mixture(), 1, 8)}) {
      ServingReplicaSpec spec = spec_of;
      spec.policy = policy;
      RequestMix mix;
      mix.prompt = LengthDistribution::fixed(800);
      mix.output = LengthDistribution::fixed(200);
      const SteadyState state = steady_state(spec, mix, 0.4 * spec.max_batch);
      const ServingOutcome outcome = simulate_load(spec, mix, promise(), state.completed, quick());
      EXPECT_NEAR(outcome.tpot_mean / state.tpot, 1.0, 0.08) << name(policy) << " " << spec.model.id;
      EXPECT_NEAR(outcome.point.activity.memory / state.activity.memory, 1.0, 0.08);
    }
  }
}

TEST(Serving, AttentionDataRanksShareTheWork) {
  // Eight attention ranks hold eight times the cache of one.
  const ReplicaMemory one = replica_memory(test::replica_of(test::small_mixture(), 8, 1));
  const ReplicaMemory eight = replica_memory(test::replica_of(test::small_mixture(), 1, 8));
  EXPECT_NEAR(eight.cache_per_token / one.cache_per_token, 1.0, 1e-12);  // a latent is not split by heads
  EXPECT_GT(8 * eight.sequences_of(1000), 4 * one.sequences_of(1000));
}

TEST(Serving, SameSeedSameBytes) {
  const ServingReplicaSpec spec = test::replica_of(test::small_mixture(), 2, 4);
  const ServingOutcome a = simulate_load(spec, test::conversation(), promise(), Hertz(30), quick());
  const ServingOutcome b = simulate_load(spec, test::conversation(), promise(), Hertz(30), quick());
  EXPECT_EQ(a.ttft_mean.value(), b.ttft_mean.value());
  EXPECT_EQ(a.tpot_p99.value(), b.tpot_p99.value());
  EXPECT_EQ(a.point.activity.memory, b.point.activity.memory);
}

TEST(Serving, GammaArrivalsOfUnitVariationAreAsLateAsPoisson) {
  const ServingReplicaSpec spec = test::replica_of(test::small_dense(), 1, 1);
  RequestMix mix = test::conversation();
  SimulationOptions options;
  options.requests = 3000;
  const double poisson = simulate_load(spec, mix, promise(), Hertz(9), options).ttft_mean.value();
  mix.arrivals.kind = ArrivalKind::kGamma;
  const double gamma = simulate_load(spec, mix, promise(), Hertz(9), options).ttft_mean.value();
  EXPECT_NEAR(gamma / poisson, 1.0, 0.15);
  mix.arrivals.gap_variation = 4.0;
  const double bursts = simulate_load(spec, mix, promise(), Hertz(9), options).ttft_mean.value();
  EXPECT_GT(bursts, 1.2 * poisson);
}

TEST(CapacitySimulation, CurveRisesFromIdleThroughTheKneeToSaturation) {
  const ServingReplicaSpec spec = test::replica_of(test::small_dense(), 1, 1);
  CapacityOptions options;
  options.simulation = quick();
  const CapacityCurve curve = simulate_capacity(spec, test::conversation(), promise(), options);
  const auto& points = curve.points();
  ASSERT_GE(points.size(), 7u);
  EXPECT_EQ(points.front().offered.value(), 0);
  EXPECT_DOUBLE_EQ(points.front().within_slo, 1);
  EXPECT_LT(points.back().within_slo, promise().share);
  const Hertz capacity = curve.slo_capacity(promise().share);
  EXPECT_GT(capacity.value(), 0);
  EXPECT_LT(capacity, points.back().offered);
  for (std::size_t i = 1; i < points.size(); ++i) {
    EXPECT_GE(points[i].accelerator_power.value(), points[i - 1].accelerator_power.value() * 0.99);
    EXPECT_GE(points[i].completed.value(), points[i - 1].completed.value() * 0.99);
    EXPECT_LE(points[i].within_slo, points[i - 1].within_slo + 0.02);
  }
}

TEST(CapacitySimulation, WithoutAPromiseTheKneeIsSaturation) {
  const ServingReplicaSpec spec = test::replica_of(test::small_dense(), 1, 1);
  CapacityOptions options;
  options.simulation = quick();
  const CapacityCurve curve = simulate_capacity(spec, test::conversation(), Slo{}, options);
  const double peak = curve.points().back().completed.value();
  EXPECT_NEAR(curve.slo_capacity(0.95).value(), peak, 0.15 * peak);
}

TEST(CapacitySimulation, NothingThatDoesNotFitHasACurve) {
  ServingReplicaSpec spec = test::replica_of(test::small_dense(), 1, 1);
  spec.memory_share = 0.1;
  EXPECT_TRUE(simulate_capacity(spec, test::conversation(), promise(), {}).points().empty());
}

}  // namespace
}  // namespace aifactory
