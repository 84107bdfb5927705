#include <nlohmann/json.hpp>

#include "aifactory_version.h"
#include "sim/scenario/result_json.h"
#include "sim/study/study.h"
#include "tools/aifactory/command.h"
#include "tools/aifactory/print_result.h"

namespace aifactory {

namespace {

struct RunOptions {
  std::string scenario;
  std::vector<std::string> sets;
  std::vector<std::string> axes;
  std::optional<std::uint64_t> seed;
  std::string as_of;
  std::string out;
  std::string format = "table";
  std::string expect;
  unsigned threads = 0;
  bool no_bands = false;
};

// DIR/result.json (or result.N.json of a grid), metrics.csv, one CSV per table, and the scenario as it was run.
void write_results(const std::string& folder, const std::vector<Result>& results, const ScenarioDocument& document) {
  const bool several = results.size() > 1;
  for (std::size_t i = 0; i < results.size(); ++i) {
    const std::string stem = several ? "result." + std::to_string(i) : "result";
    write_file(folder + "/" + stem + ".json", result_text(result_to_json(results[i], kVersion)));
    for (const auto& [name, table] : results[i].tables) {
      write_file(folder + "/tables" + (several ? "." + std::to_string(i) : "") + "/" + name + ".csv",
                 render_csv(to_exact_text(table)));
    }
  }
  write_file(folder + "/metrics.csv", render_csv(metrics_table(results)));
  write_file(folder + "/scenario.json", document.root().dump(2) + "\n");
}

std::string rendered(const std::vector<Result>& results, bool grid, const std::string& format) {
  if (format == "json") {
    if (!grid) {
      return result_text(result_to_json(results.front(), kVersion));
    }
    nlohmann::json list = nlohmann::json::array();
    for (const Result& result : results) {
      list.push_back(result_to_json(result, kVersion));
    }
    return result_text(list);
  }
  if (format == "csv") {
    return render_csv(metrics_table(results));
  }
  return grid ? comparison_screen(results) : result_screen(results.front());
}

int exit_code(const std::vector<Result>& results, bool expected_infeasible) {
  for (const Result& result : results) {
    for (const Check& check : result.checks) {
      if (!check.ok()) {
        return kExitFailed;
      }
    }
  }
  bool infeasible = false;
  for (const Result& result : results) {
    infeasible = infeasible || result.status == RunStatus::kInfeasible;
  }
  return infeasible == expected_infeasible ? kExitOk : kExitInfeasible;
}

void run(const RunOptions& options, CommonOptions& common) {
  const Catalog catalog = load_catalog(common, options.as_of);
  Problems problems;
  ScenarioDocument document = ScenarioDocument::load(options.scenario, problems);
  problems.throw_if_any();
  for (const std::string& assignment : options.sets) {
    document.set(assignment, problems);
  }
  if (options.seed) {
    document.set("/seed", nlohmann::json(*options.seed), problems);
  }
  problems.throw_if_any();
  std::vector<Axis> axes;
  for (const std::string& axis : options.axes) {
    axes.push_back(parse_axis(axis));
  }
  const bool grid = !axes.empty();
  const auto bar = make_progress(common);
  StudyOptions study;
  study.threads = options.threads;
  study.bands = !options.no_bands;
  study.progress = callback(*bar);
  std::vector<Result> results;
  if (grid) {
    results = run_grid(document, catalog, axes, study);
  } else {
    results.push_back(run_study(document, catalog, study));
  }
  bar->clear();
  if (!options.out.empty()) {
    write_results(options.out, results, document);
  }
  print(rendered(results, grid, options.format));
  const Scenario scenario = document.read(catalog, nullptr, problems);
  common.exit_code = exit_code(results, options.expect == "infeasible" || scenario.expect_infeasible);
}

}  // namespace

void add_run(CLI::App& app, CommonOptions& common) {
  auto options = std::make_shared<RunOptions>();
  CLI::App* command = app.add_subcommand("run", "Run a scenario and print what it found");
  command->add_option("SCENARIO", options->scenario, "Scenario file")->required()->type_name("FILE");
  command->add_option("--set", options->sets, "Replace a value, e.g. --set /sites/0/power='2 GW'; may be repeated")
      ->type_name("/POINTER=VALUE")
      ->take_all()
      ->allow_extra_args(false);
  command
      ->add_option("--vary", options->axes,
                   "Run every value, e.g. --vary /fleet/0/system=hgx_h100,gb200_nvl72; several span a grid")
      ->type_name("/POINTER=A,B,...")
      ->take_all()
      ->allow_extra_args(false);
  command->add_option("--seed", options->seed, "Seed of all random streams")->type_name("N");
  command->add_option("--as-of", options->as_of, "Use what was known on this date")->type_name("DATE");
  command->add_option("--out", options->out, "Write result.json, metrics.csv, tables and the scenario there")
      ->type_name("DIR");
  command->add_option("--format", options->format, "What to print: table, json or csv")
      ->check(CLI::IsMember({"table", "json", "csv"}))
      ->type_name("FORMAT");
  command->add_option("--expect", options->expect, "`infeasible`: exit 0 if, and only if, the scenario is infeasible")
      ->check(CLI::IsMember({"infeasible"}))
      ->type_name("STATUS");
  command->add_option("--threads", options->threads, "Threads (default: one per core); results do not depend on it")
      ->type_name("N");
  command->add_flag("--no-bands", options->no_bands, "Skip the uncertainty bands");
  command->callback([options, &common] { run(*options, common); });
}

}  // namespace aifactory
