// Which measurements a file holds, told from its columns alone, and their backtest.
#pragma once

#include <string>
#include <vector>

#include "models/catalog/catalog.h"
#include "sim/study/backtest_report.h"

namespace aifactory {

enum class MeasurementKind {
  kServingPoints,  // silicon_tpot_ms
  kPowerPoints,    // gpu_power_w
  kKernels,        // op and us
  kCollectives,    // op and time_us or busbw_GBps
  kTraining,       // metric and global_batch
  kServingRows,    // metric and isl
  kUnknown
};

// From the columns of a CSV header, or the keys of a JSON file's rows.
MeasurementKind kind_of(const std::vector<std::string>& columns);

MeasurementKind kind_of_file(const std::string& path);

// Reads .json or .csv, plain or gzipped, and holds predictions against it. Kernels and collectives are evaluated; for
// other kinds, and for files that are no measurements, it throws ConfigError.
// `without` names calibrations that kernels must not use (backtest_kernels.h); an unknown one is bad input.
BacktestReport backtest_file(const Catalog& catalog, const std::string& path, const std::vector<std::string>& by,
                             const std::vector<std::string>& without = {});

}  // namespace aifactory
