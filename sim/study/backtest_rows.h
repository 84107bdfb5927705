// The loop of every backtest on MeasuredRow: what a row predicts, or why it does not.
#pragma once

#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "sim/study/backtest_report.h"
#include "sim/study/measured_rows.h"

namespace aifactory {

// `evaluate(row, reason)` returns the predictions of a row, without id and group; none: the row is skipped for
// `reason`. A std::invalid_argument (a shape or format that no kernel of the accelerator runs) skips it too.
template <class Evaluate>
BacktestReport backtest_rows(std::string kind, const std::vector<MeasuredRow>& rows, const std::vector<std::string>& by,
                             Evaluate evaluate) {
  BacktestReport report;
  report.kind = std::move(kind);
  report.rows = rows.size();
  for (const MeasuredRow& row : rows) {
    const std::string group = group_of(row, by);
    std::string reason;
    std::vector<BacktestPrediction> predictions;
    try {
      predictions = evaluate(row, reason);
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
      prediction.group = group;
      report.predictions.push_back(std::move(prediction));
    }
  }
  return report;
}

}  // namespace aifactory
