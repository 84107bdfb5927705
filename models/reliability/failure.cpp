#include "models/reliability/failure.h"

#include <algorithm>
#include <cmath>

#include "models/units/pinned_math.h"

namespace aifactory {

Seconds mean_time_between_failures(const FailureProcess& process, double accelerators) {
  return 1.0 / (process.rate * accelerators);
}

Seconds young_interval(Seconds checkpoint_cost, Seconds mtbf) {
  return Seconds(std::sqrt(2.0 * checkpoint_cost.value() * mtbf.value()));
}

Seconds daly_interval(Seconds checkpoint_cost, Seconds mtbf) {
  const double x = checkpoint_cost / (mtbf * 2.0);
  if (x >= 1.0) {
    return mtbf;
  }
  return young_interval(checkpoint_cost, mtbf) * (1.0 + std::sqrt(x) / 3.0 + x / 9.0) - checkpoint_cost;
}

double checkpointed_goodput(Seconds interval, Seconds checkpoint_cost, Seconds mtbf, Seconds restart) {
  return interval / (mtbf * (pinned::exp(restart / mtbf) * pinned::expm1((interval + checkpoint_cost) / mtbf)));
}

double expected_training_time_ratio(Seconds interval, Seconds checkpoint_cost, Seconds mtbf, Seconds restart) {
  return std::max(0.0, 1.0 - (restart + interval * 0.5) / mtbf) / (1.0 + checkpoint_cost / interval);
}

CheckpointPlan plan_checkpoints(const FailureProcess& process, double accelerators, Bytes checkpoint) {
  CheckpointPlan plan;
  plan.mtbf = mean_time_between_failures(process, accelerators);
  plan.checkpoint_cost = checkpoint / (process.checkpoint_bandwidth * accelerators);
  plan.interval = daly_interval(plan.checkpoint_cost, plan.mtbf);
  plan.goodput = checkpointed_goodput(plan.interval, plan.checkpoint_cost, plan.mtbf, process.restart);
  plan.checkpointing = plan.goodput * (plan.checkpoint_cost / plan.interval);
  plan.lost = 1.0 - plan.goodput - plan.checkpointing;
  return plan;
}

}  // namespace aifactory
