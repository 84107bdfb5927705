#include "sim/study/backtest_report.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

namespace aifactory {
namespace {

nlohmann::json summary_json(const std::map<std::string, BacktestSummary>& summaries) {
  nlohmann::json json = nlohmann::json::object();
  for (const auto& [metric, s] : summaries) {
    json[metric] = {{"n", s.n},       {"median_ape", s.median_ape},      {"p90_ape", s.p90_ape}, {"mape", s.mape},
                    {"bias", s.bias}, {"band_coverage", s.band_coverage}};
  }
  return json;
}

}  // namespace

double quantile(const std::vector<double>& sorted, double q) {
  const double position = q * static_cast<double>(sorted.size() - 1);
  const auto low = static_cast<std::size_t>(position);
  const std::size_t high = std::min(low + 1, sorted.size() - 1);
  return sorted[low] + (position - static_cast<double>(low)) * (sorted[high] - sorted[low]);
}

double BacktestPrediction::ape() const {
  return std::abs(predicted / measured - 1.0);
}

BacktestSummary summarise(const std::vector<const BacktestPrediction*>& predictions) {
  BacktestSummary s;
  s.n = predictions.size();
  if (predictions.empty()) {
    return s;
  }
  std::vector<double> errors;
  for (const BacktestPrediction* p : predictions) {
    errors.push_back(p->ape());
    s.mape += p->ape();
    s.bias += (p->rate ? p->measured / p->predicted : p->predicted / p->measured) - 1.0;
    s.band_coverage += p->low <= p->measured && p->measured <= p->high ? 1.0 : 0.0;
  }
  std::sort(errors.begin(), errors.end());
  const auto n = static_cast<double>(s.n);
  s.median_ape = quantile(errors, 0.5);
  s.p90_ape = quantile(errors, 0.9);
  s.mape /= n;
  s.bias /= n;
  s.band_coverage /= n;
  return s;
}

std::map<std::string, BacktestSummary> BacktestReport::summary() const {
  std::map<std::string, std::vector<const BacktestPrediction*>> by_metric;
  for (const BacktestPrediction& p : predictions) {
    by_metric[p.metric].push_back(&p);
  }
  std::map<std::string, BacktestSummary> summaries;
  for (const auto& [metric, list] : by_metric) {
    summaries[metric] = summarise(list);
  }
  return summaries;
}

std::map<std::string, std::map<std::string, BacktestSummary>> BacktestReport::groups() const {
  std::map<std::string, std::map<std::string, std::vector<const BacktestPrediction*>>> by_group;
  for (const BacktestPrediction& p : predictions) {
    if (!p.group.empty()) {
      by_group[p.group][p.metric].push_back(&p);
    }
  }
  std::map<std::string, std::map<std::string, BacktestSummary>> summaries;
  for (const auto& [group, metrics] : by_group) {
    for (const auto& [metric, list] : metrics) {
      summaries[group][metric] = summarise(list);
    }
  }
  return summaries;
}

nlohmann::json backtest_json(const BacktestReport& report) {
  nlohmann::json json = {{"kind", report.kind},
                         {"rows", report.rows},
                         {"evaluated", report.evaluated},
                         {"skipped", nlohmann::json::array()},
                         {"summary", summary_json(report.summary())},
                         {"groups", nlohmann::json::object()},
                         {"predictions", nlohmann::json::array()}};
  for (const auto& [id, reason] : report.skipped) {
    json["skipped"].push_back({{"id", id}, {"reason", reason}});
  }
  for (const auto& [group, summaries] : report.groups()) {
    json["groups"][group] = summary_json(summaries);
  }
  for (const BacktestPrediction& p : report.predictions) {
    json["predictions"].push_back({{"id", p.id},
                                   {"metric", p.metric},
                                   {"measured", p.measured},
                                   {"predicted", p.predicted},
                                   {"low", p.low},
                                   {"high", p.high},
                                   {"ape", p.ape()},
                                   {"unit", p.unit}});
  }
  return json;
}

}  // namespace aifactory
