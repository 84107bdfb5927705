#include "sim/scenario/result_json.h"

#include <cmath>
#include <nlohmann/json.hpp>

namespace aifactory {

namespace {

using nlohmann::json;

json metric_json(const Metric& metric) {
  json out = {{"value", metric.value}, {"unit", metric.unit}, {"grade", name(metric.grade)}};
  out["low"] = metric.low ? json(*metric.low) : json(nullptr);
  out["high"] = metric.high ? json(*metric.high) : json(nullptr);
  return out;
}

json cell_json(const Cell& cell) {
  if (const auto* text = std::get_if<std::string>(&cell)) {
    return *text;
  }
  return std::get<double>(cell);
}

json table_json(const Table& table) {
  json rows = json::array();
  for (const std::vector<Cell>& row : table.rows) {
    json cells = json::array();
    for (const Cell& cell : row) {
      cells.push_back(cell_json(cell));
    }
    rows.push_back(std::move(cells));
  }
  return {{"columns", table.columns}, {"rows", std::move(rows)}};
}

json provenance_json(const ProvenanceRow& row) {
  return {{"entry", row.entry},
          {"pointer", row.pointer},
          {"value", row.value},
          {"source", row.source},
          {"as_of", row.as_of},
          {"evidence", name(row.evidence)},
          {"confidence", name(row.confidence)}};
}

}  // namespace

nlohmann::json result_to_json(const Result& result, std::string_view tool_version) {
  json out;
  out["schema"] = kResultSchema;
  out["tool"] = {{"name", "aifactory"}, {"version", tool_version}};
  out["inputs"] = result.inputs;
  out["seed"] = result.seed;
  out["status"] = result.status == RunStatus::kOk ? "ok" : "infeasible";
  if (!result.reason.empty()) {
    out["reason"] = result.reason;
  }
  if (!result.title.empty()) {
    out["title"] = result.title;
  }
  if (!result.question.empty()) {
    out["question"] = result.question;
  }
  if (!result.varied.empty()) {
    out["varied"] = result.varied;
  }
  json& metrics = out["metrics"] = json::object();
  for (const auto& [metric_name, metric] : result.metrics) {
    metrics[metric_name] = metric_json(metric);
  }
  json& series = out["series"] = json::object();
  for (const auto& [series_name, values] : result.series) {
    series[series_name] = {{"unit", values.unit}, {"step_seconds", values.step_seconds}, {"values", values.values}};
  }
  json& tables = out["tables"] = json::object();
  for (const auto& [table_name, table] : result.tables) {
    tables[table_name] = table_json(table);
  }
  json& provenance = out["provenance"] = json::array();
  for (const ProvenanceRow& row : result.provenance) {
    provenance.push_back(provenance_json(row));
  }
  json& checks = out["checks"] = json::array();
  for (const Check& check : result.checks) {
    checks.push_back(
        {{"name", check.name}, {"residual", check.residual}, {"tolerance", check.tolerance}, {"ok", check.ok()}});
  }
  json& drivers = out["drivers"] = json::array();
  for (const Driver& driver : result.drivers) {
    drivers.push_back(
        {{"metric", driver.metric}, {"input", driver.input}, {"at_low", driver.at_low}, {"at_high", driver.at_high}});
  }
  return out;
}

std::string result_text(const nlohmann::json& result) {
  return result.dump(1, ' ', false) + "\n";
}

}  // namespace aifactory
