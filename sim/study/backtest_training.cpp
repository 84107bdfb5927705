#include "sim/study/backtest_training.h"

#include <array>
#include <utility>

#include "sim/study/backtest_rows.h"
#include "sim/study/measured_hardware.h"
#include "sim/study/training_case.h"
#include "sim/training/step.h"

namespace aifactory {
namespace {

// Half-width of ln(true / predicted) beyond the kernels' own band: the same MLPerf configuration, submitted by
// different vendors, scatters by 20 % at the ninth decile.
constexpr double kStepBand = 0.20;

struct Metric {
  std::string_view column, name, unit;
  bool rate = false;
};
constexpr std::array<Metric, 3> kMetrics = {
    {{"step_time_s", "step_time", "s", false},
     {"tokens_per_s_per_accel", "tokens_per_second_per_accelerator", "1/s", true},
     {"sequences_per_s", "sequences_per_s", "1/s", true}}};

const Metric* metric_of(const std::string& column) {
  for (const Metric& metric : kMetrics) {
    if (metric.column == column) {
      return &metric;
    }
  }
  return nullptr;
}

StepBreakdown step_of(const TrainingCase& described, const MeasuredHardware& hardware) {
  TrainingSpec spec;
  spec.model = described.model;
  spec.system = hardware.system;
  spec.kernels = hardware.kernels;
  spec.network = hardware.network;
  spec.layout = described.layout;
  spec.formats = described.formats;
  spec.sequence_length = described.sequence_length;
  StepBreakdown step;
  const auto fitting = [&](Recompute recompute) {
    spec.layout.recompute = recompute;
    step = step_time(spec);
    return step.feasible();
  };
  if (!described.recompute_stated &&
      (fitting(Recompute::kNone) || fitting(Recompute::kSelective) || fitting(Recompute::kFull))) {
    return step;
  }
  spec.layout.recompute = described.layout.recompute;
  spec.memory_share = 100.0;  // the run took place
  return step_time(spec);
}

// The metric at a step time in seconds.
double value_at(const Metric& metric, double seconds, const StepBreakdown& step, const TrainingCase& described) {
  if (!metric.rate) {
    return seconds;
  }
  const double sequences = described.layout.global_batch / seconds;
  return metric.name == "sequences_per_s"
             ? sequences
             : step.tokens / seconds / static_cast<double>(described.layout.accelerators());
}

}  // namespace

BacktestReport backtest_training(const Catalog& catalog, const MeasuredTable& table,
                                 const std::vector<std::string>& by) {
  MeasuredHardwareBook book(catalog);
  const std::vector<BacktestPrediction> none;
  return backtest_rows("training", table, by, [&](const MeasuredRow& row, std::string& reason) {
    const Metric* metric = metric_of(row.text("metric"));
    const double measured = row.number("value").value_or(0.0);
    const std::string& name = row.text("hardware");
    if (metric == nullptr) {
      reason = "metric " + brief(row.text("metric"), 60) + " is not evaluated";
      return none;
    }
    if (!(measured > 0.0)) {
      reason = "no positive value";
      return none;
    }
    const MeasuredHardware* hardware = book.find(name);
    if (hardware == nullptr) {
      reason = "no system holds accelerator " + brief(name, 60);
      return none;
    }
    const auto described = training_case(row, reason);
    if (!described) {
      return none;
    }
    if (!hardware->system.accelerator.supports(math_precision(described->formats.dense))) {
      reason = hardware->system.accelerator.id + " does not multiply in " +
               std::string(aifactory::name(described->formats.dense));
      return none;
    }
    const StepBreakdown step = step_of(*described, *hardware);
    if (!step.feasible()) {
      reason = step.problem;
      return none;
    }
    BacktestPrediction prediction;
    prediction.metric = metric->name;
    prediction.measured = measured;
    prediction.unit = metric->unit;
    prediction.rate = metric->rate;
    prediction.predicted = value_at(*metric, step.total.value(), step, *described);
    prediction.low = value_at(*metric, step.low.value() / (1.0 + kStepBand), step, *described);
    prediction.high = value_at(*metric, step.high.value() * (1.0 + kStepBand), step, *described);
    if (prediction.high < prediction.low) {
      std::swap(prediction.low, prediction.high);
    }
    return std::vector<BacktestPrediction>{std::move(prediction)};
  });
}

}  // namespace aifactory
