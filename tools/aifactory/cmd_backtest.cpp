#include <fmt/format.h>

#include <map>
#include <nlohmann/json.hpp>

#include "sim/study/backtest.h"
#include "tools/aifactory/command.h"
#include "tools/aifactory/text_table.h"

namespace aifactory {

namespace {

struct BacktestCommand {
  std::string file;
  std::vector<std::string> by;
  std::vector<std::string> without;
  std::string format = "table";
};

std::string percent(double fraction) {
  return fmt::format("{:.1f} %", fraction * 100.0);
}

std::vector<std::string> summary_row(const std::string& group, const std::string& metric, const BacktestSummary& s) {
  return {group,
          metric,
          fmt::format("{}", s.n),
          percent(s.median_ape),
          percent(s.p90_ape),
          percent(s.mape),
          fmt::format("{:+.1f} %", s.bias * 100.0),
          percent(s.band_coverage)};
}

TextTable summary_table(const BacktestReport& report) {
  TextTable table;
  table.header = {"group", "metric", "n", "median APE", "p90 APE", "MAPE", "bias", "in 80 % band"};
  for (const auto& [metric, summary] : report.summary()) {
    table.rows.push_back(summary_row("all", metric, summary));
  }
  for (const auto& [group, metrics] : report.groups()) {
    for (const auto& [metric, summary] : metrics) {
      table.rows.push_back(summary_row(group, metric, summary));
    }
  }
  return table;
}

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
      app.add_subcommand("backtest", "Predictions against measured kernels, collectives and serving latencies");
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
