#include "models/llm/pipeline_schedule.h"

#include <algorithm>

namespace aifactory {
namespace {

Seconds work(const PipelineShape& shape, const StageTimes& times) {
  return (times.forward + times.backward()) * shape.micro_batches;
}

// Filling and draining cross every stage boundary once in each direction.
Seconds transfers(const PipelineShape& shape, const StageTimes& times) {
  return times.send * (2.0 * (shape.stages - 1));
}

class OneForwardOneBackward final : public PipelineSchedule {
 public:
  std::string_view name() const override { return "1f1b"; }
  Seconds step_time(const PipelineShape& shape, const StageTimes& times) const override {
    const Seconds bubble = (times.forward + times.backward()) * static_cast<double>(shape.stages - 1);
    return work(shape, times) + bubble + transfers(shape, times);
  }
  double in_flight(const PipelineShape& shape) const override {
    return std::min(static_cast<double>(shape.stages), shape.micro_batches);
  }
};

class Interleaved final : public PipelineSchedule {
 public:
  std::string_view name() const override { return "interleaved"; }
  Seconds step_time(const PipelineShape& shape, const StageTimes& times) const override {
    const double chunks = static_cast<double>(shape.stages - 1) / shape.virtual_stages;
    return work(shape, times) + (times.forward + times.backward()) * chunks + transfers(shape, times);
  }
  double in_flight(const PipelineShape& shape) const override {
    const double stages = shape.stages;
    const double extra = shape.virtual_stages > 1 ? (stages - 1.0) / shape.virtual_stages : 0.0;
    return std::min(stages + extra, shape.micro_batches);
  }
};

class GPipe final : public PipelineSchedule {
 public:
  std::string_view name() const override { return "gpipe"; }
  Seconds step_time(const PipelineShape& shape, const StageTimes& times) const override {
    return OneForwardOneBackward().step_time(shape, times);
  }
  double in_flight(const PipelineShape& shape) const override { return shape.micro_batches; }
};

// ZB-H1: weight gradients fill the bubble at 1F1B's memory.
class ZeroBubble final : public PipelineSchedule {
 public:
  std::string_view name() const override { return "zero_bubble"; }
  Seconds step_time(const PipelineShape& shape, const StageTimes& times) const override {
    const Seconds idle = max(times.forward + times.backward_input - times.backward_weight, Seconds{});
    return work(shape, times) + idle * static_cast<double>(shape.stages - 1) + transfers(shape, times);
  }
  double in_flight(const PipelineShape& shape) const override {
    return std::min(static_cast<double>(shape.stages), shape.micro_batches);
  }
};

// Two directions at once; DeepSeek-V3 report, table 2: bubble (p/2 - 1)(F&B + B - 3W) with F&B an overlapped forward
// and backward, here their sum.
class DualPipe final : public PipelineSchedule {
 public:
  std::string_view name() const override { return "dualpipe"; }
  Seconds step_time(const PipelineShape& shape, const StageTimes& times) const override {
    const Seconds idle = max(times.forward + times.backward() * 2.0 - times.backward_weight * 3.0, Seconds{});
    const double stages = std::max(0.0, shape.stages / 2.0 - 1.0);
    return work(shape, times) + idle * stages + transfers(shape, times);
  }
  double in_flight(const PipelineShape& shape) const override {
    return std::min(shape.stages + 1.0, shape.micro_batches);
  }
};

}  // namespace

double PipelineSchedule::bubble_fraction(const PipelineShape& shape, const StageTimes& times) const {
  const Seconds total = step_time(shape, times);
  return total.value() > 0.0 ? 1.0 - work(shape, times) / total : 0.0;
}

const PipelineSchedule* pipeline_schedule(std::string_view name) {
  static const OneForwardOneBackward one_forward_one_backward;
  static const Interleaved interleaved;
  static const GPipe gpipe;
  static const ZeroBubble zero_bubble;
  static const DualPipe dualpipe;
  static const std::array<const PipelineSchedule*, kPipelineScheduleNames.size()> table = {
      &one_forward_one_backward, &interleaved, &gpipe, &zero_bubble, &dualpipe};
  const auto found = std::find_if(table.begin(), table.end(),
                                  [&](const PipelineSchedule* schedule) { return schedule->name() == name; });
  return found == table.end() ? nullptr : *found;
}

}  // namespace aifactory
