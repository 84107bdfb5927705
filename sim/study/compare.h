// Drift between two sets of results: what a CI job asks after every change.
#pragma once

#include <map>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

namespace aifactory {

// How far a metric may move before it counts as drift: |new - base| <= max(absolute, relative * |base|).
struct Tolerance {
  double relative = 1e-6;
  double absolute = 0.0;
  bool only_worse = false;  // a move in the metric's better direction is not drift
};

// Tolerances by metric name; "*" is the default. A trailing '*' matches a prefix, the longest match wins.
class Tolerances {
 public:
  Tolerances() = default;
  // {"*": {"rtol": 1e-6}, "serving.*": {"rtol": 0.01, "atol": 0.001, "only_worse": true}}; throws ConfigError.
  static Tolerances from_json(const nlohmann::json& document, const std::string& file);
  [[nodiscard]] Tolerance of(const std::string& metric) const;

 private:
  std::map<std::string, Tolerance> by_pattern_;
};

enum class DriftKind { kValue, kMissing, kAdded, kUnit, kStatus, kFile };

struct DriftRow {
  std::string result;  // which result: file name and, in an array, its index or varied values
  std::string metric;
  DriftKind kind = DriftKind::kValue;
  double base = 0.0, now = 0.0;
  double relative = 0.0;  // (now - base) / |base|
  double tolerance = 0.0;
  bool drifted = false;
  std::string note;
};

// Why: catalogue facts and inputs that differ between the two results.
struct CauseRow {
  std::string result;
  std::string input;
  std::string base, now;
};

struct Comparison {
  std::vector<DriftRow> rows;  // every metric compared, drifted ones first
  std::vector<CauseRow> causes;
  std::size_t compared = 0;
  [[nodiscard]] std::size_t drifted() const;
};

// Two documents: Result objects or arrays of them (arrays pair by varied values, else by index).
void compare_documents(const nlohmann::json& base, const nlohmann::json& now, const std::string& label,
                       const Tolerances& tolerances, Comparison& into);

// Two files, or two directories whose *.json pair by relative path.
Comparison compare_paths(const std::string& base, const std::string& now, const Tolerances& tolerances);

}  // namespace aifactory
