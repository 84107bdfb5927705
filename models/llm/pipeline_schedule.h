// Pipeline schedules: how much of a step the stages wait, and how many micro-batches a stage holds.
//
// All times are in units of one micro-batch's passage of one stage: forward `f`, backward `b` (input gradients
// `b_input` + weight gradients `b_weight` where a schedule splits them).
#pragma once

#include <array>
#include <string_view>

#include "models/units/quantity.h"

namespace aifactory {

struct StageTimes {
  Seconds forward{};
  Seconds backward_input{};
  Seconds backward_weight{};
  Seconds send{};  // one activation to the next stage, not hidden
  [[nodiscard]] Seconds backward() const { return backward_input + backward_weight; }
};

struct PipelineShape {
  int stages = 1;
  int virtual_stages = 1;  // model chunks per stage
  double micro_batches = 1;
};

class PipelineSchedule {
 public:
  virtual ~PipelineSchedule() = default;
  [[nodiscard]] virtual std::string_view name() const = 0;
  // From the first forward to the last backward of the slowest stage.
  [[nodiscard]] virtual Seconds step_time(const PipelineShape& shape, const StageTimes& times) const = 0;
  // Micro-batches whose activations the first stage keeps at its fullest, in units of a whole stage's layers.
  [[nodiscard]] virtual double in_flight(const PipelineShape& shape) const = 0;
  // Idle share of step_time.
  [[nodiscard]] double bubble_fraction(const PipelineShape& shape, const StageTimes& times) const;
};

// The table of schedules: "1f1b" (Narayanan et al. 2021), "interleaved" (same), "gpipe" (Huang et al. 2019),
// "zero_bubble" (ZB-H1, Qi et al. 2024), "dualpipe" (DeepSeek-AI 2024).
inline constexpr std::array<std::string_view, 5> kPipelineScheduleNames = {"1f1b", "interleaved", "gpipe",
                                                                           "zero_bubble", "dualpipe"};
// Null for an unknown name.
const PipelineSchedule* pipeline_schedule(std::string_view name);

}  // namespace aifactory
