#include "models/reliability/failure.h"

#include <gtest/gtest.h>

#include "models/reliability/availability.h"

namespace aifactory {
namespace {

FailureProcess llama3() {
  FailureProcess process;
  process.rate = Hertz(419.0 / (54.0 * 86400.0 * 16384.0));
  process.restart = Seconds(750.0);
  process.checkpoint_bandwidth = BytesPerSecond(0.12e9);
  return process;
}

TEST(Failures, RateScalesWithTheNumberOfAccelerators) {
  // Llama 3: one unexpected interruption per 3.09 h on 16,384 GPUs.
  EXPECT_NEAR(mean_time_between_failures(llama3(), 16384) / Seconds(3600.0), 3.093, 0.001);
  EXPECT_NEAR(mean_time_between_failures(llama3(), 8192) / mean_time_between_failures(llama3(), 16384), 2.0, 1e-12);
}

TEST(Failures, PublishedProjectionOfAnotherCluster) {
  // RSC-1: 6.5 failures per 1,000 node-days of 8 GPUs give 1.8 h at 16,384 and 0.23 h at 131,072 GPUs.
  FailureProcess rsc;
  rsc.rate = Hertz(6.5 / 1000.0 / 8.0 / 86400.0);
  EXPECT_NEAR(mean_time_between_failures(rsc, 16384) / Seconds(3600.0), 1.80, 0.01);
  EXPECT_NEAR(mean_time_between_failures(rsc, 131072) / Seconds(3600.0), 0.225, 0.005);
}

TEST(Checkpoints, YoungIsDalysFirstTerm) {
  const Seconds cost(10.0), mtbf(1e6);
  EXPECT_NEAR(young_interval(cost, mtbf).value(), 4472.136, 1e-3);
  EXPECT_NEAR(daly_interval(cost, mtbf) / young_interval(cost, mtbf), 1.0, 0.01);
  EXPECT_EQ(daly_interval(Seconds(300.0), Seconds(100.0)).value(), 100.0);  // checkpoints dearer than failures
}

TEST(Checkpoints, DalysIntervalIsTheBest) {
  const Seconds cost(60.0), mtbf(3.0 * 3600.0), restart(600.0);
  const Seconds best = daly_interval(cost, mtbf);
  const double goodput = checkpointed_goodput(best, cost, mtbf, restart);
  for (const double factor : {0.3, 0.6, 0.9, 1.1, 1.5, 3.0}) {
    EXPECT_LT(checkpointed_goodput(best * factor, cost, mtbf, restart), goodput) << factor;
  }
}

TEST(Checkpoints, ExactAndFirstOrderFormsAgreeWhenFailuresAreRare) {
  const Seconds interval(600.0), cost(10.0), mtbf(1e6), restart(100.0);
  EXPECT_NEAR(checkpointed_goodput(interval, cost, mtbf, restart),
              expected_training_time_ratio(interval, cost, mtbf, restart), 1e-4);
}

TEST(Checkpoints, LlamaThreeKeptMoreThanNinetyPercent) {
  // 405 B parameters: weights and Adam states in 16 bytes each.
  const CheckpointPlan plan = plan_checkpoints(llama3(), 16384, Bytes(405e9 * 16.0));
  EXPECT_GT(plan.goodput, 0.90);
  EXPECT_LT(plan.goodput, 0.97);
  EXPECT_NEAR(plan.goodput + plan.checkpointing + plan.lost, 1.0, 1e-12);
  EXPECT_GT(plan.lost, 0.0);
}

TEST(Availability, TiersImproveAndStateTheirDowntime) {
  const auto& tiers = availability_tiers();
  for (std::size_t i = 1; i < tiers.size(); ++i) {
    EXPECT_GT(tiers[i].availability, tiers[i - 1].availability);
  }
  EXPECT_NEAR(tiers[0].downtime_per_year() / Seconds(3600.0), 28.8, 0.05);
  EXPECT_NEAR(tiers[2].downtime_per_year() / Seconds(3600.0), 1.6, 0.05);
}

}  // namespace
}  // namespace aifactory
