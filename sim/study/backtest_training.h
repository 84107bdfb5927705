// Measured steps of published pre-training runs against the closed form of a step.
//
// Metrics: step_time_s as step_time, tokens_per_s_per_accel as tokens_per_second_per_accelerator, sequences_per_s under
// its own name. Utilisations and FLOP rates are skipped, because their FLOP conventions differ. Recomputation that is
// not stated is the least that fits. Skipped with the reason: rows without a full layout, adapters, accelerators that
// the catalogue does not have or that count cores, layouts that cannot run.
#pragma once

#include "models/catalog/catalog.h"
#include "models/catalog/measured_table.h"
#include "sim/study/backtest_report.h"

namespace aifactory {

BacktestReport backtest_training(const Catalog& catalog, const MeasuredTable& table,
                                 const std::vector<std::string>& by);

}  // namespace aifactory
