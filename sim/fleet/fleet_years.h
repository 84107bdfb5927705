// Years of a factory: a simulated site year multiplied by what is online, turned into the books' inputs.
#pragma once

#include <vector>

#include "models/capacity/site_year.h"
#include "models/economics/project.h"
#include "models/economics/schedule.h"

namespace aifactory {

// What one site contributes and how it grows.
struct FleetPlan {
  const SiteYear* year = nullptr;  // the site with every rack online
  Capex capex;
  Watts critical_it{};
  BuildSchedule schedule;
  int years = 0;              // of operation after the first token
  double price_growth = 0.0;  // of token prices, a year (-0.3: falling by 30 %)
};

// One operating year counted from the first token.
struct FleetYear {
  double online = 0.0;  // mean share of racks over the year
  TokenCounts tokens;
  Joules energy{};
  double water_m3 = 0.0;
  double carbon_kg = 0.0;
  OperatingYear books;
};

// Tokens and energy scale with the share online; capacity charges, maintenance and staff are due in full.
std::vector<FleetYear> simulate_fleet_years(const FleetPlan& plan, const PriceBook& prices);

// Tokens of all serving workloads of a year.
TokenCounts token_counts(const SiteYear& year);

}  // namespace aifactory
