// A training run over days: steps, checkpoints, failures, restarts, stragglers.
//
// Failures are a Poisson process over all accelerators of the job. A failure loses the work since the last checkpoint;
// after the restart the job goes on, and the restart itself may fail: the assumptions of the closed form in
// models/reliability/failure.h, with which the event-driven run agrees within its confidence interval
// (tests/laws/training).
#pragma once

#include <cstdint>

#include "models/capacity/capacity_curve.h"
#include "models/reliability/failure.h"
#include "models/units/quantity.h"

namespace aifactory {

// A slow accelerator slows the whole synchronous job until it is found.
struct Stragglers {
  Hertz rate{};         // onsets per accelerator
  double slowdown = 1;  // of the job while one is present
  Seconds duration{};   // until it is found and replaced
};

struct RunReliability {
  FailureProcess failures;
  Seconds checkpoint{};           // time the job stands still for one checkpoint
  Seconds checkpoint_interval{};  // work between checkpoints; zero = Daly's optimum
  Stragglers stragglers;
};

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
