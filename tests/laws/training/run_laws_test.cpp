// The event-driven run against Daly's closed form, and its books.
#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "sim/training/run.h"

namespace aifactory {
namespace {

// 16,384 accelerators that fail like those of the Llama 3 run: 419 interruptions in 54 days (arXiv 2407.21783).
TrainingRunSpec example_run() {
  TrainingRunSpec spec;
  spec.accelerators = 16384;
  spec.step = Seconds(5);
  spec.tokens_per_step = 16e6;
  spec.horizon = kDay * 54.0;
  spec.reliability.failures.rate = Hertz(419.0 / (54 * 86400.0 * 16384));
  spec.reliability.failures.restart = Seconds(600);
  spec.reliability.checkpoint = Seconds(30);
  spec.working = Watts(600);
  spec.interrupted = Watts(150);
  return spec;
}

struct Estimate {
  double mean = 0, half_width = 0;  // of a 99 % confidence interval
};

Estimate goodput_over_seeds(const TrainingRunSpec& spec, int runs) {
  double sum = 0;
  double squares = 0;
  for (int seed = 1; seed <= runs; ++seed) {
    const double goodput = simulate_run(spec, static_cast<std::uint64_t>(seed)).goodput;
    sum += goodput;
    squares += goodput * goodput;
  }
  const double mean = sum / runs;
  const double variance = (squares / runs - mean * mean) * runs / (runs - 1);
  return {mean, 2.58 * std::sqrt(variance / runs)};
}

TEST(TrainingRun, GoodputAgreesWithDaly) {
  for (const double interval : {0.0, 300.0, 3000.0}) {
    TrainingRunSpec spec = example_run();
    spec.reliability.checkpoint_interval = Seconds(interval);
    const Estimate estimate = goodput_over_seeds(spec, 60);
    EXPECT_NEAR(estimate.mean, expected_goodput(spec), estimate.half_width + 1e-4) << interval;
    EXPECT_LT(estimate.half_width, 0.01);
  }
}

TEST(TrainingRun, DalysIntervalIsNotBeatenByOthers) {
  TrainingRunSpec spec = example_run();
  const double best = goodput_over_seeds(spec, 30).mean;
  const Seconds mtbf = mean_time_between_failures(spec.reliability.failures, spec.accelerators);
  for (const double factor : {0.4, 2.5}) {
    spec.reliability.checkpoint_interval = daly_interval(spec.reliability.checkpoint, mtbf) * factor;
    EXPECT_LT(goodput_over_seeds(spec, 30).mean, best);
  }
}

TEST(TrainingRun, EverySecondIsAccountedFor) {
  TrainingRunSpec spec = example_run();
  spec.reliability.stragglers = {Hertz(1.0 / (16384 * 86400.0)), 1.3, Seconds(7200)};
  const TrainingRunOutcome run = simulate_run(spec, 7);
  const Seconds sum = run.useful + run.checkpointing + run.lost + run.restarting + run.straggling;
  EXPECT_NEAR(sum.value(), run.elapsed.value(), 1e-3);
  EXPECT_DOUBLE_EQ(run.elapsed.value(), spec.horizon.value());
  EXPECT_GT(run.straggling.value(), 0);
  EXPECT_GT(run.failures, 350);
  EXPECT_LT(run.failures, 490);
  EXPECT_LT(run.goodput, 1);
  EXPECT_NEAR(run.tokens, run.useful.value() / 5 * 16e6, 1e3);
  EXPECT_NEAR(run.power.working_fraction, 1 - run.restarting / run.elapsed, 1e-12);
  EXPECT_LT(run.power.mean(), Watts(600));
}

TEST(TrainingRun, StragglersCostTheirMeanPresence) {
  TrainingRunSpec spec = example_run();
  spec.reliability.failures.rate = Hertz(0);
  spec.reliability.checkpoint = Seconds(1);
  spec.reliability.checkpoint_interval = Seconds(1000);
  spec.reliability.stragglers = {Hertz(4.0 / (16384 * 86400.0)), 1.5, Seconds(3600)};
  const Estimate estimate = goodput_over_seeds(spec, 40);
  EXPECT_NEAR(estimate.mean, expected_goodput(spec), estimate.half_width + 1e-4);
  EXPECT_LT(estimate.mean, 0.96);
}

TEST(TrainingRun, WithoutFailuresOnlyCheckpointsCost) {
  TrainingRunSpec spec = example_run();
  spec.reliability.failures.rate = Hertz(0);
  spec.reliability.checkpoint_interval = Seconds(970);
  const TrainingRunOutcome run = simulate_run(spec, 1);
  EXPECT_NEAR(run.goodput, 0.97, 1e-3);
  EXPECT_EQ(run.failures, 0);
  EXPECT_DOUBLE_EQ(run.power.working_fraction, 1);
}

TEST(TrainingRun, StopsWhenItsTokensAreTrained) {
  TrainingRunSpec spec = example_run();
  spec.target_tokens = 1e12;
  const TrainingRunOutcome run = simulate_run(spec, 3);
  EXPECT_NEAR(run.tokens, 1e12, 1e6);
  EXPECT_LT(run.elapsed, spec.horizon);
  EXPECT_NEAR(run.elapsed.value(), 1e12 / 16e6 * 5 / run.goodput, 1);
}

TEST(TrainingRun, MoreFailuresNeverTrainMore) {
  TrainingRunSpec spec = example_run();
  double last = 2;
  for (const double factor : {0.5, 1.0, 2.0, 8.0}) {
    TrainingRunSpec other = spec;
    other.reliability.failures.rate *= factor;
    const double goodput = goodput_over_seeds(other, 10).mean;
    EXPECT_LT(goodput, last);
    last = goodput;
  }
}

}  // namespace
}  // namespace aifactory
