#include "sim/study/backtest.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "models/catalog/config_error.h"
#include "models/catalog/csv.h"
#include "models/catalog/measured_table.h"
#include "models/catalog/probe_file.h"
#include "sim/study/backtest_collectives.h"
#include "sim/study/backtest_kernels.h"
#include "sim/study/backtest_probe.h"
#include "sim/study/backtest_serving.h"
#include "sim/study/backtest_training.h"

namespace aifactory {

namespace {

std::string text_of(const std::string& path) {
  constexpr std::size_t kMostBytes = std::size_t{1} << 30U;
  Problems problems;
  std::string text;
  read_possibly_gzipped(path, kMostBytes, problems, text);
  problems.throw_if_any();
  return text;
}

}  // namespace

MeasurementKind kind_of(const std::vector<std::string>& columns) {
  const auto has = [&](const char* column) {
    return std::find(columns.begin(), columns.end(), column) != columns.end();
  };
  if (has("silicon_tpot_ms")) {
    return MeasurementKind::kServingPoints;
  }
  if (has("gpu_power_w")) {
    return MeasurementKind::kPowerPoints;
  }
  if (has("op") && has("us")) {
    return MeasurementKind::kKernels;
  }
  if (has("op") && (has("time_us") || has("busbw_GBps"))) {
    return MeasurementKind::kCollectives;
  }
  if (has("metric") && has("global_batch")) {
    return MeasurementKind::kTraining;
  }
  return has("metric") && has("isl") ? MeasurementKind::kServingRows : MeasurementKind::kUnknown;
}

MeasurementKind kind_of_file(const std::string& path) {
  Problems problems;
  const MeasuredTable table = read_measured_table(path, problems);
  problems.throw_if_any();
  return kind_of(table.columns->names);
}

namespace {

BacktestReport evaluate_file(const Catalog& catalog, const std::string& path, const std::vector<std::string>& by,
                             const std::vector<std::string>& without) {
  Problems problems;
  for (const std::string& id : without) {
    if (!catalog.contains("calibration", id)) {
      throw ConfigError("--without", "", fmt::format("no calibration \"{}\"", brief(id, 60)),
                        fmt::format("{}", fmt::join(catalog.ids("calibration"), ", ")));
    }
  }
  const std::string text = text_of(path);
  const bool probe_text = is_probe_text(text);
  const MeasuredTable table = probe_text ? MeasuredTable{} : parse_measured_table(text, path, problems);
  problems.throw_if_any();
  const MeasurementKind kind = probe_text ? MeasurementKind::kUnknown : kind_of(table.columns->names);
  if (!without.empty() && kind != MeasurementKind::kKernels) {
    throw ConfigError("--without", "", "leaves calibrations out of predictions of kernel tables only");
  }
  if (probe_text) {
    const ProbeFile probe = parse_probe_file(text, path, problems);
    problems.throw_if_any();
    ProbeBacktestOptions options;
    options.by = by;
    return backtest_probe(catalog, probe, path, options);
  }
  switch (kind) {
    case MeasurementKind::kKernels: {
      KernelBacktestOptions options;
      options.by = by;
      options.without = without;
      return backtest_kernels(catalog, kernel_measurements_of(table), options);
    }
    case MeasurementKind::kCollectives:
      return backtest_collectives(catalog, collective_rows_of(table), by);
    case MeasurementKind::kServingPoints:
      return backtest_serving_points(catalog, table, by);
    case MeasurementKind::kTraining:
      return backtest_training(catalog, table, by);
    case MeasurementKind::kPowerPoints:
    case MeasurementKind::kServingRows:
      throw ConfigError(path, "", "holds power or service measurements, which this version does not backtest",
                        "kernels (op, us), collectives (op, time_us or busbw_GBps), serving points (silicon_tpot_ms) "
                        "and training runs (metric, global_batch) are evaluated");
    case MeasurementKind::kUnknown:
      break;
  }
  throw ConfigError(path, "", "is no file of measurements: its columns are of no known kind",
                    "kernels have op and us, collectives op and time_us or busbw_GBps, kernel_probe's files a schema");
}

// Errors relative to nothing, or of overflowed shapes, are no errors.
void set_aside_the_infinite(BacktestReport& report) {
  std::vector<BacktestPrediction> kept;
  std::set<std::string> predicted;
  std::set<std::string> dropped;
  for (BacktestPrediction& p : report.predictions) {
    const bool sound = std::isfinite(p.measured) && std::isfinite(p.predicted) && std::isfinite(p.low) &&
                       std::isfinite(p.high) && p.measured > 0.0 && p.predicted > 0.0 && std::isfinite(p.ape());
    (sound ? predicted : dropped).insert(p.id);
    if (sound) {
      kept.push_back(std::move(p));
    } else {
      report.skipped.emplace_back(p.id, p.metric + " measured or predicted is zero or beyond any number");
    }
  }
  for (const std::string& id : dropped) {
    report.evaluated -= predicted.count(id) == 0 && report.evaluated > 0 ? 1 : 0;
  }
  report.predictions = std::move(kept);
}

}  // namespace

BacktestReport backtest_file(const Catalog& catalog, const std::string& path, const std::vector<std::string>& by,
                             const std::vector<std::string>& without) {
  BacktestReport report = evaluate_file(catalog, path, by, without);
  set_aside_the_infinite(report);
  return report;
}

}  // namespace aifactory
