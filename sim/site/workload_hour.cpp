#include "sim/site/workload_hour.h"

#include <algorithm>
#include <cmath>

namespace aifactory {

double replicas_in_service(double accelerators, double availability, int accelerators_per_replica) {
  return std::floor(accelerators * availability / static_cast<double>(accelerators_per_replica));
}

ServingState::ServingState(const ServingLoad& load, const FleetGroup& group, double site_availability,
                           double minimum_cap)
    : load_(load),
      accelerator_(group.system.accelerator),
      ladder_(accelerator_, minimum_cap),
      replicas_(replicas_in_service(load.accelerators, group.availability * site_availability,
                                    load.curve.accelerators_per_replica())),
      idle_accelerators_(load.accelerators - replicas_ * static_cast<double>(load.curve.accelerators_per_replica())),
      steps_(static_cast<std::size_t>(CapLadder::kSteps) + 1) {}

const ServingState::Step& ServingState::step(int cap_step) {
  Step& step = steps_[static_cast<std::size_t>(cap_step)];
  if (!step.known) {
    step.curve = cap_step == 0 ? load_.curve : load_.curve.capped(accelerator_, ladder_.at(cap_step));
    step.capacity = step.curve.slo_capacity(load_.slo_share);
    step.known = true;
  }
  return step;
}

ServingHour ServingState::at(int hour_of_year, int cap_step) {
  ServingHour hour;
  hour.capped = cap_step > 0;
  hour.offered = load_.offered * load_.shape.at_hour(hour_of_year);
  const Step& limits = step(cap_step);
  const Hertz admitted = replicas_ > 0.0 ? min(hour.offered / replicas_, limits.capacity) : Hertz{};
  const OperatingPoint point = limits.curve.at(admitted);
  // Below the curve's first point, and by a rounding elsewhere, the point completes more than arrives.
  const double share = point.completed > admitted ? admitted / point.completed : 1.0;
  const Hertz completed = point.completed * share;
  hour.shed = hour.offered - admitted * replicas_;
  hour.served = completed * replicas_;
  hour.unfinished = (admitted - completed) * replicas_;
  hour.within_slo = min(admitted * point.within_slo, completed) * replicas_;
  hour.input = point.input * (share * replicas_);
  hour.cached = point.cached * (share * replicas_);
  hour.output = point.output * (share * replicas_);
  hour.ttft_p50 = point.ttft_p50;
  hour.ttft_p99 = point.ttft_p99;
  hour.tpot_p50 = point.tpot_p50;
  hour.tpot_p99 = point.tpot_p99;
  hour.accelerators =
      point.accelerator_power * (replicas_ * static_cast<double>(load_.curve.accelerators_per_replica())) +
      idle_power(accelerator_) * idle_accelerators_;
  return hour;
}

TrainingHour training_hour(const TrainingLoad& load, const Accelerator& accelerator, const CapLadder& ladder,
                           int cap_step) {
  PowerProfile profile = load.profile;
  TrainingHour hour;
  hour.capped = cap_step > 0;
  if (hour.capped) {
    const Watts cap = ladder.at(cap_step);
    hour.throughput = throughput_under_cap(accelerator.power, profile.working, cap);
    profile.working = min(profile.working, cap);
    profile.interrupted = min(profile.interrupted, cap);
  }
  hour.accelerators = profile.mean() * load.accelerators;
  return hour;
}

}  // namespace aifactory
