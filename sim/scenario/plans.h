// What each workload becomes on its fleet before the site is simulated: a replica and its capacity curve, or a training
// layout, its step and its run.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "models/capacity/capacity_curve.h"
#include "sim/scenario/resolved.h"
#include "sim/serving/capacity.h"
#include "sim/serving/replica_spec.h"
#include "sim/training/run.h"
#include "sim/training/step.h"

namespace aifactory {

// A replica stays inside one scale-up domain where it can; a model that does not fit is spread over a few of them
// (DeepSeek R1 on two nodes of eight H100), never over more: latency between domains makes wider replicas pointless.
inline constexpr std::int64_t kWidestReplicaDomains = 4;

struct ServingPlan {
  std::string infeasible;  // why, empty when it can be served
  ServingReplicaSpec replica;
  CapacityCurve curve;
  Hertz capacity{};                      // of one replica within the SLO
  std::optional<ServingOutcome> replay;  // of a trace played as recorded
  std::int64_t replayed_replicas = 0;
  Grade grade = Grade::kTransferred;
};

struct TrainingPlan {
  std::string infeasible;
  TrainingSpec spec;
  StepBreakdown step;
  int accelerators = 0;  // of one run, all used
  TrainingRunOutcome run;
  Grade grade = Grade::kTransferred;
};

// `accelerators`: of the workload's share. `kernels`: at which edge of the kernel model's band. `design`: keep its
// layout, formats and batch limit.
ServingPlan plan_serving(const ResolvedFleet& fleet, const ResolvedWorkload& workload, std::int64_t accelerators,
                         std::uint64_t seed, KernelBand kernels, const ServingPlan* design);

// `accelerators`: of one run at most.
TrainingPlan plan_training(const ResolvedFleet& fleet, const ResolvedWorkload& workload, std::int64_t accelerators,
                           Seconds horizon, std::uint64_t seed, KernelBand kernels, const TrainingPlan* design);

// Everything a plan depends on, as text: equal keys give equal plans. At most one design is given.
std::string plan_key(const ResolvedFleet& fleet, const ResolvedWorkload& workload, std::int64_t accelerators,
                     Seconds horizon, std::uint64_t seed, KernelBand kernels, const ServingPlan* serving_design,
                     const TrainingPlan* training_design);

}  // namespace aifactory
