#include "sim/study/explain.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <optional>

#include "models/catalog/suggest.h"
#include "sim/scenario/metric_table.h"
#include "sim/study/bands.h"
#include "sim/study/parallel.h"

namespace aifactory {

namespace {

constexpr double kStep = 0.01;

bool is_temperature(const FactRecord& fact) {
  return fact.unit == "K" && fact.text.find("degC") != std::string::npos;
}

double moved_value(const FactRecord& fact) {
  return is_temperature(fact) ? fact.value + 1.0 : fact.value * (1.0 + kStep);
}

// The metric with one fact moved; nothing when the fact cannot take that value or the run turns infeasible.
std::optional<double> moved(const Scenario& scenario, const Catalog& catalog, const FactRecord& fact,
                            const std::string& metric, const EvaluateOptions& options) {
  try {
    const Evaluation evaluation = evaluate(scenario, catalog.with_value(fact, moved_value(fact)), options);
    const auto found = evaluation.result.metrics.find(metric);
    return found == evaluation.result.metrics.end() ? std::nullopt : std::optional<double>(found->second.value);
  } catch (const ConfigError&) {
    return std::nullopt;
  }
}

}  // namespace

Explanation explain(const ScenarioDocument& document, const Catalog& catalog, const std::string& metric,
                    const ExplainOptions& options) {
  Problems problems;
  ReadLog scenario_log;
  const Scenario scenario = document.read(catalog, &scenario_log, problems);
  problems.throw_if_any();
  const auto cache = std::make_shared<PlanCache>();
  EvaluateOptions run;
  run.cache = cache;
  Evaluation evaluation = evaluate(scenario, catalog, run);
  if (evaluation.result.status == RunStatus::kInfeasible) {
    throw ConfigError(document.file(), "", "is infeasible, so there is nothing to explain: " + evaluation.result.reason,
                      "");
  }
  const auto found = evaluation.result.metrics.find(metric);
  if (found == evaluation.result.metrics.end()) {
    std::vector<std::string> reported;
    for (const auto& [name, value] : evaluation.result.metrics) {
      reported.push_back(name);
    }
    throw ConfigError(document.file(), "", "reports no metric \"" + metric + "\"", suggestion(metric, reported));
  }
  BandOptions bands;
  bands.threads = options.threads;
  bands.cache = cache;
  bands.progress = options.progress;
  bands.drivers_per_metric = 8;
  add_bands(document, scenario, catalog, evaluation, bands);

  Explanation explanation;
  explanation.metric = metric;
  explanation.formula = std::string(find_metric(metric)->formula);
  explanation.value = evaluation.result.metrics.at(metric);
  explanation.defaults = scenario_log.defaults();
  for (const Driver& driver : evaluation.result.drivers) {
    if (driver.metric == metric) {
      explanation.drivers.push_back(driver);
    }
  }
  std::vector<FactRecord> facts;
  for (const FactRecord& fact : evaluation.log.facts()) {
    explanation.facts_read += fact.mapped ? 1U : 0U;
    if (fact.mapped && fact.numeric && fact.value != 0.0) {
      facts.push_back(fact);
    }
  }
  EvaluateOptions kept = run;
  kept.design = &evaluation.design;
  std::vector<std::optional<double>> results(facts.size());
  for_each_index(facts.size(), options.threads,
                 [&](std::size_t i) { results[i] = moved(scenario, catalog, facts[i], metric, kept); });
  for (std::size_t i = 0; i < facts.size(); ++i) {
    if (!results[i]) {
      explanation.untested.push_back(facts[i]);
    } else if (*results[i] != explanation.value.value && explanation.value.value != 0.0) {
      const double change = *results[i] / explanation.value.value - 1.0;
      const bool kelvin = is_temperature(facts[i]);
      explanation.influences.push_back({facts[i], kelvin ? change : change / kStep, kelvin});
    }
  }
  std::stable_sort(
      explanation.influences.begin(), explanation.influences.end(),
      [](const Influence& a, const Influence& b) { return std::abs(a.elasticity) > std::abs(b.elasticity); });
  return explanation;
}

}  // namespace aifactory
