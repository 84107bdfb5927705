// Asking a scenario: one run with its bands, or one per combination of varied values.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "models/catalog/catalog.h"
#include "sim/scenario/evaluate.h"
#include "sim/scenario/result.h"
#include "sim/scenario/scenario_file.h"

namespace aifactory {

struct StudyOptions {
  unsigned threads = 0;  // 0: one per core
  bool bands = true;
  Progress progress;
};

// One axis of a grid: "/fleet/0/system=a,b,c" gives three values. JSON values are split at top-level commas.
struct Axis {
  std::string pointer;
  std::vector<std::string> values;
};
// Throws ConfigError for an assignment without pointer or values.
Axis parse_axis(const std::string& assignment);

// Throws ConfigError for bad input; an infeasible scenario is a Result.
Result run_study(const ScenarioDocument& document, const Catalog& catalog, const StudyOptions& options);

// The grid of all axes, the last one fastest; every problem of every combination is reported at once.
std::vector<Result> run_grid(const ScenarioDocument& document, const Catalog& catalog, const std::vector<Axis>& axes,
                             const StudyOptions& options);

}  // namespace aifactory
