// Few-shot recalibration: what is known of an accelerator from others' measurements, corrected by a few hundred kernels
// that kernel_probe measured on one of them, and judged on all the others of the same file.
#pragma once

#include <cstddef>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <utility>
#include <vector>

#include "models/catalog/catalog.h"
#include "models/catalog/probe_file.h"
#include "models/kernels/calibration.h"
#include "sim/study/backtest_report.h"
#include "sim/study/calibrate.h"

namespace aifactory {

struct Recalibration {
  KernelCalibration calibration;  // the catalogue's with its corrected kernels, or those alone
  std::size_t rows = 0;           // records of the file
  std::size_t fitted = 0;         // of them used for the correction
  // Of the records of the other half: before by the catalogue, after by `calibration`. Layers are always among them.
  BacktestReport before, after;
  std::vector<std::pair<std::string, std::string>> kept;  // kernels left as they were, and why
};

// Half of a kernel's records serve the correction, split by the hash of the configuration without the size of its
// batch, (n, k) say (record by record where a kernel has fewer than eight such groups), without those kept for
// validation; of each kernel, format and clocking at most `shapes` of them are used, chosen by hash. `by` groups the
// two reports as in backtest_probe. Throws ConfigError as backtest_probe does. Deterministic.
Recalibration recalibrate(const Catalog& catalog, const ProbeFile& file, const std::string& path, std::size_t shapes,
                          const MeasurementOrigin& origin, const std::vector<std::string>& by = {});

// {accelerator, rows, fitted, kept, before, after}; before and after as backtest prints them.
nlohmann::json recalibration_json(const Recalibration& recalibration);

}  // namespace aifactory
