// Predictions against what kernel_probe measured: single kernels, and layers as the sum of their kernels.
#pragma once

#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "models/catalog/catalog.h"
#include "models/catalog/probe_file.h"
#include "models/kernels/calibration.h"
#include "sim/study/backtest_report.h"
#include "sim/study/kernel_case.h"

namespace aifactory {

// The kernel with a fitted law that the probe timed: those of the kernel tables, at the clocks of `mode`, and plain
// streams (copy, add, memcpy within the device). On failure nothing, and `reason` says why.
std::optional<KernelCase> probe_case(const ProbeKernel& kernel, const std::string& gpu, const std::string& mode,
                                     std::string& reason);

struct ProbeBacktestOptions {
  std::vector<std::string> by;
  std::set<std::size_t> left_out;  // records by position: configurations that a calibration has seen
  // Instead of the catalogue's: an empty pointer is the family law, nothing at all the catalogue's.
  std::optional<std::shared_ptr<const KernelCalibration>> calibration;
};

// Metrics: `time` (s) of every record that a law exists for, `power` (W) and `energy` (J of one launch) of those that
// were measured long enough; of layers `layer_time`, `layer_power` and `layer_energy`. Skipped with its reason: what
// reasons_to_skip says, ops without a law (host and peer copies, interference, launches by calls), what the accelerator
// cannot do. `by` names groups: op, impl, dtype, detail, l2, mode, launch, model, regime, hold_out or a member of
// shape; op when empty. Throws ConfigError when the catalogue does not know the GPU or no record has a field of `by`.
BacktestReport backtest_probe(const Catalog& catalog, const ProbeFile& file, const std::string& path,
                              const ProbeBacktestOptions& options = {});

}  // namespace aifactory
