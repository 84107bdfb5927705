#include <fmt/format.h>

#include <algorithm>
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

constexpr std::size_t kWorst = 8;

// The predictions of each metric that are furthest off.
TextTable worst_table(const BacktestReport& report) {
  std::map<std::string, std::vector<const BacktestPrediction*>> by_metric;
  for (const BacktestPrediction& p : report.predictions) {
    by_metric[p.metric].push_back(&p);
  }
  TextTable table;
  table.header = {"worst", "metric", "measured", "predicted", "80 % band", "APE"};
  for (auto& [metric, predictions] : by_metric) {
    std::stable_sort(predictions.begin(), predictions.end(),
                     [](const BacktestPrediction* a, const BacktestPrediction* b) { return a->ape() > b->ape(); });
    for (std::size_t i = 0; i < std::min(kWorst, predictions.size()); ++i) {
      const BacktestPrediction& p = *predictions[i];
      table.rows.push_back({p.id, metric, fmt::format("{:.4g} {}", p.measured, p.unit),
                            fmt::format("{:.4g} {}", p.predicted, p.unit),
                            fmt::format("{:.4g} .. {:.4g}", p.low, p.high), fmt::format("{:.1f} %", p.ape() * 100.0)});
    }
  }
  return table;
}

std::string as_text(const BacktestReport& report) {
  std::string out = fmt::format("{}: {} rows, {} evaluated, {} skipped\n\n", report.kind, report.rows, report.evaluated,
                                report.skipped.size());
  for (const std::string& note : report.notes) {
    out.insert(out.size() - 1, note + "\n");
  }
  out += render_text(summary_table(report)) + "\n" + render_text(worst_table(report));
  return out + skipped_lines(report.skipped);
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
  command->add_option("FILE", options->file, "Measurements: .csv or .json, plain or .gz; kernel_probe's files")
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
