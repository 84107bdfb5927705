#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "models/catalog/calibration_table.h"
#include "models/catalog/collective_law_text.h"
#include "models/catalog/kernel_measurements.h"
#include "models/catalog/probe_file.h"
#include "models/units/date.h"
#include "sim/study/backtest.h"
#include "sim/study/calibrate.h"
#include "sim/study/calibrate_collectives.h"
#include "sim/study/kernel_case.h"
#include "sim/study/recalibrate.h"
#include "tools/aifactory/command.h"
#include "tools/aifactory/summary_table.h"
#include "tools/aifactory/text_table.h"

namespace aifactory {

namespace {

struct CalibrateCommand {
  std::vector<std::string> files;
  std::string out;
  std::string format = "table";
  std::string source = "own-measurements";
  std::string as_of;
  bool collectives = false;
  unsigned folds = 5;
  unsigned few_shot = 0;  // 0: fit anew
  std::vector<std::string> by;
};

TextTable error_table(const nlohmann::json& report) {
  const auto percent = [](const nlohmann::json& fraction) {
    return fmt::format("{:.1f} %", fraction.get<double>() * 100.0);
  };
  TextTable table;
  table.header = {"accelerator", "kernel", "format", "kv",         "clocking", "variant",
                  "metric",      "regime", "n",      "median APE", "p90 APE",  "bias"};
  for (const nlohmann::json& row : report.at("errors")) {
    std::vector<std::string> cells;
    for (const char* column : {"accelerator", "op", "format", "kv", "clocking", "variant", "metric", "regime"}) {
      cells.push_back(row.at(column).get<std::string>());
    }
    cells.push_back(row.at("n").dump());
    for (const char* column : {"median_ape", "p90_ape", "bias"}) {
      cells.push_back(percent(row.at(column)));
    }
    table.rows.push_back(std::move(cells));
  }
  return table;
}

// One accelerator: FILE itself; several: FILE is a folder of <accelerator>.json.
void write(const CalibrationReport& report, const std::string& out) {
  if (report.calibrations.size() == 1 && std::filesystem::path(out).extension() == ".json") {
    write_file(out, calibration_text(report.calibrations.front()));
    return;
  }
  for (const KernelCalibration& calibration : report.calibrations) {
    write_file(out + "/" + calibration.accelerator + ".json", calibration_text(calibration));
  }
}

// Whose measurements these are: stated, else the user's own, of the day the newest file was written.
MeasurementOrigin origin_of(const CalibrateCommand& options, const Catalog& catalog) {
  MeasurementOrigin origin;
  origin.source_key = options.source;
  const auto source = catalog.sources().find(options.source);
  if (source == catalog.sources().end()) {
    throw ConfigError("--source", "", fmt::format("no source \"{}\"", brief(options.source, 60)),
                      "a key of configs/sources.json");
  }
  origin.source = source->second.title;
  origin.as_of = options.as_of;
  if (!origin.as_of.empty() && !parse_date(origin.as_of)) {
    throw ConfigError("--as-of", "", fmt::format("\"{}\" is no date", brief(origin.as_of, 60)),
                      "write YYYY, YYYY-MM or YYYY-MM-DD");
  }
  if (origin.as_of.empty()) {
    auto newest = std::filesystem::file_time_type::min();
    for (const std::string& file : options.files) {
      newest = std::max(newest, std::filesystem::last_write_time(file));
    }
    const auto on_the_wall = std::chrono::file_clock::to_sys(newest);
    const std::chrono::year_month_day day{std::chrono::floor<std::chrono::days>(on_the_wall)};
    origin.as_of = fmt::format("{:04}-{:02}-{:02}", static_cast<int>(day.year()), static_cast<unsigned>(day.month()),
                               static_cast<unsigned>(day.day()));
  }
  return origin;
}

// FILE is a folder: one law per family, named like the catalogue's.
void calibrate_collectives_command(const CalibrateCommand& options, CommonOptions& common) {
  const Catalog catalog = load_catalog(common);
  Problems problems;
  std::vector<CollectiveRow> rows;
  for (const std::string& file : options.files) {
    if (kind_of_file(file) == MeasurementKind::kCollectives) {
      const std::vector<CollectiveRow> more = collective_rows_of(read_measured_table(file, problems));
      rows.insert(rows.end(), more.begin(), more.end());
      continue;
    }
    for (const KernelMeasurement& row : read_kernel_measurements(file, problems)) {
      if (is_collective(row)) {
        rows.push_back(collective_row(row));
      }
    }
  }
  problems.throw_if_any();
  const CollectiveCalibration calibration = calibrate_collectives(catalog, rows, options.folds);
  for (const CollectiveLaw& law : calibration.laws) {
    const MeasurementOrigin origin = origin_of(options, catalog);
    const bool known = catalog.contains("fabrics", law.id);
    const nlohmann::json entry =
        known ? *catalog.get("fabrics", law.id)->json : collective_law_entry(law, origin.source_key, origin.as_of);
    write_file(fmt::format("{}/{}.json", options.out, entry.at("id").get<std::string>()),
               collective_law_text(law, entry));
  }
  if (!calibration.unmeasured.empty()) {
    fmt::print(stderr, "no rows inside a domain, so constants as they were: {}\n",
               fmt::join(calibration.unmeasured, ", "));
  }
  const BacktestReport& report = calibration.held_out;
  if (options.format == "json") {
    print(backtest_json(report).dump(1) + "\n");
  } else {
    print(fmt::format(
              "{} rows of collectives, {} fitted, {} skipped; errors are of rows held out, one in {} at a time\n\n",
              report.rows, report.evaluated, report.skipped.size(), options.folds) +
          render_text(summary_table(report)) + skipped_lines(report.skipped));
  }
  common.exit_code = report.evaluated > 0 ? kExitOk : kExitFailed;
}

// The catalogue's calibration corrected by some of a probe's records, judged on the others.
void recalibrate_command(const CalibrateCommand& options, CommonOptions& common) {
  if (options.files.size() != 1) {
    throw ConfigError("--few-shot", "", "corrects a calibration by one file at a time");
  }
  const Catalog catalog = load_catalog(common);
  Problems problems;
  const ProbeFile probe = read_probe_file(options.files.front(), problems);
  problems.throw_if_any();
  const std::vector<std::string> by = options.by.empty() ? std::vector<std::string>{"op", "dtype", "mode"} : options.by;
  const Recalibration found =
      recalibrate(catalog, probe, options.files.front(), options.few_shot, origin_of(options, catalog), by);
  if (found.fitted > 0) {
    write_file(options.out, calibration_text(found.calibration));
  }
  if (options.format == "json") {
    print(recalibration_json(found).dump(1) + "\n");
  } else {
    std::string text = fmt::format(
        "{}: {} records, {} of them used to correct what the catalogue knows; errors are of configurations that were "
        "not, before (left) and after\n\n",
        found.calibration.accelerator, found.rows, found.fitted);
    text += render_text(change_table(found.before, found.after));
    for (const auto& [kernel, reason] : found.kept) {
      text += fmt::format("\nleft as it was: {}: {}", kernel, reason);
    }
    print(text + (found.kept.empty() ? "" : "\n") + skipped_lines(found.after.skipped));
  }
  common.exit_code = found.fitted > 0 ? kExitOk : kExitFailed;
}

void calibrate_command(const CalibrateCommand& options, CommonOptions& common) {
  if (options.few_shot > 0) {
    recalibrate_command(options, common);
    return;
  }
  if (options.collectives) {
    calibrate_collectives_command(options, common);
    return;
  }
  const Catalog catalog = load_catalog(common);
  Problems problems;
  std::vector<KernelMeasurement> rows;
  for (const std::string& file : options.files) {
    const std::vector<KernelMeasurement> more = read_kernel_measurements(file, problems);
    rows.insert(rows.end(), more.begin(), more.end());
  }
  problems.throw_if_any();
  const CalibrationReport report = calibrate(catalog, rows, origin_of(options, catalog));
  write(report, options.out);
  if (options.format == "json") {
    print(calibration_report_json(report).dump(1) + "\n");
  } else {
    print(fmt::format("{} rows, {} fitted, {} skipped; errors are of rows held out, by configuration\n\n", report.rows,
                      report.fitted, report.skipped.size()) +
          render_text(error_table(calibration_report_json(report))) + skipped_lines(report.skipped));
  }
  common.exit_code = report.fitted > 0 ? kExitOk : kExitFailed;
}

}  // namespace

void add_calibrate(CLI::App& app, CommonOptions& common) {
  auto options = std::make_shared<CalibrateCommand>();
  CLI::App* command = app.add_subcommand("calibrate", "Fit kernel parameters to measurements");
  command->add_option("MEASUREMENTS", options->files, "Kernel measurements: .csv or .json, plain or .gz")
      ->required()
      ->type_name("FILE...");
  command->add_option("-o,--output", options->out, "Calibration file; a folder when several accelerators were measured")
      ->required()
      ->type_name("FILE");
  command->add_option("--source", options->source, "Whose measurements: a key of configs/sources.json")
      ->capture_default_str()
      ->type_name("KEY");
  command->add_option("--as-of", options->as_of, "When they were measured; else when the newest file was written")
      ->type_name("DATE");
  CLI::Option* collectives =
      command->add_flag("--collectives", options->collectives,
                        "Fit the laws of collectives instead; writes collectives_FAMILY.json into the folder FILE");
  command->add_option("--folds", options->folds, "Parts that collectives are held out in (2: one half at a time)")
      ->check(CLI::Range(2U, 20U))
      ->capture_default_str()
      ->type_name("N");
  CLI::Option* few_shot =
      command
          ->add_option(
              "--few-shot", options->few_shot,
              "Correct the catalogue's calibration by at most N records of each kernel of a kernel_probe file, "
              "and judge it on the others")
          ->check(CLI::Range(4U, 100000U))
          ->excludes(collectives)
          ->type_name("N");
  command->add_option("--by", options->by, "Group errors by these fields (op, dtype, mode)")
      ->delimiter(',')
      ->needs(few_shot)
      ->type_name("FIELD,...")
      ->allow_extra_args(false);
  command->add_option("--format", options->format, "table or json")
      ->check(CLI::IsMember({"table", "json"}))
      ->type_name("FORMAT");
  command->callback([options, &common] { calibrate_command(*options, common); });
}

}  // namespace aifactory
