#include "sim/training/step.h"

#include <gtest/gtest.h>

#include "sim/training/layout_choice.h"
#include "tests/unit/sim/training/example_training.h"

namespace aifactory {
namespace {

TEST(Step, PartsAddUpToTheTotal) {
  const StepBreakdown s = step_time(test::example_training(8, 4, 8, 5));
  ASSERT_TRUE(s.feasible()) << s.problem;
  const Seconds sum =
      s.kernels + s.tensor + s.context + s.expert + s.pipeline + s.data + s.bubble + s.optimizer + s.overhead;
  EXPECT_NEAR(sum.value(), s.total.value(), 1e-9 * s.total.value());
  EXPECT_LE(s.low, s.total);
  EXPECT_GE(s.high, s.total);
}

TEST(Step, BubbleIsThatOfTheSchedule) {
  // Twenty layers per stage, equal stages: (p - 1) / m of the work without interleaving, a fifth of it with five
  // chunks.
  const StepBreakdown plain = step_time(test::example_training(8, 4, 8));
  const StepBreakdown interleaved = step_time(test::example_training(8, 4, 8, 5));
  const Seconds work = plain.kernels + plain.tensor;
  EXPECT_NEAR(plain.bubble / work, 3.0 / 32.0, 1e-9);
  EXPECT_NEAR(interleaved.bubble / plain.bubble, 0.2, 1e-9);
}

TEST(Step, NoParallelismNoCommunication) {
  TrainingSpec spec = test::example_training(1, 1, 1);
  spec.memory_share = 100;
  const StepBreakdown s = step_time(spec);
  ASSERT_TRUE(s.feasible()) << s.problem;
  EXPECT_EQ((s.tensor + s.context + s.expert + s.pipeline + s.data + s.bubble).value(), 0);
}

TEST(Step, OneNodePaysTheFixedCostAlone) {
  TrainingSpec spec = test::example_training(8, 1, 1);
  spec.memory_share = 100;
  const StepBreakdown s = step_time(spec);
  ASSERT_TRUE(s.feasible()) << s.problem;
  EXPECT_DOUBLE_EQ(s.overhead.value(), spec.overlap.fixed.value());
}

TEST(Step, GradientsAreHiddenBehindTheirWindowAndNoFurther) {
  TrainingSpec spec = test::example_training(8, 4, 8);
  spec.overlap.data_window = 0.0;
  const Seconds whole = step_time(spec).data;
  EXPECT_GT(whole.value(), 0);
  const StageCost stage = stage_cost(spec);
  spec.overlap.data_window = 0.5 * (whole / (stage.forward + stage.backward));
  EXPECT_NEAR(step_time(spec).data / whole, 0.5, 1e-9);
  spec.overlap.data_window = 0.0;
  spec.system.accelerator.scale_out_bandwidth *= 2.0;
  EXPECT_NEAR(step_time(spec).data / whole, 0.5, 0.05);  // bound by the network between nodes
}

TEST(Step, RecomputationCostsTimeAndSavesMemory) {
  TrainingSpec spec = test::example_training(8, 4, 8);
  const StepBreakdown none = step_time(spec);
  spec.layout.recompute = Recompute::kFull;
  const StepBreakdown full = step_time(spec);
  EXPECT_GT(full.total, none.total * 1.15);
  EXPECT_LT(full.total, none.total * 1.4);  // one more forward of three
  EXPECT_LT(full.memory.activations, none.memory.activations * 0.5);
  EXPECT_LT(full.mfu, none.mfu);  // repeated work is not useful work
}

TEST(Step, WhatDoesNotFitSaysSo) {
  const StepBreakdown s = step_time(test::example_training(1, 1, 8));
  EXPECT_FALSE(s.feasible());
  EXPECT_NE(s.problem.find("GB"), std::string::npos) << s.problem;
}

TEST(Step, ShardedWeightsCostTheirTraffic) {
  TrainingSpec spec = test::example_training(1, 1, 64);
  spec.layout.recompute = Recompute::kFull;
  spec.memory_share = 100;
  const StepBreakdown replicated = step_time(spec);
  spec.layout.zero = ZeroStage::kWeights;
  const StepBreakdown sharded = step_time(spec);
  EXPECT_GT(sharded.data, replicated.data);
  EXPECT_LT(sharded.memory.weights, replicated.memory.weights * 0.1);
}

TEST(TrainingLayout, TheWinnerFitsAndIsNotBeatenByItsNeighbours) {
  TrainingLayoutRequest request;
  request.base = test::example_training(1, 1, 1);
  request.base.layout.global_batch = 512;
  request.accelerators = 256;
  const TrainingLayoutChoice choice = choose_training_layout(request);
  ASSERT_TRUE(choice.feasible) << choice.reason;
  EXPECT_LE(choice.accelerators_used, 256);
  EXPECT_GT(choice.considered, 20);
  const StepBreakdown again = step_time(choice.spec);
  EXPECT_TRUE(again.feasible()) << again.problem;
  EXPECT_NEAR(again.total / choice.step.total, 1.0, 1e-9);  // cached layer costs are the layer costs
  for (const int tensor : {1, 2, 4, 8}) {
    TrainingSpec other = choice.spec;
    other.layout.tensor = tensor;
    other.layout.data = 256 / (tensor * other.layout.pipeline * other.layout.context);
    const StepBreakdown step = step_time(other);
    if (step.feasible()) {
      EXPECT_GE(step.total, choice.step.total * 0.999999);
    }
  }
}

TEST(TrainingLayout, SaysWhyNothingFits) {
  TrainingLayoutRequest request;
  request.base = test::example_training(1, 1, 1);
  request.base.layout.global_batch = 64;
  request.accelerators = 4;
  const TrainingLayoutChoice choice = choose_training_layout(request);
  EXPECT_FALSE(choice.feasible);
  EXPECT_NE(choice.reason.find("4 x 80 GB"), std::string::npos) << choice.reason;
}

}  // namespace
}  // namespace aifactory
