#include <fmt/format.h>

#include <map>
#include <nlohmann/json.hpp>

#include "sim/study/backtest.h"
#include "tools/aifactory/command.h"
#include "tools/aifactory/summary_table.h"
#include "tools/aifactory/text_table.h"

namespace aifactory {

namespace {

struct BacktestCommand {
  std::string file;
  std::vector<std::string> by;
  std::vector<std::string> without;
  std::string format = "table";
};

std::string as_text(const BacktestReport& report) {
  std::string out = fmt::format("{}: {} rows, {} evaluated, {} skipped\n\n", report.kind, report.rows, report.evaluated,
                                report.skipped.size());
  out += render_text(summary_table(report));
  std::map<std::string, std::size_t> reasons;
  for (const auto& [id, reason] : report.skipped) {
    ++reasons[reason];
  }
  for (const auto& [reason, count] : reasons) {
    out += fmt::format("\nskipped {}: {}", count, reason);
  }
  return out + (reasons.empty() ? "" : "\n");
}

std::string as_csv(const BacktestReport& report) {
  TextTable table;
  table.header = {"id", "metric", "measured", "predicted", "low", "high", "ape", "unit"};
  for (const BacktestPrediction& p : report.predictions) {
    table.rows.push_back({p.id, p.metric, fmt::format("{}", p.measured), fmt::format("{}", p.predicted),
                          fmt::format("{}", p.low), fmt::format("{}", p.high), fmt::format("{}", p.ape()), p.unit});
  }
  return render_csv(table);
}

void backtest(const BacktestCommand& options, CommonOptions& common) {
  const Catalog catalog = load_catalog(common);
  const BacktestReport report = backtest_file(catalog, options.file, options.by, options.without);
  if (options.format == "json") {
    print(backtest_json(report).dump(1) + "\n");
  } else {
    print(options.format == "csv" ? as_csv(report) : as_text(report));
  }
  common.exit_code = report.evaluated > 0 ? kExitOk : kExitFailed;
}

}  // namespace

void add_backtest(CLI::App& app, CommonOptions& common) {
  auto options = std::make_shared<BacktestCommand>();
  CLI::App* command =
      app.add_subcommand("backtest", "Predictions against measured kernels, collectives, serving and training");
  command->add_option("FILE", options->file, "Measurements: .csv or .json, plain or .gz")
      ->required()
      ->type_name("FILE");
  command->add_option("--by", options->by, "Group by these columns, or \"regime\"")
      ->delimiter(',')
      ->type_name("FIELD,...")
      ->allow_extra_args(false);
  command
      ->add_option("--without", options->without,
                   "Calibrations not to be used: kernels of their accelerators are predicted from the nearest left")
      ->delimiter(',')
      ->type_name("ACCELERATOR,...")
      ->allow_extra_args(false);
  command->add_option("--format", options->format, "table, json or csv")
      ->check(CLI::IsMember({"table", "json", "csv"}))
      ->type_name("FORMAT");
  command->callback([options, &common] { backtest(*options, common); });
}

}  // namespace aifactory
