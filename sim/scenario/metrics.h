// From planned and simulated sites to the metrics, tables, series and checks of a Result.
#pragma once

#include <vector>

#include "sim/scenario/money.h"
#include "sim/scenario/resolved.h"
#include "sim/scenario/result.h"
#include "sim/scenario/site_plan.h"

namespace aifactory {

// The grade that each group of facts lends to the metrics it feeds (metric_table.h).
struct FactGrades {
  Grade compute = Grade::kMeasured;
  Grade power = Grade::kMeasured;
  Grade site = Grade::kMeasured;
  Grade price = Grade::kMeasured;
};

// A simulated site with its books.
struct SiteAnswer {
  const PlannedSite* plan = nullptr;
  SiteMoney money;
};

// Metrics of the whole, and under `site.<id>.` and `workload.<id>.` where there are several.
void report_metrics(const Resolved& resolved, const std::vector<SiteAnswer>& sites, const FactGrades& grades,
                    Result& result);

// Breakdowns behind the metrics: power chain, capex, opex, schedule, layouts, capacity curves, training steps.
void report_tables(const Resolved& resolved, const std::vector<SiteAnswer>& sites, Result& result);

// Daily means over the year and the balances that were checked.
void report_series_and_checks(const Resolved& resolved, const std::vector<SiteAnswer>& sites, Result& result);

}  // namespace aifactory
