#include <algorithm>

#include "models/llm/memory.h"
#include "models/llm/parameters.h"
#include "sim/scenario/plans.h"
#include "sim/training/layout_choice.h"

namespace aifactory {

TrainingPlan plan_training(const ResolvedFleet& fleet, const ResolvedWorkload& workload, std::int64_t accelerators,
                           Seconds horizon, std::uint64_t seed, KernelBand kernels, const TrainingPlan* design) {
  TrainingPlan plan;
  if (design != nullptr) {
    plan.spec = design->spec;
    plan.spec.system = fleet.system;
    plan.spec.kernels = fleet.kernels;
    plan.spec.network = fleet.network;
    plan.spec.model = workload.model;
    plan.step = step_time(plan.spec);
    plan.accelerators = design->accelerators;
    plan.infeasible = plan.step.problem;
  } else {
    TrainingLayoutRequest request;
    request.base.model = workload.model;
    request.base.system = fleet.system;
    request.base.kernels = fleet.kernels;
    request.base.network = fleet.network;
    request.base.formats = workload.formats;
    request.base.sequence_length = workload.spec.training.sequence;
    request.base.layout.global_batch = workload.spec.training.global_batch;
    request.accelerators = static_cast<int>(std::min<std::int64_t>(accelerators, 1 << 24));
    const TrainingLayoutChoice choice = choose_training_layout(request);
    plan.infeasible = choice.feasible ? std::string() : choice.reason;
    plan.spec = choice.spec;
    plan.step = choice.step;
    plan.accelerators = choice.accelerators_used;
  }
  if (!plan.infeasible.empty()) {
    return plan;
  }
  plan.grade = plan.step.grade;
  if (kernels != KernelBand::kExpected) {
    // The band of the step: the same work in less or more time.
    const Seconds total = kernels == KernelBand::kLow ? plan.step.low : plan.step.high;
    const double stretch = total / plan.step.total;
    plan.step.mfu /= stretch;
    plan.step.activity.compute /= stretch;
    plan.step.activity.memory /= stretch;
    plan.step.tokens_per_second_per_accelerator /= stretch;
    plan.step.total = total;
  }
  const Accelerator& accelerator = fleet.system.accelerator;
  TrainingRunSpec run;
  run.accelerators = plan.accelerators;
  run.step = plan.step.total;
  run.tokens_per_step = plan.step.tokens;
  run.horizon = horizon;
  if (workload.spec.training.tokens) {
    run.target_tokens = workload.spec.training.tokens->value();
  }
  run.reliability.failures = fleet.failures;
  // Every accelerator writes its share of weights and optimizer state (Adam: fp32 master, two moments, bf16 weights).
  const TrainingState& state = plan.spec.state;
  const double bytes_per_parameter = state.weight_bytes + state.optimizer_bytes;
  run.reliability.checkpoint =
      Bytes(count_parameters(workload.model).total() * bytes_per_parameter / static_cast<double>(plan.accelerators)) /
      fleet.failures.checkpoint_bandwidth;
  run.working = power_at(accelerator, plan.step.activity);
  run.interrupted = power_at(accelerator, Activity{});
  plan.run = simulate_run(run, seed);
  return plan;
}

}  // namespace aifactory
