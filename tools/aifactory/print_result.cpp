#include "tools/aifactory/print_result.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>
#include <utility>

#include "sim/scenario/metric_table.h"

namespace aifactory {

namespace {

struct Group {
  const char* title;
  std::vector<const char*> metrics;
};

// What a screen shows, in reading order; the rest is in the JSON.
const std::vector<Group>& groups() {
  static const std::vector<Group> list = {
      {"Fleet", {"fleet.accelerators", "fleet.packages_per_gw", "fleet.dies_per_gw"}},
      {"Tokens",
       {"throughput.tokens_per_second", "throughput.tokens_per_second.output", "throughput.tokens_per_second_per_mw",
        "efficiency.tokens_per_joule", "serving.requests", "serving.goodput", "serving.ttft_p50", "serving.ttft_p99",
        "serving.tpot_p50", "serving.tpot_p99"}},
      {"Training",
       {"training.mfu", "training.step_time", "training.goodput", "training.tokens_per_second",
        "training.time_to_train"}},
      {"Power",
       {"power.facility_average", "power.facility_peak", "power.pue_average", "power.pue_peak", "energy.facility",
        "water.total", "carbon.total"}},
      {"Money",
       {"capex.total", "capex.per_gw", "opex.annual", "tco.annual", "cost.usd_per_accelerator_hour",
        "cost.usd_per_mtoken", "cost.usd_per_mtoken.output", "revenue.annual", "finance.npv", "finance.irr",
        "finance.payback", "schedule.first_token"}}};
  return list;
}

std::string chain_text(const Result& result) {
  std::string out;
  for (const auto& [name, table] : result.tables) {
    if (name == "power_chain" || (name.size() > 12 && name.compare(name.size() - 12, 12, ".power_chain") == 0)) {
      out += "\nFrom chip watt to contracted watt" +
             (name == "power_chain" ? std::string() : " (" + name.substr(0, name.size() - 12) + ")") + "\n" +
             render_text(to_text(table), 2);
    }
  }
  return out;
}

std::string capex_text(const Result& result) {
  const auto found = result.tables.find("capex");
  if (found == result.tables.end()) {
    return {};
  }
  TextTable table;
  table.header = {"Capital", "", ""};
  for (const std::vector<Cell>& row : found->second.rows) {
    table.rows.push_back({"  " + std::get<std::string>(row[0]), human(std::get<double>(row[1]), "USD"),
                          human(std::get<double>(row[2]), "1", true)});
  }
  return "\n" + render_text(table);
}

std::string drivers_text(const Result& result) {
  std::string out;
  for (const char* metric : {"cost.usd_per_mtoken", "throughput.tokens_per_second", "capex.total"}) {
    TextTable table;
    table.header = {"", "", ""};
    for (const Driver& driver : result.drivers) {
      if (driver.metric == metric) {
        const std::string unit = result.metrics.at(metric).unit;
        table.rows.push_back(
            {"  " + driver.input, human(driver.at_low, unit) + " to " + human(driver.at_high, unit), ""});
      }
    }
    if (!table.rows.empty()) {
      out += fmt::format("\nWhat moves {} most (input at its P10 to its P90)\n", metric) + render_text(table);
      break;
    }
  }
  return out;
}

std::string checks_text(const Result& result) {
  std::string out;
  for (const Check& check : result.checks) {
    if (!check.ok()) {
      out += fmt::format("\nBOOKS DO NOT BALANCE: {} is off by {} (tolerance {})", check.name, check.residual,
                         check.tolerance);
    }
  }
  return out;
}

}  // namespace

bool is_fraction(const std::string& metric) {
  for (const char* tail : {"mfu", "goodput", "utilization", "irr", "gross_margin"}) {
    const std::string_view ending(tail);
    if (metric.size() >= ending.size() && metric.compare(metric.size() - ending.size(), ending.size(), ending) == 0) {
      return true;
    }
  }
  return false;
}

std::string band_text(const Metric& metric, bool fraction) {
  if (!metric.low || !metric.high) {
    return {};
  }
  return human(*metric.low, metric.unit, fraction) + " to " + human(*metric.high, metric.unit, fraction);
}

std::string result_screen(const Result& result) {
  std::string out;
  if (!result.title.empty()) {
    out += result.title + "\n";
  }
  if (!result.question.empty()) {
    out += result.question + "\n";
  }
  if (result.status == RunStatus::kInfeasible) {
    return out + "\nINFEASIBLE: " + result.reason + "\n";
  }
  TextTable table;
  table.header = {"", "value", "80 % band", "evidence"};
  for (const Group& group : groups()) {
    bool any = false;
    for (const char* name : group.metrics) {
      const auto found = result.metrics.find(name);
      if (found == result.metrics.end()) {
        continue;
      }
      if (!any) {
        table.rows.push_back({group.title, "", "", ""});
        any = true;
      }
      const bool fraction = is_fraction(name);
      table.rows.push_back({std::string("  ") + name, human(found->second.value, found->second.unit, fraction),
                            band_text(found->second, fraction), std::string(aifactory::name(found->second.grade))});
    }
  }
  out += "\n" + render_text(table);
  out += chain_text(result) + capex_text(result) + drivers_text(result) + checks_text(result);
  return out;
}

std::string comparison_screen(const std::vector<Result>& results) {
  TextTable table;
  table.header = {"metric"};
  for (const Result& result : results) {
    std::string label;
    for (const auto& [pointer, value] : result.varied) {
      label += (label.empty() ? "" : ", ") + value;
    }
    table.header.push_back(label);
  }
  constexpr std::array<std::string_view, 4> kMarks = {"m", "h", "t", "c"};
  for (const Group& group : groups()) {
    for (const char* name : group.metrics) {
      std::vector<std::string> row = {name};
      bool any = false;
      for (const Result& result : results) {
        const auto found = result.metrics.find(name);
        if (found == result.metrics.end()) {
          row.emplace_back(result.status == RunStatus::kInfeasible ? "infeasible" : "-");
          continue;
        }
        any = true;
        row.push_back(human(found->second.value, found->second.unit, is_fraction(name)) + " " +
                      std::string(kMarks[static_cast<std::size_t>(found->second.grade)]));
      }
      if (any) {
        table.rows.push_back(row);
      }
    }
  }
  std::string out = render_text(table);
  out += "\nEvidence behind each cell: m measured, h held out, t transferred, c claimed\n";
  for (const Result& result : results) {
    if (result.status == RunStatus::kInfeasible) {
      out += result.varied.empty() ? "" : result.varied.begin()->second + ": ";
      out += "infeasible: " + result.reason + "\n";
    }
  }
  return out;
}

TextTable metrics_table(const std::vector<Result>& results) {
  TextTable table;
  if (!results.empty()) {
    for (const auto& [pointer, value] : results.front().varied) {
      table.header.push_back(pointer);
    }
  }
  for (const char* column : {"metric", "value", "unit", "low", "high", "grade"}) {
    table.header.emplace_back(column);
  }
  for (const Result& result : results) {
    for (const auto& [name, metric] : result.metrics) {
      std::vector<std::string> row;
      for (const auto& [pointer, value] : result.varied) {
        row.push_back(value);
      }
      row.push_back(name);
      row.push_back(fmt::format("{}", metric.value));
      row.push_back(metric.unit);
      row.push_back(metric.low ? fmt::format("{}", *metric.low) : "");
      row.push_back(metric.high ? fmt::format("{}", *metric.high) : "");
      row.emplace_back(aifactory::name(metric.grade));
      table.rows.push_back(std::move(row));
    }
  }
  return table;
}

}  // namespace aifactory
