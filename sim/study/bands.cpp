#include "sim/study/bands.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <map>
#include <mutex>
#include <nlohmann/json.hpp>

#include "models/catalog/json_reader.h"
#include "models/units/unit_text.h"
#include "sim/scenario/metric_table.h"
#include "sim/study/parallel.h"

namespace aifactory {

namespace {

using nlohmann::json;

// One input at one end of its band.
struct Shift {
  std::string input;
  std::string text;  // the value taken, for people
  // Exactly one of these says what to change.
  const FactRecord* fact = nullptr;
  double value = 0.0;
  json scenario_value;
  KernelBand kernels = KernelBand::kExpected;
};

struct Shifted {
  bool feasible = false;
  std::map<std::string, double> metrics;
};

Shifted evaluate_shift(const ScenarioDocument& document, const Scenario& scenario, const Catalog& catalog,
                       const Shift& shift, const EvaluateOptions& base) {
  EvaluateOptions options = base;
  options.kernels = shift.kernels;
  Evaluation evaluation;
  if (shift.fact != nullptr) {
    try {
      evaluation = evaluate(scenario, catalog.with_value(*shift.fact, shift.value), options);
    } catch (const ConfigError&) {
      // The end of this fact's band contradicts another fact (a rack that draws less than its accelerators): no world
      // to compute. The table of uncertain inputs says so.
      return {};
    }
  } else if (!shift.scenario_value.is_null()) {
    ScenarioDocument changed = document;
    Problems problems;
    changed.set(shift.input, shift.scenario_value, problems);
    const Scenario other = changed.read(catalog, nullptr, problems);
    problems.throw_if_any();
    evaluation = evaluate(other, catalog, options);
  } else {
    evaluation = evaluate(scenario, catalog, options);
  }
  Shifted shifted;
  shifted.feasible = evaluation.result.status == RunStatus::kOk;
  for (const auto& [metric, value] : evaluation.result.metrics) {
    shifted.metrics[metric] = value.value;
  }
  return shifted;
}

std::string input_name(const FactRecord& fact) {
  return fact.kind + "/" + fact.id + fact.pointer;
}

void add_pair(std::vector<Shift>& shifts, Shift low, Shift high) {
  shifts.push_back(std::move(low));
  shifts.push_back(std::move(high));
}

std::string fact_text(const FactRecord& fact, double value) {
  return fact.unit.empty() ? json(value).dump() : format_quantity(value, parse_unit(fact.unit).dimension);
}

// Low and high of every uncertain input, in pairs. `facts` must outlive the shifts.
std::vector<Shift> list_shifts(const Scenario& scenario, const std::vector<FactRecord>& facts) {
  std::vector<Shift> shifts;
  std::map<std::string, const UncertainInput*> stated;
  for (const UncertainInput& input : scenario.uncertainty) {
    stated[input.input] = &input;
  }
  for (const FactRecord& fact : facts) {
    if (!fact.mapped || !fact.numeric || !fact.has_band() || stated.count(input_name(fact)) != 0) {
      continue;
    }
    Shift low, high;
    low.input = high.input = input_name(fact);
    low.fact = high.fact = &fact;
    low.value = fact.low;
    high.value = fact.high;
    low.text = fact_text(fact, fact.low);
    high.text = fact_text(fact, fact.high);
    add_pair(shifts, std::move(low), std::move(high));
  }
  for (const auto& entry : stated) {
    const std::string& name = entry.first;
    const UncertainInput* input = entry.second;
    Shift low, high;
    low.input = high.input = name;
    low.scenario_value = json::parse(input->low);
    high.scenario_value = json::parse(input->high);
    low.text = input->low;
    high.text = input->high;
    if (name.empty() || name[0] != '/') {
      // A catalogue fact with a band of the scenario's own.
      const auto fact =
          std::find_if(facts.begin(), facts.end(), [&](const FactRecord& f) { return input_name(f) == name; });
      if (fact == facts.end()) {
        throw ConfigError(scenario.file, input->pointer + "/input",
                          "\"" + name + "\" is not a fact that this scenario reads",
                          "`aifactory explain` lists the facts, e.g. systems/gb200_nvl72/rack_power");
      }
      const auto si = [&](const json& value, const char* end) {
        try {
          if (value.is_number()) {
            return value.get<double>();
          }
          if (value.is_string()) {
            return parse_quantity(value.get<std::string>(), parse_unit(fact->unit).dimension);
          }
        } catch (const UnitError& error) {
          throw ConfigError(scenario.file, input->pointer + end, error.what(), "");
        }
        throw ConfigError(scenario.file, input->pointer + end, value.dump() + " is no value of " + name,
                          "a number or a text with its unit");
      };
      low.fact = high.fact = &*fact;
      low.value = si(low.scenario_value, "/low");
      high.value = si(high.scenario_value, "/high");
    }
    add_pair(shifts, std::move(low), std::move(high));
  }
  Shift fast, slow;
  fast.input = slow.input = "kernel model";
  fast.kernels = KernelBand::kLow;
  slow.kernels = KernelBand::kHigh;
  fast.text = "kernel times at their P10";
  slow.text = "kernel times at their P90";
  add_pair(shifts, std::move(fast), std::move(slow));
  return shifts;
}

double value_or(const Shifted& shifted, const std::string& metric, double otherwise) {
  const auto found = shifted.metrics.find(metric);
  return shifted.feasible && found != shifted.metrics.end() ? found->second : otherwise;
}

}  // namespace

void add_bands(const ScenarioDocument& document, const Scenario& scenario, const Catalog& catalog,
               Evaluation& evaluation, const BandOptions& options) {
  Result& result = evaluation.result;
  if (result.status != RunStatus::kOk) {
    return;
  }
  const std::vector<FactRecord> facts = evaluation.log.facts();
  const std::vector<Shift> shifts = list_shifts(scenario, facts);
  std::vector<Shifted> shifted(shifts.size());
  EvaluateOptions run;
  run.cache = options.cache;
  run.design = &evaluation.design;
  std::atomic<std::size_t> done{0};
  std::mutex progress_mutex;
  for_each_index(shifts.size(), options.threads, [&](std::size_t i) {
    shifted[i] = evaluate_shift(document, scenario, catalog, shifts[i], run);
    const std::size_t finished = ++done;
    if (options.progress) {
      const std::lock_guard<std::mutex> lock(progress_mutex);
      options.progress("bands", static_cast<double>(finished) / static_cast<double>(shifts.size()));
    }
  });

  Table& inputs = result.tables["uncertain_inputs"];
  inputs.columns = {"input", "P10", "P90", "possible at both ends"};
  for (std::size_t i = 0; i < shifts.size(); i += 2) {
    inputs.rows.push_back({shifts[i].input, shifts[i].text, shifts[i + 1].text,
                           std::string(shifted[i].feasible && shifted[i + 1].feasible ? "yes" : "no")});
  }
  for (auto& [name, metric] : result.metrics) {
    double below = 0.0;
    double above = 0.0;
    std::vector<Driver> drivers;
    for (std::size_t i = 0; i < shifts.size(); i += 2) {
      const double at_low = value_or(shifted[i], name, metric.value);
      const double at_high = value_or(shifted[i + 1], name, metric.value);
      const double down = std::min({0.0, at_low - metric.value, at_high - metric.value});
      const double up = std::max({0.0, at_low - metric.value, at_high - metric.value});
      below += down * down;
      above += up * up;
      if (at_low != at_high) {
        drivers.push_back({name, shifts[i].input, at_low, at_high});
      }
    }
    metric.low = metric.value - std::sqrt(below);
    metric.high = metric.value + std::sqrt(above);
    if (const MetricSpec* spec = find_metric(name); spec != nullptr && spec->part_of_whole) {
      metric.low = std::max(0.0, *metric.low);
      metric.high = std::min(1.0, *metric.high);
    }
    std::stable_sort(drivers.begin(), drivers.end(), [](const Driver& a, const Driver& b) {
      return std::abs(a.at_high - a.at_low) > std::abs(b.at_high - b.at_low);
    });
    drivers.resize(std::min(drivers.size(), options.drivers_per_metric));
    result.drivers.insert(result.drivers.end(), drivers.begin(), drivers.end());
  }
}

}  // namespace aifactory
