// A training run over days: steps, checkpoints, failures, restarts, stragglers.
//
// Failures are a Poisson process over all accelerators of the job. A failure loses the work since the last checkpoint;
// after `restart` the job goes on, and the restart itself may fail. In closed form (Daly 2006, eq. 13) the time to
// complete one interval t of work between checkpoints of cost d at mean time between failures M with restart R is
//   M exp(R / M) (exp((t + d) / M) - 1);
// goodput is t over it. The event-driven run agrees within its confidence interval (tests/laws/training).
#pragma once

#include <cstdint>

#include "models/capacity/capacity_curve.h"
#include "models/hardware/system.h"
#include "models/units/quantity.h"

namespace aifactory {

struct RunReliability {
  Hertz failure_rate{};           // per accelerator, everything that interrupts the job
  Seconds restart{};              // detection, replacement, reload, warm-up: until the first new step
  Seconds checkpoint{};           // time the job stands still for one checkpoint
  Seconds checkpoint_interval{};  // work between checkpoints; zero = Daly's optimum
  Hertz straggler_rate{};         // per accelerator, onsets of a slow accelerator
  double straggler_slowdown = 1;  // of the whole synchronous job while one is present
  Seconds straggler_duration{};   // until it is found and replaced
};

// Daly's optimum: sqrt(2 d M) [1 + sqrt(d / 2M) / 3 + (d / 2M) / 9] - d, and M when d >= 2M (Daly 2006, eq. 37).
Seconds optimal_checkpoint_interval(Seconds checkpoint, Seconds mean_time_between_failures);

struct TrainingRunSpec {
  int accelerators = 1;
  Seconds step{};  // without interruptions
  double tokens_per_step = 0;
  Seconds horizon{};         // elapsed time simulated
  double target_tokens = 0;  // stop earlier when this many are trained; 0 = run to the horizon
  RunReliability reliability;
  Watts working{};      // per accelerator, mean over a step
  Watts interrupted{};  // per accelerator, while restarting
};

struct TrainingRunOutcome {
  double goodput = 0;  // time of steps that survived (at full speed) over elapsed
  double tokens = 0;   // trained and kept
  double steps = 0;
  std::int64_t failures = 0;
  std::int64_t checkpoints = 0;
  Seconds elapsed{}, useful{}, checkpointing{}, lost{}, restarting{}, straggling{};  // elapsed = sum of the rest
  PowerProfile power;
};
TrainingRunOutcome simulate_run(const TrainingRunSpec& spec, std::uint64_t seed);

// The closed form of goodput, stragglers included as their mean presence.
double expected_goodput(const TrainingRunSpec& spec);

}  // namespace aifactory
