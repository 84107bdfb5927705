// The loop of every backtest on MeasuredRow: what a row predicts, or why it does not.
#pragma once

#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "models/catalog/measured_table.h"
#include "sim/study/backtest_report.h"

namespace aifactory {

// "a/b/c" of the columns in `by`, which the table has.
std::string group_of(const MeasuredRow& row, const std::vector<std::string>& by);
// Throws ConfigError, naming those there are, for a column that the table lacks.
void check_columns(const MeasuredColumns& columns, const std::vector<std::string>& by);

// `evaluate(row, reason)` returns the predictions of a row, without id and group; none: the row is skipped for
// `reason`. A std::invalid_argument (a shape or format that no kernel of the accelerator runs) skips it too.
template <class Evaluate>
BacktestReport backtest_rows(std::string kind, const MeasuredTable& table, const std::vector<std::string>& by,
                             Evaluate evaluate) {
  BacktestReport report;
  report.kind = std::move(kind);
  report.rows = table.rows.size();
  check_columns(*table.columns, by);
  for (const MeasuredRow& row : table.rows) {
    std::string reason = row.problem();
    std::vector<BacktestPrediction> predictions;
    try {
      if (reason.empty()) {
        predictions = evaluate(row, reason);
      }
    } catch (const std::invalid_argument& error) {
      reason = error.what();
    }
    if (predictions.empty()) {
      report.skipped.emplace_back(row.id(), reason);
      continue;
    }
    ++report.evaluated;
    for (BacktestPrediction& prediction : predictions) {
      prediction.id = row.id();
      prediction.group = group_of(row, by);
      report.predictions.push_back(std::move(prediction));
    }
  }
  return report;
}

}  // namespace aifactory
