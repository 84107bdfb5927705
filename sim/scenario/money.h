// The books of a planned site: what it costs to build and run, when it starts, what it earns.
#pragma once

#include "models/economics/project.h"
#include "models/economics/schedule.h"
#include "sim/fleet/fleet_years.h"
#include "sim/scenario/site_plan.h"

namespace aifactory {

struct SiteMoney {
  Capex capex;
  Opex opex;  // of a full year
  BuildSchedule schedule;
  std::vector<FleetYear> years;
  Financials financials;
  Usd revenue{};        // of a full year
  Watts critical_it{};  // rated
  Watts contracted{};

  // Capital charge and running cost of a full year.
  [[nodiscard]] Usd annual_cost() const { return financials.capital.total() + opex.total(); }
};

SiteMoney account(const Resolved& resolved, const PlannedSite& site);

}  // namespace aifactory
