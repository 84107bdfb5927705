// One workload in one hour, at each step of a ladder of power caps.
#pragma once

#include <cstddef>
#include <vector>

#include "sim/site/site_simulation.h"

namespace aifactory {

// Power limits an accelerator can be set to: step 0 is none, the last the lowest it accepts.
class CapLadder {
 public:
  static constexpr int kSteps = 16;

  CapLadder(const Accelerator& accelerator, double minimum_cap)
      : tdp_(accelerator.tdp), step_((1.0 - minimum_cap) / kSteps) {}
  [[nodiscard]] Watts at(int step) const { return tdp_ * (1.0 - step_ * static_cast<double>(step)); }

 private:
  Watts tdp_;
  double step_;
};

// What serving replicas do in an hour, rates over all replicas.
struct ServingHour {
  Hertz offered{}, shed{}, unfinished{}, served{}, within_slo{};
  TokensPerSecond input{}, cached{}, output{};
  Watts accelerators{};  // all that are assigned, failed and left-over ones idling
  Seconds ttft_p50{}, ttft_p99{}, tpot_p50{}, tpot_p99{};
  bool capped = false;
};

// Whole replicas that are up, of accelerators assigned: what failures and plant outages leave.
double replicas_in_service(double accelerators, double availability, int accelerators_per_replica);

class ServingState {
 public:
  ServingState(const ServingLoad& load, const FleetGroup& group, double site_availability, double minimum_cap);
  [[nodiscard]] ServingHour at(int hour_of_year, int cap_step);

 private:
  struct Step {
    bool known = false;
    CapacityCurve curve;
    Hertz capacity{};  // per replica, within the SLO
  };
  const Step& step(int cap_step);

  const ServingLoad& load_;
  const Accelerator& accelerator_;
  CapLadder ladder_;
  double replicas_;
  double idle_accelerators_;
  std::vector<Step> steps_;  // filled as caps are first needed
};

struct TrainingHour {
  double throughput = 1.0;  // over full power
  Watts accelerators{};
  bool capped = false;
};

TrainingHour training_hour(const TrainingLoad& load, const Accelerator& accelerator, const CapLadder& ladder,
                           int cap_step);

// Draw of an accelerator that has nothing to do.
inline Watts idle_power(const Accelerator& accelerator) {
  return accelerator.tdp * accelerator.power.idle_fraction;
}

}  // namespace aifactory
