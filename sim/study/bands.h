// How far the answer may be off: every input that states a band is moved to its P10 and its P90, one at a time, and the
// deviations of a metric are combined as independent ones, each side by itself:
//
//   low  = value - sqrt(sum_i min(0, m(x_i at P10) - m, m(x_i at P90) - m)^2),   high likewise.
//
// Exact for metrics linear in independent normal inputs, first order otherwise. An input is one fact shared by every
// package it describes, so nothing averages out over a fleet. The kernel model's own band is one such input.
#pragma once

#include <string>
#include <vector>

#include "models/catalog/catalog.h"
#include "sim/scenario/evaluate.h"
#include "sim/scenario/scenario_file.h"

namespace aifactory {

struct BandOptions {
  unsigned threads = 0;
  std::shared_ptr<PlanCache> cache;
  Progress progress;
  std::size_t drivers_per_metric = 3;
};

// Adds bands, drivers and the table `uncertain_inputs` to an evaluation of `document` on `catalog`.
void add_bands(const ScenarioDocument& document, const Scenario& scenario, const Catalog& catalog,
               Evaluation& evaluation, const BandOptions& options);

}  // namespace aifactory
