// Why a metric is what it is: the catalogue facts it depends on, found by moving each one and running again.
#pragma once

#include <string>
#include <vector>

#include "models/catalog/catalog.h"
#include "sim/scenario/evaluate.h"
#include "sim/scenario/scenario_file.h"

namespace aifactory {

// A fact that moves the metric: relative change of the metric per relative change of the fact (1 means proportional),
// from a change of +1 % with the design kept. A temperature is a point on a scale, so it moves by 1 K and the influence
// is the relative change of the metric per kelvin.
struct Influence {
  FactRecord fact;
  double elasticity = 0.0;
  bool per_kelvin = false;
};

struct Explanation {
  std::string metric;
  std::string formula;
  Metric value;
  std::vector<Driver> drivers;          // what decides its band
  std::vector<Influence> influences;    // largest first; facts without influence are left out
  std::vector<FactRecord> untested;     // numeric facts that cannot be moved by 1 % (counts)
  std::vector<DefaultRecord> defaults;  // scenario fields left open, and the value taken
  std::size_t facts_read = 0;
};

struct ExplainOptions {
  unsigned threads = 0;
  Progress progress;
};

// Throws ConfigError for a metric the scenario does not report.
Explanation explain(const ScenarioDocument& document, const Catalog& catalog, const std::string& metric,
                    const ExplainOptions& options);

}  // namespace aifactory
