#include <fmt/format.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "models/catalog/calibration_table.h"
#include "models/catalog/kernel_measurements.h"
#include "sim/study/calibrate.h"
#include "tools/aifactory/command.h"
#include "tools/aifactory/text_table.h"

namespace aifactory {

namespace {

struct CalibrateCommand {
  std::vector<std::string> files;
  std::string out;
  std::string format = "table";
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

void calibrate_command(const CalibrateCommand& options, CommonOptions& common) {
  const Catalog catalog = load_catalog(common);
  Problems problems;
  std::vector<KernelMeasurement> rows;
  for (const std::string& file : options.files) {
    const std::vector<KernelMeasurement> more = read_kernel_measurements(file, problems);
    rows.insert(rows.end(), more.begin(), more.end());
  }
  problems.throw_if_any();
  const CalibrationReport report = calibrate(catalog, rows);
  write(report, options.out);
  if (options.format == "json") {
    print(calibration_report_json(report).dump(1) + "\n");
  } else {
    print(fmt::format("{} rows, {} fitted, {} skipped; errors are of rows held out, by configuration\n\n", report.rows,
                      report.fitted, report.skipped.size()) +
          render_text(error_table(calibration_report_json(report))));
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
  command->add_option("--format", options->format, "table or json")
      ->check(CLI::IsMember({"table", "json"}))
      ->type_name("FORMAT");
  command->callback([options, &common] { calibrate_command(*options, common); });
}

}  // namespace aifactory
