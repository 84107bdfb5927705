#include "sim/serving/deployment_run.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace aifactory {
namespace {

// The q-quantile of unsorted values: the smallest value with at least that share at or below it.
double quantile(std::vector<double>& values, double q) {
  if (values.empty()) {
    return 0.0;
  }
  const auto rank = static_cast<std::size_t>(std::ceil(q * static_cast<double>(values.size())));
  const auto nth = values.begin() + static_cast<std::ptrdiff_t>(std::max<std::size_t>(rank, 1) - 1);
  std::nth_element(values.begin(), nth, values.end());
  return *nth;
}

double mean(const std::vector<double>& values) {
  double sum = 0.0;
  for (const double value : values) {
    sum += value;
  }
  return values.empty() ? 0.0 : sum / static_cast<double>(values.size());
}

}  // namespace

IterationLimits limits_for(const ServingReplicaSpec& spec, double longest_context) {
  IterationLimits limits;
  const double ranks = static_cast<double>(spec.layout.data);
  limits.sequences = std::max(1.0, std::ceil(static_cast<double>(spec.max_batch) / ranks));
  limits.tokens = serving_policy(spec.policy).traits().token_budget +
                  limits.sequences * (1.0 + static_cast<double>(spec.drafts.drafts));
  limits.context = std::max(64.0, longest_context);
  return limits;
}

DeploymentRun::DeploymentRun(const DeploymentSpec& deployment, const IterationModel& model, double cached_fraction,
                             Source source, std::uint64_t seed)
    : deployment_(deployment),
      memory_(replica_memory(deployment.replica)),
      source_(std::move(source)),
      simulation_({.seed = seed}),
      router_(make_router(deployment.router)),
      cached_fraction_(cached_fraction) {
  for (int i = 0; i < deployment.replicas; ++i) {
    replicas_.push_back(
        std::make_unique<Replica>(simulation_, deployment.replica, memory_, model, cached_fraction, requests_, *this));
  }
}

void DeploymentRun::next_arrival() {
  upcoming_ = measured_left_ < end_ - first_ ? source_() : std::nullopt;
  if (upcoming_) {
    const engine::SimTime time(Seconds(upcoming_->arrival));
    simulation_.at(
        std::max(time, simulation_.now()), [this] { arrive(); }, engine::Priority::kArrival);
  }
}

void DeploymentRun::arrive() {
  const std::size_t index = requests_.size();
  requests_.push_back(*upcoming_);
  if (index == first_) {
    window_start_ = upcoming_->arrival;
    at_start_ = activity();
    waiting_at_start_ = waiting();
  }
  if (index + 1 == end_) {
    window_end_ = upcoming_->arrival;
    at_end_ = activity();
    waiting_at_end_ = waiting();
  }
  replicas_[router_->choose(replicas_)]->submit(index);
  next_arrival();
}

void DeploymentRun::left(std::size_t request) {
  if (request >= first_ && request < end_ && ++measured_left_ == end_ - first_) {
    simulation_.stop();
  }
}

ReplicaActivity DeploymentRun::activity() const {
  ReplicaActivity total;
  for (const auto& replica : replicas_) {
    total += replica->activity();
  }
  return total;
}

std::size_t DeploymentRun::waiting() const {
  std::size_t total = 0;
  for (const auto& replica : replicas_) {
    total += replica->waiting();
  }
  return total;
}

ServingOutcome DeploymentRun::run(const Slo& slo, std::size_t first, std::size_t count) {
  first_ = first;
  end_ = first + count;
  next_arrival();
  simulation_.run();
  return outcome(slo);
}

ServingOutcome DeploymentRun::outcome(const Slo& slo) const {
  ServingOutcome outcome;
  outcome.elapsed = simulation_.now().seconds();
  outcome.offered = static_cast<std::int64_t>(requests_.size());
  std::int64_t within = 0;
  double computed = 0;  // tokens of the measured requests
  double cached_prompt = 0;
  double generated = 0;
  std::vector<double> ttft;
  std::vector<double> tpot;
  for (std::size_t i = 0; i < requests_.size(); ++i) {
    const Request& request = requests_[i];
    const bool measured = i >= first_ && i < end_;
    const double cached = std::max(0.0, request.prompt - std::max(1.0, request.prompt * (1.0 - cached_fraction_)));
    if (request.state == RequestState::kRejected) {
      ++outcome.rejected;
    } else if (request.state != RequestState::kCompleted) {
      ++outcome.in_flight;
    } else {
      ++outcome.completed;
      outcome.cached_tokens += cached;
      if (measured) {
        computed += request.prompt - cached;
        cached_prompt += cached;
        generated += request.output;
        ttft.push_back(request.ttft());
        if (request.output > 1.0) {
          tpot.push_back(request.tpot());
        }
        within += slo.met_by(Seconds(request.ttft()), Seconds(request.tpot())) ? 1 : 0;
      }
    }
  }
  double peak = 0;
  for (const auto& replica : replicas_) {
    outcome.preemptions += replica->preemptions();
    peak = std::max(peak, replica->peak_cache_share());
  }
  outcome.peak_kv_share = peak;
  const ReplicaActivity total = activity();
  outcome.output_tokens = total.output_tokens;
  outcome.prompt_tokens = total.prompt_tokens;
  outcome.ttft_mean = Seconds(mean(ttft));
  outcome.ttft_p50 = Seconds(quantile(ttft, 0.50));
  outcome.ttft_p90 = Seconds(quantile(ttft, 0.90));
  outcome.ttft_p99 = Seconds(quantile(ttft, 0.99));
  outcome.tpot_mean = Seconds(mean(tpot));
  outcome.tpot_p50 = Seconds(quantile(tpot, 0.50));
  outcome.tpot_p90 = Seconds(quantile(tpot, 0.90));
  outcome.tpot_p99 = Seconds(quantile(tpot, 0.99));

  // Flow balance of the window: what arrived and did not pile up or was not refused is served, sooner or later.
  // Counting departures instead would add the scatter of what happens to be in flight at its two ends.
  const double span = std::max(1e-9, window_end_ - window_start_);
  const double measured = static_cast<double>(end_ - first_);
  const double piled_up =
      std::max(0.0, static_cast<double>(waiting_at_end_) - static_cast<double>(waiting_at_start_)) / measured;
  const double served = std::max(0.0, (measured - 1.0) / span * (1.0 - piled_up)) / measured;
  OperatingPoint& point = outcome.point;
  point.offered = Hertz((measured - 1.0) / span);
  point.completed = Hertz(served * static_cast<double>(ttft.size()));
  point.input = TokensPerSecond(served * computed);
  point.cached = TokensPerSecond(served * cached_prompt);
  point.output = TokensPerSecond(served * generated);
  point.ttft_p50 = outcome.ttft_p50;
  point.ttft_p99 = outcome.ttft_p99;
  point.tpot_p50 = outcome.tpot_p50;
  point.tpot_p99 = outcome.tpot_p99;
  // A queue that grew through the window will keep growing: that share of requests is never served in time.
  point.within_slo = std::min(static_cast<double>(within) / measured, 1.0 - piled_up);
  const double replicas = static_cast<double>(replicas_.size());
  point.activity.compute = std::min(1.0, (at_end_.compute_busy - at_start_.compute_busy) / (span * replicas));
  point.activity.memory = std::min(1.0, (at_end_.memory_busy - at_start_.memory_busy) / (span * replicas));
  point.accelerator_power = power_at(deployment_.replica.system.accelerator, point.activity);
  return outcome;
}

}  // namespace aifactory
