// Kernel and collective times (and kernel power) predicted from the configuration of each row, against the row.
#pragma once

#include <string>
#include <vector>

#include "models/catalog/catalog.h"
#include "models/catalog/kernel_measurements.h"
#include "sim/study/backtest_report.h"

namespace aifactory {

struct KernelBacktestOptions {
  // Row fields that groups are made of: any column, or "regime".
  std::vector<std::string> by;
  // Calibrations (by accelerator id) that must not be used: leave one accelerator out, and its kernels are predicted by
  // transfer from the nearest relative left.
  std::vector<std::string> without;
};

// Metrics: `time` (s) of every row with `us`, `power` (W) of those with power_w as well. Kind "kernels", or
// "collectives" when every row is one. What cannot be predicted is skipped with its reason. Throws ConfigError for an
// unknown field in `by`.
BacktestReport backtest_kernels(const Catalog& catalog, const std::vector<KernelMeasurement>& rows,
                                const KernelBacktestOptions& options = {});

}  // namespace aifactory
