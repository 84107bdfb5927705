// Predictions against what kernel_probe measured: single kernels, and layers as the sum of their kernels.
#pragma once

#include <string>
#include <vector>

#include "models/catalog/catalog.h"
#include "models/catalog/probe_file.h"
#include "sim/study/backtest_report.h"

namespace aifactory {

// Metrics: `time` (s) of every record that a law exists for, `power` (W) and `energy` (J of one launch) of those that
// were measured long enough; of layers `layer_time`, `layer_power` and `layer_energy`. Skipped with its reason: what
// reason_to_skip says, ops without a law (host and peer copies, interference, launches by calls), what the accelerator
// cannot do. `by` names groups: op, impl, dtype, detail, l2, mode, launch, model, regime, hold_out or a member of
// shape; op when empty. Throws ConfigError when the catalogue does not know the GPU or nothing has a field of `by`.
BacktestReport backtest_probe(const Catalog& catalog, const ProbeFile& file, const std::string& path,
                              const std::vector<std::string>& by);

}  // namespace aifactory
