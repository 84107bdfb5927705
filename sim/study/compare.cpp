#include "sim/study/compare.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <set>

#include "models/catalog/config_error.h"
#include "models/catalog/json_reader.h"
#include "sim/scenario/metric_table.h"

namespace aifactory {

namespace {

using nlohmann::json;

bool is_result(const json& document) {
  return document.is_object() && document.contains("metrics");
}

// How an element of an array of results is named: by what was varied, else by its position.
std::string element_label(const json& result, std::size_t index) {
  if (is_result(result) && result.contains("varied") && !result["varied"].empty()) {
    std::string label;
    for (const auto& [pointer, value] : result["varied"].items()) {
      label += (label.empty() ? "" : ",") + pointer + "=" + value.get<std::string>();
    }
    return label;
  }
  return std::to_string(index);
}

DriftRow problem_row(const std::string& label, const std::string& metric, DriftKind kind, std::string note) {
  DriftRow row;
  row.result = label;
  row.metric = metric;
  row.kind = kind;
  row.drifted = true;
  row.note = std::move(note);
  return row;
}

bool moved_for_the_worse(const std::string& metric, double base, double now) {
  const MetricSpec* spec = find_metric(metric);
  if (spec == nullptr || spec->direction == Direction::kNeutral) {
    return true;
  }
  return (spec->direction == Direction::kHigherIsBetter) ? now < base : now > base;
}

DriftRow compare_metric(const std::string& label, const std::string& metric, const json& base, const json& now,
                        const Tolerance& tolerance) {
  if (base["unit"] != now["unit"]) {
    return problem_row(label, metric, DriftKind::kUnit,
                       "unit changed from " + base["unit"].dump() + " to " + now["unit"].dump());
  }
  DriftRow row;
  row.result = label;
  row.metric = metric;
  row.base = base["value"].get<double>();
  row.now = now["value"].get<double>();
  const double difference = std::abs(row.now - row.base);
  row.tolerance = std::max(tolerance.absolute, tolerance.relative * std::abs(row.base));
  row.relative = row.base != 0.0 ? (row.now - row.base) / std::abs(row.base) : (difference == 0.0 ? 0.0 : HUGE_VAL);
  row.drifted =
      !(difference <= row.tolerance) && (!tolerance.only_worse || moved_for_the_worse(metric, row.base, row.now));
  return row;
}

void add_causes(const json& base, const json& now, const std::string& label, Comparison& into) {
  const auto facts = [](const json& result) {
    std::map<std::string, std::string> by_input;
    const json provenance = result.value("provenance", json::array());
    for (const json& row : provenance) {
      by_input[row.value("entry", "") + row.value("pointer", "")] = row.value("value", "");
    }
    const json hashes = result.value("inputs", json::object());
    for (const auto& [input, hash] : hashes.items()) {
      by_input["sha256 of " + input] = hash.is_string() ? hash.get<std::string>() : hash.dump();
    }
    by_input["seed"] = result.value("seed", json(0)).dump();
    const json tool = result.value("tool", json::object());
    by_input["tool version"] = tool.value("version", "");
    return by_input;
  };
  const auto before = facts(base);
  const auto after = facts(now);
  std::set<std::string> inputs;
  for (const auto& [input, value] : before) {
    inputs.insert(input);
  }
  for (const auto& [input, value] : after) {
    inputs.insert(input);
  }
  for (const std::string& input : inputs) {
    const auto was = before.find(input);
    const auto is = after.find(input);
    const std::string old_value = was == before.end() ? "(not read)" : was->second;
    const std::string new_value = is == after.end() ? "(not read)" : is->second;
    if (old_value != new_value) {
      into.causes.push_back({label, input, old_value, new_value});
    }
  }
}

void compare_results(const json& base, const json& now, const std::string& label, const Tolerances& tolerances,
                     Comparison& into) {
  const std::string was = base.value("status", "ok");
  const std::string is = now.value("status", "ok");
  if (was != is) {
    into.rows.push_back(problem_row(label, "status", DriftKind::kStatus, "status changed from " + was + " to " + is));
  }
  for (const auto& [metric, value] : base["metrics"].items()) {
    ++into.compared;
    const auto found = now["metrics"].find(metric);
    into.rows.push_back(found == now["metrics"].end()
                            ? problem_row(label, metric, DriftKind::kMissing, "no longer reported")
                            : compare_metric(label, metric, value, *found, tolerances.of(metric)));
  }
  for (const auto& [metric, value] : now["metrics"].items()) {
    if (!base["metrics"].contains(metric)) {
      ++into.compared;
      into.rows.push_back(problem_row(label, metric, DriftKind::kAdded, "not in the base"));
    }
  }
  add_causes(base, now, label, into);
}

std::map<std::string, std::filesystem::path> json_files(const std::filesystem::path& root) {
  std::map<std::string, std::filesystem::path> files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(root)) {
    if (entry.is_regular_file() && entry.path().extension() == ".json") {
      files[entry.path().lexically_relative(root).generic_string()] = entry.path();
    }
  }
  return files;
}

// A result file must look like one; anything else is bad input, not drift.
json read_results(const std::string& path) {
  Problems problems;
  const JsonDocument file = load_json(path, problems);
  problems.throw_if_any();
  json document = *file.root;
  const auto check = [&path](const json& element, const std::string& pointer) {
    if (!is_result(element)) {
      throw ConfigError(path, pointer, "not a result", "a file written by `aifactory run --format json` is needed");
    }
    for (const auto& [metric, value] : element["metrics"].items()) {
      if (!value.is_object() || !value.contains("value") || !value["value"].is_number() || !value.contains("unit")) {
        throw ConfigError(path, pointer + "/metrics/" + metric, "not a metric",
                          "a number `value` and a `unit` are needed");
      }
    }
  };
  if (document.is_array()) {
    for (std::size_t i = 0; i < document.size(); ++i) {
      check(document[i], "/" + std::to_string(i));
    }
  } else {
    check(document, "");
  }
  return document;
}

}  // namespace

Tolerance Tolerances::of(const std::string& metric) const {
  const auto exact = by_pattern_.find(metric);
  if (exact != by_pattern_.end()) {
    return exact->second;
  }
  Tolerance best;
  std::size_t best_length = 0;
  for (const auto& [pattern, tolerance] : by_pattern_) {
    if (!pattern.empty() && pattern.back() == '*' &&
        metric.compare(0, pattern.size() - 1, pattern, 0, pattern.size() - 1) == 0 && pattern.size() > best_length) {
      best = tolerance;
      best_length = pattern.size();
    }
  }
  return best;
}

Tolerances Tolerances::from_json(const json& document, const std::string& file) {
  Problems problems;
  Tolerances tolerances;
  if (!document.is_object()) {
    throw ConfigError(file, "", "not an object", "{\"*\": {\"rtol\": 1e-6}} sets the default");
  }
  for (const auto& [pattern, entry] : document.items()) {
    const std::string pointer = child_pointer("", pattern);
    if (pattern == "$comment") {
      continue;
    }
    if (!entry.is_object()) {
      problems.add(file, pointer, "not an object", "{\"rtol\": 0.01, \"atol\": 0, \"only_worse\": false}");
      continue;
    }
    Tolerance tolerance;
    for (const auto& [key, value] : entry.items()) {
      const bool is_number = value.is_number() && value.get<double>() >= 0.0;
      if (key == "rtol" && is_number) {
        tolerance.relative = value.get<double>();
      } else if (key == "atol" && is_number) {
        tolerance.absolute = value.get<double>();
      } else if (key == "only_worse" && value.is_boolean()) {
        tolerance.only_worse = value.get<bool>();
      } else if (key != "$comment") {
        problems.add(file, pointer + "/" + key, "unknown key or unusable value",
                     "rtol and atol take numbers >= 0, only_worse true or false");
      }
    }
    tolerances.by_pattern_[pattern] = tolerance;
  }
  problems.throw_if_any();
  return tolerances;
}

std::size_t Comparison::drifted() const {
  return static_cast<std::size_t>(
      std::count_if(rows.begin(), rows.end(), [](const DriftRow& row) { return row.drifted; }));
}

void compare_documents(const json& base, const json& now, const std::string& label, const Tolerances& tolerances,
                       Comparison& into) {
  if (is_result(base) && is_result(now)) {
    compare_results(base, now, label, tolerances, into);
    return;
  }
  if (base.is_array() != now.is_array()) {
    into.rows.push_back(problem_row(label, "", DriftKind::kFile, "one side is a single result, the other a list"));
    return;
  }
  std::map<std::string, const json*> others;
  for (std::size_t i = 0; i < now.size(); ++i) {
    others[element_label(now[i], i)] = &now[i];
  }
  for (std::size_t i = 0; i < base.size(); ++i) {
    const std::string key = element_label(base[i], i);
    const std::string element = label + "[" + key + "]";
    const auto found = others.find(key);
    if (found == others.end()) {
      into.rows.push_back(problem_row(element, "", DriftKind::kMissing, "no result for these values"));
      continue;
    }
    compare_results(base[i], *found->second, element, tolerances, into);
    others.erase(found);
  }
  for (const auto& [key, element] : others) {
    into.rows.push_back(problem_row(label + "[" + key + "]", "", DriftKind::kAdded, "not in the base"));
  }
}

Comparison compare_paths(const std::string& base, const std::string& now, const Tolerances& tolerances) {
  Comparison comparison;
  const bool base_is_directory = std::filesystem::is_directory(base);
  if (base_is_directory != std::filesystem::is_directory(now)) {
    throw ConfigError(base_is_directory ? now : base, "", "a file cannot be compared with a directory",
                      "give two result files or two directories of them");
  }
  if (!base_is_directory) {
    compare_documents(read_results(base), read_results(now), std::filesystem::path(now).filename().string(), tolerances,
                      comparison);
  } else {
    auto others = json_files(now);
    const auto ours = json_files(base);
    if (ours.empty()) {
      throw ConfigError(base, "", "holds no *.json result", "write one with `aifactory run --out`");
    }
    for (const auto& [relative, path] : ours) {
      const auto found = others.find(relative);
      if (found == others.end()) {
        comparison.rows.push_back(problem_row(relative, "", DriftKind::kMissing, "no such file in " + now));
        continue;
      }
      compare_documents(read_results(path.string()), read_results(found->second.string()), relative, tolerances,
                        comparison);
      others.erase(found);
    }
    for (const auto& [relative, path] : others) {
      comparison.rows.push_back(problem_row(relative, "", DriftKind::kAdded, "no such file in " + base));
    }
  }
  std::stable_sort(comparison.rows.begin(), comparison.rows.end(),
                   [](const DriftRow& a, const DriftRow& b) { return a.drifted > b.drifted; });
  return comparison;
}

}  // namespace aifactory
