#include "tools/aifactory/summary_table.h"

#include <fmt/format.h>

namespace aifactory {
namespace {

std::string percent(double fraction) {
  return fmt::format("{:.1f} %", fraction * 100.0);
}

std::vector<std::string> summary_row(const std::string& group, const std::string& metric, const BacktestSummary& s) {
  return {group,
          metric,
          fmt::format("{}", s.n),
          percent(s.median_ape),
          percent(s.p90_ape),
          percent(s.mape),
          fmt::format("{:+.1f} %", s.bias * 100.0),
          percent(s.band_coverage)};
}

}  // namespace

TextTable summary_table(const BacktestReport& report) {
  TextTable table;
  table.header = {"group", "metric", "n", "median APE", "p90 APE", "MAPE", "bias", "in 80 % band"};
  for (const auto& [metric, summary] : report.summary()) {
    table.rows.push_back(summary_row("all", metric, summary));
  }
  for (const auto& [group, metrics] : report.groups()) {
    for (const auto& [metric, summary] : metrics) {
      table.rows.push_back(summary_row(group, metric, summary));
    }
  }
  return table;
}

}  // namespace aifactory
