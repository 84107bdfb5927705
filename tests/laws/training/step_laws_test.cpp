// What must hold of any training step, and closed form against events.
#include <gtest/gtest.h>

#include "models/llm/flops.h"
#include "sim/training/step.h"
#include "sim/training/step_events.h"
#include "tests/unit/sim/training/example_training.h"

namespace aifactory {
namespace {

TEST(TrainingStep, NeverFasterThanModelFlopsAtPeak) {
  for (const int tensor : {1, 2, 8}) {
    for (const int pipeline : {1, 4, 8}) {
      TrainingSpec spec = test::example_training(tensor, pipeline, 4);
      spec.memory_share = 100;
      const StepBreakdown s = step_time(spec);
      ASSERT_TRUE(s.feasible()) << s.problem;
      const Seconds bound = s.model_flops / (spec.system.accelerator.peak(Precision::kBf16) *
                                             static_cast<double>(spec.layout.accelerators()));
      EXPECT_GT(s.total, bound);
      EXPECT_NEAR(s.mfu, bound / s.total, 1e-12);
      EXPECT_LT(s.mfu, 1.0);
      EXPECT_LE(s.activity.compute, 1.0);
      EXPECT_GT(s.activity.compute, s.mfu * 0.99);  // what the units do includes what the model needs
    }
  }
}

TEST(TrainingStep, FasterPartsNeverMakeASlowerStep) {
  TrainingSpec spec = test::example_training(8, 4, 8);
  spec.layout.context = 1;
  const Seconds base = step_time(spec).total;
  const auto with = [&](void (*change)(Accelerator&)) {
    TrainingSpec other = spec;
    change(other.system.accelerator);
    other.kernels = std::make_shared<const KernelModel>(other.system.accelerator);
    return step_time(other).total;
  };
  EXPECT_LT(with([](Accelerator& a) { a.memory_bandwidth *= 2.0; }), base);
  EXPECT_LT(with([](Accelerator& a) { a.scale_up_bandwidth *= 2.0; }), base);
  EXPECT_LT(with([](Accelerator& a) { a.scale_out_bandwidth *= 2.0; }), base);
  EXPECT_LT(with([](Accelerator& a) { a.dense_peak[static_cast<std::size_t>(Precision::kBf16)] *= 2.0; }), base);
}

TEST(TrainingStep, TwiceTheReplicasAndTheBatchTakeAlmostTheSameTime) {
  const StepBreakdown one = step_time(test::example_training(8, 4, 8));
  const StepBreakdown two = step_time(test::example_training(8, 4, 16));
  EXPECT_GT(two.total, one.total);         // synchronisation of more nodes
  EXPECT_LT(two.total, one.total * 1.05);  // and nothing else
  EXPECT_NEAR(two.tokens / one.tokens, 2.0, 1e-12);
}

// Without transfer times the closed forms are exact; with them 1F1B pays a little more than filling and draining, since
// a stage also waits for its neighbour's answer in the steady phase.
TEST(TrainingStep, EventsAgreeWithTheClosedForm) {
  for (const int virtual_stages : {1, 2, 5}) {
    for (const double send_share : {0.0, 0.002}) {
      const TrainingSpec spec = test::example_training(8, 4, 8, virtual_stages);
      const StepBreakdown step = step_time(spec);
      ASSERT_TRUE(step.feasible()) << step.problem;
      StageCost cost = stage_cost(spec);
      cost.send = (cost.forward + cost.backward) * send_share;
      const double closed = (step.kernels + step.tensor + step.bubble).value() + cost.send.value() * 2 * 3;
      const SimulatedStep events = simulate_pipeline(spec, cost);
      EXPECT_NEAR(events.pipeline.value() / closed, 1.0, send_share > 0 ? 0.01 : 1e-6) << virtual_stages;
    }
  }
}

TEST(TrainingStep, GpipeTakesAsLongAsOneForwardOneBackward) {
  TrainingSpec spec = test::example_training(8, 4, 8);
  const StageCost cost = stage_cost(spec);
  StageCost without_send = cost;
  without_send.send = Seconds(0);
  const Seconds alternating = simulate_pipeline(spec, without_send).pipeline;
  spec.schedule = "gpipe";
  EXPECT_NEAR(simulate_pipeline(spec, without_send).pipeline / alternating, 1.0, 1e-6);
}

TEST(TrainingStep, OneSlowStageSlowsThePipelineByItsOwnTime) {
  const TrainingSpec spec = test::example_training(8, 4, 8);
  StageCost cost = stage_cost(spec);
  cost.send = Seconds(0);
  const Seconds even = simulate_pipeline(spec, cost).pipeline;
  const SimulatedStep slow = simulate_pipeline(spec, cost, {1.0, 1.2, 1.0, 1.0});
  const Seconds passage = cost.forward + cost.backward;
  // The slow stage works without pause once filled: 32 passages of its own, three of the others.
  EXPECT_NEAR(slow.pipeline.value(), (passage * (32 * 1.2 + 3)).value(), 0.01 * slow.pipeline.value());
  EXPECT_GT(slow.pipeline, even);
}

}  // namespace
}  // namespace aifactory
