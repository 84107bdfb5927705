// Fits the kernels of measurement files and judges the fits on rows they never saw.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <utility>
#include <vector>

#include "models/catalog/catalog.h"
#include "models/catalog/kernel_measurements.h"
#include "models/kernels/calibration.h"
#include "sim/study/backtest_report.h"

namespace aifactory {

// Held-out error of one kernel of one accelerator: over all its rows ("all"), by regime, of GEMMs with n and k of at
// least 512 ("wide"), of power read without a pause before ("steady_meter") and over a whole second ("full_second").
struct CalibrationError {
  std::string accelerator;
  KernelKey key;
  std::string metric;  // "time" or "power"
  std::string regime;
  BacktestSummary summary;
};

struct CalibrationReport {
  std::vector<KernelCalibration> calibrations;  // one per accelerator measured, by id
  std::vector<CalibrationError> errors;
  std::size_t rows = 0;
  std::size_t fitted = 0;
  std::vector<std::pair<std::string, std::string>> skipped;  // id, reason
};

// What the calibration files say of their measurements.
struct MeasurementOrigin {
  std::string source;      // for people
  std::string source_key;  // of configs/sources.json
  std::string as_of;       // YYYY, YYYY-MM or YYYY-MM-DD
};

// Rows of collectives are skipped: their laws live with the fabric. Deterministic: the order of rows does not matter.
CalibrationReport calibrate(const Catalog& catalog, const std::vector<KernelMeasurement>& rows,
                            const MeasurementOrigin& origin = {});

// The text of a calibration file: calibration_json with one kernel a line.
std::string calibration_text(const KernelCalibration& calibration);

nlohmann::json calibration_report_json(const CalibrationReport& report);

}  // namespace aifactory
