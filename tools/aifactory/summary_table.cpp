#include "tools/aifactory/summary_table.h"

#include <fmt/format.h>

#include <map>

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

TextTable change_table(const BacktestReport& before, const BacktestReport& after) {
  TextTable table;
  table.header = {"group", "metric",     "n",       "median APE", "p90 APE",
                  "bias",  "median APE", "p90 APE", "bias after", "in 80 % band"};
  const auto add = [&](const std::string& group, const std::map<std::string, BacktestSummary>& was,
                       const std::map<std::string, BacktestSummary>& is) {
    for (const auto& [metric, summary] : is) {
      std::vector<std::string> row = {group, metric, fmt::format("{}", summary.n)};
      for (const BacktestSummary* s : {&was.at(metric), &summary}) {
        row.insert(row.end(), {percent(s->median_ape), percent(s->p90_ape), fmt::format("{:+.1f} %", s->bias * 100.0)});
      }
      row.push_back(percent(summary.band_coverage));
      table.rows.push_back(std::move(row));
    }
  };
  add("all", before.summary(), after.summary());
  const auto was = before.groups();
  for (const auto& [group, metrics] : after.groups()) {
    add(group, was.at(group), metrics);
  }
  return table;
}

std::string skipped_lines(const std::vector<std::pair<std::string, std::string>>& skipped) {
  std::map<std::string, std::size_t> reasons;
  for (const auto& [id, reason] : skipped) {
    ++reasons[reason];
  }
  std::string lines;
  for (const auto& [reason, count] : reasons) {
    lines += fmt::format("\nskipped {}: {}", count, reason);
  }
  return lines + (reasons.empty() ? "" : "\n");
}

}  // namespace aifactory
