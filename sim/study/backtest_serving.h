// Measured time to first token and per output token of closed-loop serving runs against the closed form of a replica at
// the same concurrency.
//
// A run keeps `concurrency` requests in flight on tp x pp x attention_dp accelerators. TPOT is that of the steady state
// with as many of them as the cache holds. TTFT is the steady state's, plus the wait of those the cache does not hold
// (Little's law), for nine of ten prompts; one in ten belongs to the initial burst, which is computed together.
// What a prediction uses: model, system, engine, formats, layout, lengths and concurrency; never a measured value.
// Skipped, with the reason: disaggregated pools, pipeline stages, drafting whose acceptance is not recorded, models and
// systems that the catalogue does not have, deployments that do not fit.
#pragma once

#include "models/catalog/catalog.h"
#include "models/catalog/measured_table.h"
#include "sim/study/backtest_report.h"

namespace aifactory {

BacktestReport backtest_serving_points(const Catalog& catalog, const MeasuredTable& table,
                                       const std::vector<std::string>& by);

}  // namespace aifactory
