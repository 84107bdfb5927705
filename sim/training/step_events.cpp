#include "sim/training/step_events.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "sim/engine/simulation.h"

namespace aifactory {
namespace {

struct Task {
  bool forward = true;
  int chunk = 0;
  int micro_batch = 0;
};

// The order in which one stage works: what the schedule is.
std::vector<Task> stage_order(const std::string& schedule, int stage, int stages, int chunks, int micro_batches) {
  std::vector<Task> order;
  const int total = micro_batches * chunks;
  // Megatron-LM's interleaving: groups of `stages` micro-batches pass one chunk after the other.
  const auto task = [&](bool forward, int index) {
    const int chunk = (index / stages) % chunks;
    const int micro_batch = index / (stages * chunks) * stages + index % stages;
    return Task{forward, forward ? chunk : chunks - 1 - chunk, chunks > 1 ? micro_batch : index};
  };
  int warm_up = 0;
  if (schedule == "gpipe") {
    warm_up = total;
  } else if (schedule == "1f1b" && chunks == 1) {
    warm_up = std::min(total, stages - 1 - stage);
  } else if (schedule == "interleaved" && (chunks == 1 || micro_batches % stages == 0)) {
    warm_up = chunks == 1 ? std::min(total, stages - 1 - stage)
                          : std::min(total, 2 * (stages - 1 - stage) + (chunks - 1) * stages);
  } else {
    throw std::invalid_argument(
        "event-driven steps know 1f1b, gpipe, and interleaved with micro-batches in multiples "
        "of the pipeline");
  }
  for (int i = 0; i < warm_up; ++i) {
    order.push_back(task(true, i));
  }
  for (int i = warm_up; i < total; ++i) {
    order.push_back(task(true, i));
    order.push_back(task(false, i - warm_up));
  }
  for (int i = total - warm_up; i < total; ++i) {
    order.push_back(task(false, i));
  }
  return order;
}

class PipelineRun {
 public:
  PipelineRun(const TrainingSpec& spec, const StageCost& cost, std::vector<double> slowdown)
      : stages_(spec.layout.pipeline),
        chunks_(spec.layout.virtual_pipeline),
        micro_batches_(static_cast<int>(std::llround(spec.layout.micro_batches()))),
        forward_(cost.forward / static_cast<double>(chunks_)),
        backward_(cost.backward / static_cast<double>(chunks_)),
        send_(cost.send),
        slowdown_(std::move(slowdown)),
        stage_(static_cast<std::size_t>(stages_)),
        ready_(static_cast<std::size_t>(2 * stages_ * chunks_ * micro_batches_), false) {
    slowdown_.resize(static_cast<std::size_t>(stages_), 1.0);
    for (int s = 0; s < stages_; ++s) {
      at(s).order = stage_order(schedule_of(spec), s, stages_, chunks_, micro_batches_);
    }
    for (int m = 0; m < micro_batches_; ++m) {
      ready_[key(true, 0, m)] = true;
    }
  }

  SimulatedStep run() {
    for (int s = 0; s < stages_; ++s) {
      try_start(s);
    }
    simulation_.run();
    SimulatedStep step;
    step.pipeline = simulation_.now().seconds();
    Seconds busiest{};
    for (const Stage& stage : stage_) {
      if (stage.next != stage.order.size()) {
        throw std::logic_error("a pipeline stage waits forever: its order contradicts the data flow");
      }
      busiest = max(busiest, stage.busy);
    }
    step.idle_share = 1.0 - busiest / step.pipeline;
    return step;
  }

 private:
  struct Stage {
    std::vector<Task> order;
    std::size_t next = 0;
    bool working = false;
    Seconds busy{};
  };

  Stage& at(int stage) { return stage_[static_cast<std::size_t>(stage)]; }

  // Position of a task's input in ready_; `place` counts chunks along the model, chunk * stages + stage.
  [[nodiscard]] std::size_t key(bool forward, int place, int micro_batch) const {
    return static_cast<std::size_t>(((forward ? 0 : 1) * stages_ * chunks_ + place) * micro_batches_ + micro_batch);
  }

  void try_start(int s) {
    Stage& stage = at(s);
    if (stage.working || stage.next == stage.order.size()) {
      return;
    }
    const Task task = stage.order[stage.next];
    if (!ready_[key(task.forward, task.chunk * stages_ + s, task.micro_batch)]) {
      return;
    }
    stage.working = true;
    const Seconds time = (task.forward ? forward_ : backward_) * slowdown_[static_cast<std::size_t>(s)];
    stage.busy += time;
    simulation_.after(
        time, [this, s] { finish(s); }, engine::Priority::kCompletion);
  }

  void finish(int s) {
    Stage& stage = at(s);
    const Task task = stage.order[stage.next];
    ++stage.next;
    stage.working = false;
    const int place = task.chunk * stages_ + s;
    const int last = stages_ * chunks_ - 1;
    if (task.forward && place == last) {
      deliver(false, place, task.micro_batch, Seconds{});  // the loss starts the backward pass
    } else if (task.forward) {
      deliver(true, place + 1, task.micro_batch, send_);
    } else if (place > 0) {
      deliver(false, place - 1, task.micro_batch, send_);
    }
    try_start(s);
  }

  void deliver(bool forward, int place, int micro_batch, Seconds delay) {
    const std::size_t input = key(forward, place, micro_batch);
    const int stage = place % stages_;
    simulation_.after(delay, [this, input, stage] {
      ready_[input] = true;
      try_start(stage);
    });
  }

  int stages_, chunks_, micro_batches_;
  Seconds forward_, backward_, send_;
  std::vector<double> slowdown_;
  std::vector<Stage> stage_;
  std::vector<bool> ready_;
  engine::Simulation simulation_;
};

}  // namespace

SimulatedStep simulate_pipeline(const TrainingSpec& spec, const StageCost& cost, const std::vector<double>& slowdown) {
  return PipelineRun(spec, cost, slowdown).run();
}

}  // namespace aifactory
