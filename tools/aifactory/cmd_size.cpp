#include <fmt/format.h>

#include <array>
#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

#include "aifactory_version.h"
#include "sim/scenario/result_json.h"
#include "sim/study/size.h"
#include "sim/study/study.h"
#include "tools/aifactory/command.h"
#include "tools/aifactory/print_result.h"

namespace aifactory {

namespace {

struct SizeOptions {
  std::string envelope;
  std::string system;
  std::string site = "columbus";
  std::string llm = "deepseek-r1";
  std::string as_of;
  std::string format = "table";
  std::string scenario_out;
};

std::string line(const Result& result, const char* metric, const char* label) {
  const auto found = result.metrics.find(metric);
  if (found == result.metrics.end()) {
    return {};
  }
  const std::string band = band_text(found->second, is_fraction(metric));
  return fmt::format("  {:<28} {:<22} {}\n", label, human(found->second.value, found->second.unit, is_fraction(metric)),
                     band.empty() ? band : "(" + band + ")");
}

std::string drivers(const Result& result, const std::string& metric) {
  std::string out;
  int shown = 0;
  for (const Driver& driver : result.drivers) {
    if (driver.metric == metric && shown < 3) {
      const std::string& unit = result.metrics.at(metric).unit;
      out += fmt::format("  {}. {:<52} {} to {}\n", ++shown, driver.input, human(driver.at_low, unit),
                         human(driver.at_high, unit));
    }
  }
  return out;
}

std::string screen(const SizeOptions& options, const Result& result, const nlohmann::json& scenario) {
  std::string out;
  if (result.status == RunStatus::kInfeasible) {
    out = "INFEASIBLE: " + result.reason + "\n";
  } else {
    const auto value = [&](const char* metric) { return result.metrics.at(metric).value; };
    out = fmt::format("{} of {} at {}: {:.0f} thousand packages, {}, {} tokens/s of {}, {} per million tokens.\n\n",
                      options.envelope, options.system, options.site, value("fleet.accelerators") / 1e3,
                      human(value("capex.total"), "USD"), human(value("throughput.tokens_per_second"), "token"),
                      options.llm, fmt::format("{:.3g} USD", value("cost.usd_per_mtoken")));
    out += "                               value                  (80 % band)\n";
    out += line(result, "fleet.accelerators", "accelerator packages") +
           line(result, "fleet.packages_per_gw", "packages per GW") +
           line(result, "throughput.tokens_per_second", "tokens per second") +
           line(result, "throughput.tokens_per_second_per_mw", "tokens/s per MW") +
           line(result, "efficiency.tokens_per_joule", "tokens per joule") +
           line(result, "power.facility_average", "facility power, mean") +
           line(result, "power.pue_average", "PUE, mean") + line(result, "capex.total", "capex") +
           line(result, "tco.annual", "cost of a year") +
           line(result, "cost.usd_per_mtoken", "cost per million tokens") +
           line(result, "serving.tpot_p99", "TPOT p99, busiest hour") +
           line(result, "schedule.first_token", "decision to first token");
    out += "\nWhat decides the cost per million tokens (input at its P10 to its P90)\n" +
           drivers(result, "cost.usd_per_mtoken");
  }
  out += "\nThe scenario it ran (save it and ask on with `aifactory run`):\n" + scenario.dump() + "\n";
  return out;
}

// The user gave options, not a scenario: problems name what was typed.
ConfigError in_words_of_the_question(const ConfigError& error) {
  constexpr std::array<std::pair<std::string_view, const char*>, 4> kOptions = {{{"/fleet/0/system", "--system"},
                                                                                 {"/sites/0/location", "--site"},
                                                                                 {"/sites/0/power", "ENVELOPE"},
                                                                                 {"/workloads/0/llm", "--llm"}}};
  std::vector<Problem> problems = error.problems();
  for (Problem& problem : problems) {
    for (const auto& [pointer, option] : kOptions) {
      if (problem.pointer == pointer) {
        problem.file = option;
        problem.pointer.clear();
      }
    }
  }
  return ConfigError(std::move(problems));
}

void size(const SizeOptions& options, CommonOptions& common) {
  const nlohmann::json scenario = size_scenario({options.envelope, options.system, options.site, options.llm});
  const Catalog catalog = load_catalog(common, options.as_of);
  const ScenarioDocument document = ScenarioDocument::make(scenario, "size");
  const auto bar = make_progress(common);
  StudyOptions study;
  study.progress = callback(*bar);
  const Result result = [&] {
    try {
      return run_study(document, catalog, study);
    } catch (const ConfigError& error) {
      throw in_words_of_the_question(error);
    }
  }();
  bar->clear();
  print(options.format == "json" ? result_text(result_to_json(result, kVersion)) : screen(options, result, scenario));
  common.exit_code = result.status == RunStatus::kOk ? kExitOk : kExitInfeasible;
}

}  // namespace

void add_size(CLI::App& app, CommonOptions& common) {
  auto options = std::make_shared<SizeOptions>();
  CLI::App* command = app.add_subcommand("size", "What a power envelope yields, in one screen");
  command->add_option("ENVELOPE", options->envelope, "Power and where it is measured, e.g. \"1 GW contracted\"")
      ->required()
      ->type_name("'POWER BOUNDARY'");
  command->add_option("--system", options->system, "What is racked (`aifactory show systems`)")
      ->required()
      ->type_name("ID");
  command->add_option("--site", options->site, "Where (`aifactory show sites`)")
      ->capture_default_str()
      ->type_name("ID");
  command->add_option("--llm", options->llm, "What it serves (`aifactory show llms`)")
      ->capture_default_str()
      ->type_name("ID");
  command->add_option("--as-of", options->as_of, "Use what was known on this date")->type_name("DATE");
  command->add_option("--format", options->format, "table or json")
      ->check(CLI::IsMember({"table", "json"}))
      ->type_name("FORMAT");
  command->callback([options, &common] { size(*options, common); });
}

}  // namespace aifactory
