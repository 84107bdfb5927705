// Failures as a Poisson process per accelerator, and what they cost a long-running synchronous job: closed forms.
#pragma once

#include <string>

#include "models/units/quantity.h"

namespace aifactory {

// What was observed of one kind of cluster (configs/reliability).
struct FailureProcess {
  std::string id;
  std::string name;
  Hertz rate{};                           // unplanned interruptions of a job, per accelerator
  double hardware_share = 0.0;            // of them caused by hardware
  Seconds restart{};                      // detect, replace, load, warm up: until useful work resumes
  BytesPerSecond checkpoint_bandwidth{};  // written by one accelerator's host share while the job waits
  double availability = 1.0;              // of accelerators, repairs included: what share a serving fleet can count on
};

// Mean time between interruptions of a job that needs all of `accelerators`: 1 / (n rate).
Seconds mean_time_between_failures(const FailureProcess& process, double accelerators);

// Young (1974): sqrt(2 delta M), first order.
Seconds young_interval(Seconds checkpoint_cost, Seconds mtbf);
// Daly (2006), higher order: sqrt(2 delta M) (1 + sqrt(delta/2M)/3 + delta/18M) - delta for delta < 2M, else M.
Seconds daly_interval(Seconds checkpoint_cost, Seconds mtbf);

// Useful over elapsed time of a job that computes `interval`, then writes a checkpoint for `checkpoint_cost`, with
// exponential failures of mean `mtbf` and a restart of fixed length (Daly 2006, exact):
//   interval / (M e^{R/M} (e^{(interval + delta)/M} - 1)).   interval, mtbf > 0; delta, restart >= 0.
double checkpointed_goodput(Seconds interval, Seconds checkpoint_cost, Seconds mtbf, Seconds restart);

// First-order form used in cluster studies (Kokolis et al. 2025): (1 - (R + interval/2)/M) / (1 + delta/interval),
// not below zero. Agrees with the exact form while R + interval << M.
double expected_training_time_ratio(Seconds interval, Seconds checkpoint_cost, Seconds mtbf, Seconds restart);

// The best a job can do: Daly's interval, its goodput, and where the time goes (shares of elapsed time, sum 1).
struct CheckpointPlan {
  Seconds mtbf{};
  Seconds checkpoint_cost{};
  Seconds interval{};
  double goodput = 0.0;
  double checkpointing = 0.0;
  double lost = 0.0;  // rework and restarts
};
CheckpointPlan plan_checkpoints(const FailureProcess& process, double accelerators, Bytes checkpoint);

}  // namespace aifactory
