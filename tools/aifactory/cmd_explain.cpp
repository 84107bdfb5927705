#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "sim/study/explain.h"
#include "tools/aifactory/command.h"
#include "tools/aifactory/print_result.h"

namespace aifactory {

namespace {

struct ExplainCommand {
  std::string scenario;
  std::string metric;
  std::vector<std::string> sets;
  std::string as_of;
  std::string format = "table";
};

std::string sources_of(const FactRecord& fact) {
  return fmt::format("{}", fmt::join(fact.founding.sources, ", "));
}

std::string screen(const Explanation& explanation) {
  const bool fraction = is_fraction(explanation.metric);
  const std::string& unit = explanation.value.unit;
  std::string out = fmt::format("{} = {}   (80 % band {}; evidence: {})\n  {}\n", explanation.metric,
                                human(explanation.value.value, unit, fraction), band_text(explanation.value, fraction),
                                name(explanation.value.grade), explanation.formula);
  TextTable drivers;
  drivers.header = {"  What decides its band", "at P10 of the input", "at P90"};
  for (const Driver& driver : explanation.drivers) {
    drivers.rows.push_back(
        {"  " + driver.input, human(driver.at_low, unit, fraction), human(driver.at_high, unit, fraction)});
  }
  out += "\n" + render_text(drivers);
  TextTable facts;
  facts.header = {"  Catalogue fact it depends on", "value", "elasticity", "evidence", "confidence", "as of", "source"};
  for (const Influence& influence : explanation.influences) {
    const FactRecord& fact = influence.fact;
    facts.rows.push_back({"  " + fact.kind + "/" + fact.id + fact.pointer, fact.text,
                          fmt::format("{:+.3f}{}", influence.elasticity, influence.per_kelvin ? "/K" : ""),
                          std::string(name(fact.founding.evidence)), std::string(name(fact.founding.confidence)),
                          fact.founding.as_of, sources_of(fact)});
  }
  out += "\n" + render_text(facts);
  out += fmt::format(
      "\n  Elasticity: relative change of the metric per relative change of the fact (+1 %, design kept; per kelvin\n"
      "  for temperatures). {} facts were read; {} move it, {} are counts that cannot move by 1 %.\n",
      explanation.facts_read, explanation.influences.size(), explanation.untested.size());
  if (!explanation.defaults.empty()) {
    TextTable defaults;
    defaults.header = {"  Left open by the scenario", "value taken", "why"};
    for (const DefaultRecord& record : explanation.defaults) {
      defaults.rows.push_back({"  " + record.pointer, record.text, record.reason});
    }
    out += "\n" + render_text(defaults);
  }
  return out;
}

nlohmann::json to_json(const Explanation& explanation) {
  nlohmann::json out = {{"metric", explanation.metric},           {"formula", explanation.formula},
                        {"value", explanation.value.value},       {"unit", explanation.value.unit},
                        {"grade", name(explanation.value.grade)}, {"facts_read", explanation.facts_read}};
  out["low"] = explanation.value.low ? nlohmann::json(*explanation.value.low) : nlohmann::json(nullptr);
  out["high"] = explanation.value.high ? nlohmann::json(*explanation.value.high) : nlohmann::json(nullptr);
  nlohmann::json& drivers = out["drivers"] = nlohmann::json::array();
  for (const Driver& driver : explanation.drivers) {
    drivers.push_back({{"input", driver.input}, {"at_low", driver.at_low}, {"at_high", driver.at_high}});
  }
  nlohmann::json& facts = out["facts"] = nlohmann::json::array();
  for (const Influence& influence : explanation.influences) {
    const FactRecord& fact = influence.fact;
    facts.push_back({{"entry", fact.kind + "/" + fact.id},
                     {"pointer", fact.pointer},
                     {"value", fact.text},
                     {"elasticity", influence.elasticity},
                     {"per_kelvin", influence.per_kelvin},
                     {"evidence", name(fact.founding.evidence)},
                     {"confidence", name(fact.founding.confidence)},
                     {"as_of", fact.founding.as_of},
                     {"sources", fact.founding.sources},
                     {"note", fact.founding.note}});
  }
  nlohmann::json& defaults = out["defaults"] = nlohmann::json::array();
  for (const DefaultRecord& record : explanation.defaults) {
    defaults.push_back({{"pointer", record.pointer}, {"value", record.text}, {"reason", record.reason}});
  }
  return out;
}

void explain_command(const ExplainCommand& options, CommonOptions& common) {
  const Catalog catalog = load_catalog(common, options.as_of);
  Problems problems;
  ScenarioDocument document = ScenarioDocument::load(options.scenario, problems);
  problems.throw_if_any();
  for (const std::string& assignment : options.sets) {
    document.set(assignment, problems);
  }
  problems.throw_if_any();
  const auto bar = make_progress(common);
  ExplainOptions explain_options;
  explain_options.progress = callback(*bar);
  const Explanation explanation = explain(document, catalog, options.metric, explain_options);
  bar->clear();
  print(options.format == "json" ? to_json(explanation).dump(1) + "\n" : screen(explanation));
}

}  // namespace

void add_explain(CLI::App& app, CommonOptions& common) {
  auto options = std::make_shared<ExplainCommand>();
  CLI::App* command = app.add_subcommand("explain", "From a result back to the catalogue facts it rests on");
  command->add_option("SCENARIO", options->scenario, "Scenario file")->required()->type_name("FILE");
  command->add_option("METRIC", options->metric, "A metric it reports (`aifactory show metrics`)")
      ->required()
      ->type_name("METRIC");
  command->add_option("--set", options->sets, "Replace a value first; may be repeated")
      ->type_name("/POINTER=VALUE")
      ->take_all()
      ->allow_extra_args(false);
  command->add_option("--as-of", options->as_of, "Use what was known on this date")->type_name("DATE");
  command->add_option("--format", options->format, "table or json")
      ->check(CLI::IsMember({"table", "json"}))
      ->type_name("FORMAT");
  command->callback([options, &common] { explain_command(*options, common); });
}

}  // namespace aifactory
