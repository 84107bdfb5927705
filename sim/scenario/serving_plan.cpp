#include <algorithm>
#include <cmath>

#include "sim/scenario/plans.h"
#include "sim/serving/deployment.h"
#include "sim/serving/layout_choice.h"

namespace aifactory {

namespace {

// Loads simulated per replica and requests measured at each: p99 of 1,000 requests rests on its ten slowest, enough for
// planning and affordable for every band (bench/serving).
constexpr int kLoads = 8;
constexpr int kRequestsPerLoad = 1000;

LayoutRequest layout_request(const ResolvedFleet& fleet, const ResolvedWorkload& workload) {
  LayoutRequest request;
  request.model = workload.model;
  request.system = fleet.system;
  request.kernels = fleet.kernels;
  request.network = fleet.network;
  request.formats = {workload.formats};
  request.policy = workload.spec.serving.policy;
  request.drafts = {workload.spec.serving.draft_tokens, workload.spec.serving.accepted_drafts};
  return request;
}

LayoutChoice choose(const ResolvedFleet& fleet, const ResolvedWorkload& workload, std::int64_t accelerators) {
  LayoutRequest request = layout_request(fleet, workload);
  const std::int64_t domain = fleet.system.accelerator.scale_up_domain;
  LayoutChoice choice;
  for (std::int64_t domains = 1; domains <= kWidestReplicaDomains && !choice.feasible; domains *= 2) {
    request.max_accelerators = static_cast<int>(std::min(accelerators, domain * domains));
    choice = choose_layout(request, workload.mix, workload.spec.serving.slo);
    if (accelerators <= domain * domains) {
      break;
    }
  }
  return choice;
}

}  // namespace

ServingPlan plan_serving(const ResolvedFleet& fleet, const ResolvedWorkload& workload, std::int64_t accelerators,
                         std::uint64_t seed, KernelBand kernels, const ServingPlan* design) {
  ServingPlan plan;
  const Slo& slo = workload.spec.serving.slo;
  if (design != nullptr) {
    plan.replica = design->replica;
    plan.replica.system = fleet.system;
    plan.replica.kernels = fleet.kernels;
    plan.replica.network = fleet.network;
    plan.replica.model = workload.model;
    if (const ReplicaMemory memory = replica_memory(plan.replica); !memory.fits()) {
      plan.infeasible = memory.problem;
      return plan;
    }
  } else {
    const LayoutChoice choice = choose(fleet, workload, accelerators);
    if (!choice.feasible) {
      plan.infeasible = choice.reason;
      return plan;
    }
    plan.replica = choice.best.spec;
  }
  plan.replica.band = kernels;
  plan.grade = replica_grade(plan.replica);
  const std::int64_t replicas = accelerators / plan.replica.layout.accelerators();
  if (workload.replayed) {
    // A trace of thousands of requests cannot occupy more replicas than it has requests.
    plan.replayed_replicas =
        std::clamp<std::int64_t>(replicas, 1, static_cast<std::int64_t>(workload.mix.trace->rows.size()));
    DeploymentSpec deployment;
    deployment.replica = plan.replica;
    deployment.replicas = static_cast<int>(plan.replayed_replicas);
    plan.replay = replay_trace(deployment, *workload.mix.trace, workload.mix.cached_fraction, slo);
  }
  CapacityOptions options;
  options.simulation.seed = seed;
  options.simulation.requests = kRequestsPerLoad;
  options.loads = kLoads;
  plan.curve = simulate_capacity(plan.replica, workload.mix, slo, options);
  plan.capacity = plan.curve.slo_capacity(slo.share);
  if (!(plan.capacity.value() > 0.0)) {
    plan.infeasible = "no simulated load meets the SLO of workload " + workload.spec.id + " on " + fleet.system.id;
  }
  return plan;
}

}  // namespace aifactory
