#include "sim/training/run.h"

#include <algorithm>
#include <cmath>

#include "models/units/pinned_math.h"
#include "sim/engine/simulation.h"

namespace aifactory {
namespace {

Seconds interval_of(const TrainingRunSpec& spec, Seconds mtbf) {
  const Seconds given = spec.reliability.checkpoint_interval;
  if (given.value() > 0) {
    return given;
  }
  // A checkpoint that costs nothing would be taken after every step.
  return max(spec.step, daly_interval(spec.reliability.checkpoint, mtbf));
}

// Share of time with at least one straggler: arrivals of rate r that each stay d are busy 1 - exp(-r d) of it
// (M/G/inf).
double straggling_share(const TrainingRunSpec& spec) {
  const Stragglers& stragglers = spec.reliability.stragglers;
  return -pinned::expm1(-(stragglers.rate * stragglers.duration) * spec.accelerators);
}

class TrainingRun {
 public:
  TrainingRun(const TrainingRunSpec& spec, std::uint64_t seed)
      : spec_(spec),
        simulation_({.seed = seed}),
        failures_(simulation_.stream("training/job", "failures")),
        slowdowns_(simulation_.stream("training/job", "stragglers")) {
    const double n = spec.accelerators;
    failure_rate_ = spec.reliability.failures.rate.value() * n;
    straggler_rate_ = spec.reliability.stragglers.rate.value() * n;
    interval_ = interval_of(spec, Seconds(failure_rate_ > 0 ? 1.0 / failure_rate_ : kYear.value() * 1e3)).value();
    target_ = spec.target_tokens > 0 ? spec.target_tokens / spec.tokens_per_step * spec.step.value() : 0.0;
  }

  TrainingRunOutcome run() {
    simulation_.at(
        engine::SimTime(spec_.horizon), [this] { simulation_.stop(); }, engine::Priority::kSample);
    next_failure();
    next_straggler();
    work();
    simulation_.run();
    settle();
    return outcome();
  }

 private:
  enum class Phase { kWorking, kCheckpointing, kRestarting };

  [[nodiscard]] double now() const { return simulation_.now().seconds().value(); }
  [[nodiscard]] bool slow() const { return now() < slow_until_; }
  [[nodiscard]] double speed() const { return slow_ ? 1.0 / spec_.reliability.stragglers.slowdown : 1.0; }

  void next_failure() {
    if (failure_rate_ > 0) {
      simulation_.after(
          Seconds(failures_.exponential(1.0 / failure_rate_)), [this] { fail(); }, engine::Priority::kFailure);
    }
  }

  void next_straggler() {
    if (straggler_rate_ > 0) {
      simulation_.after(
          Seconds(slowdowns_.exponential(1.0 / straggler_rate_)), [this] { onset(); }, engine::Priority::kFailure);
    }
  }

  // Books what has passed since the last change.
  void settle() {
    const double passed = now() - since_;
    since_ = now();
    switch (phase_) {
      case Phase::kWorking:
        progress_ += passed * speed();
        waited_ += passed * (1.0 - speed());
        break;
      case Phase::kCheckpointing:
        writing_ += passed;
        break;
      case Phase::kRestarting:
        restarting_ += passed;
        break;
    }
  }

  void enter(Phase phase, double duration, void (TrainingRun::*then)()) {
    settle();
    phase_ = phase;
    simulation_.cancel(end_);
    end_ = simulation_.after(
        Seconds(duration), [this, then] { (this->*then)(); }, engine::Priority::kCompletion);
  }

  void work() {
    double remaining = interval_ - progress_;
    if (target_ > 0) {
      remaining = std::min(remaining, target_ - useful_ - progress_);
    }
    enter(Phase::kWorking, std::max(0.0, remaining) / speed(), &TrainingRun::checkpoint);
  }

  void checkpoint() {
    settle();
    if (target_ > 0 && useful_ + progress_ >= target_ - 1e-6) {
      simulation_.stop();
      return;
    }
    enter(Phase::kCheckpointing, spec_.reliability.checkpoint.value(), &TrainingRun::keep);
  }

  void keep() {
    settle();
    useful_ += progress_;
    straggling_ += waited_;
    checkpointing_ += writing_;
    progress_ = waited_ = writing_ = 0;
    ++checkpoints_;
    work();
  }

  void fail() {
    ++failed_;
    settle();
    lost_ += progress_ + waited_ + writing_;
    progress_ = waited_ = writing_ = 0;
    enter(Phase::kRestarting, spec_.reliability.failures.restart.value(), &TrainingRun::work);
    next_failure();
  }

  void onset() {
    settle();
    const double end = now() + spec_.reliability.stragglers.duration.value();
    slow_until_ = std::max(slow_until_, end);
    simulation_.at(
        engine::SimTime(Seconds(end)), [this] { recover(); }, engine::Priority::kCompletion);
    change_speed(true);
    next_straggler();
  }

  void recover() {
    if (!slow()) {
      settle();
      change_speed(false);
    }
  }

  void change_speed(bool slow) {
    slow_ = slow;
    if (phase_ == Phase::kWorking) {
      work();
    }
  }

  [[nodiscard]] TrainingRunOutcome outcome() const {
    TrainingRunOutcome outcome;
    // What has been computed since the last checkpoint is not lost when the run ends.
    const double useful = useful_ + progress_;
    outcome.elapsed = Seconds(now());
    outcome.useful = Seconds(useful);
    outcome.checkpointing = Seconds(checkpointing_ + writing_);
    outcome.straggling = Seconds(straggling_ + waited_);
    outcome.lost = Seconds(lost_);
    outcome.restarting = Seconds(restarting_);
    outcome.goodput = now() > 0 ? useful / now() : 0.0;
    outcome.steps = useful / spec_.step.value();
    outcome.tokens = outcome.steps * spec_.tokens_per_step;
    outcome.failures = failed_;
    outcome.checkpoints = checkpoints_;
    outcome.power.working = spec_.working;
    outcome.power.interrupted = spec_.interrupted;
    outcome.power.working_fraction = now() > 0 ? 1.0 - restarting_ / now() : 1.0;
    return outcome;
  }

  const TrainingRunSpec& spec_;
  engine::Simulation simulation_;
  engine::RandomStream failures_, slowdowns_;
  double failure_rate_ = 0, straggler_rate_ = 0;  // of the job, 1/s
  double interval_ = 0, target_ = 0;              // seconds of work

  Phase phase_ = Phase::kWorking;
  engine::EventId end_;
  double since_ = 0;
  bool slow_ = false;
  double slow_until_ = 0;
  double progress_ = 0, waited_ = 0, writing_ = 0;  // since the last kept checkpoint: work, slowness, writing
  double useful_ = 0, straggling_ = 0, checkpointing_ = 0, lost_ = 0, restarting_ = 0;
  std::int64_t failed_ = 0, checkpoints_ = 0;
};

}  // namespace

TrainingRunOutcome simulate_run(const TrainingRunSpec& spec, std::uint64_t seed) {
  return TrainingRun(spec, seed).run();
}

double expected_goodput(const TrainingRunSpec& spec) {
  const double slow = straggling_share(spec);
  const double mean_speed = 1.0 - slow * (1.0 - 1.0 / std::max(1.0, spec.reliability.stragglers.slowdown));
  const double rate = spec.reliability.failures.rate.value() * spec.accelerators;
  const Seconds mtbf(rate > 0 ? 1.0 / rate : kYear.value() * 1e3);
  const Seconds interval = interval_of(spec, mtbf);
  return mean_speed *
         checkpointed_goodput(interval, spec.reliability.checkpoint, mtbf, spec.reliability.failures.restart);
}

}  // namespace aifactory
