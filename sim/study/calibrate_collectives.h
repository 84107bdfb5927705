// Fits the collective laws of configs/fabrics to measurement files and judges them on rows they never saw.
#pragma once

#include <vector>

#include "models/catalog/catalog.h"
#include "models/fabric/collective_law.h"
#include "sim/study/backtest_collectives.h"
#include "sim/study/backtest_report.h"

namespace aifactory {

struct CollectiveCalibration {
  std::vector<CollectiveLaw> laws;  // fitted to all rows, by id
  // Every row predicted by laws fitted without its fold: rows are dealt into `folds` by a hash of their configuration
  // (operation, kernel, ranks, size, layout, network; not the accelerator, so that relatives do not help each other).
  // Its band is P10 and P90 of the errors of its law and regime in the other folds.
  BacktestReport held_out;
  // "all_gather of hopper": operations inside a domain without a row, whose constants stay as they were.
  std::vector<std::string> unmeasured;
};

// A law per calibration entry (accelerator or family) that a row belongs to.
CollectiveCalibration calibrate_collectives(const Catalog& catalog, const std::vector<CollectiveRow>& rows,
                                            unsigned folds, unsigned threads = 0);

}  // namespace aifactory
