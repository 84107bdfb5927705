// What `aifactory backtest` prints: predictions against measurements and how far they are apart.
#pragma once

#include <map>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <utility>
#include <vector>

namespace aifactory {

struct BacktestPrediction {
  std::string id;
  std::string metric;
  double measured = 0.0;
  double predicted = 0.0;
  double low = 0.0, high = 0.0;  // P10 and P90 of the truth
  std::string unit;
  bool rate = false;  // larger is faster: bias is of the inverse, so that + always means predicted slower
  std::string group;  // of the fields asked for, "a/b/c"; empty when none

  [[nodiscard]] double ape() const;  // |predicted / measured - 1|
};

struct BacktestSummary {
  std::size_t n = 0;
  double median_ape = 0.0, p90_ape = 0.0, mape = 0.0;
  double bias = 0.0;           // mean of predicted time / measured time - 1
  double band_coverage = 0.0;  // share of measurements within [low, high]
};

struct BacktestReport {
  std::string kind;
  std::size_t rows = 0;
  std::size_t evaluated = 0;
  std::vector<std::pair<std::string, std::string>> skipped;  // id, reason
  std::vector<BacktestPrediction> predictions;               // in the order of the rows
  std::vector<std::string> notes;                            // for people: what was measured, where, how well

  // By metric, over all predictions or those of each group.
  [[nodiscard]] std::map<std::string, BacktestSummary> summary() const;
  [[nodiscard]] std::map<std::string, std::map<std::string, BacktestSummary>> groups() const;
};

// Linear interpolation between order statistics; of one value at least.
double quantile(const std::vector<double>& sorted, double q);

BacktestSummary summarise(const std::vector<const BacktestPrediction*>& predictions);

// {kind, rows, evaluated, skipped, summary, groups, predictions} of the command line contract.
nlohmann::json backtest_json(const BacktestReport& report);

}  // namespace aifactory
