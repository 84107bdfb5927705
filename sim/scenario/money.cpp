#include "sim/scenario/money.h"

#include <cmath>

namespace aifactory {

namespace {

// What training capacity earns in a full year at the stated price per accelerator.
Usd training_revenue(const Resolved& resolved, const PlannedSite& site) {
  if (!resolved.scenario.economics.accelerator_price) {
    return Usd{};
  }
  Usd total{};
  for (const PlannedWorkload& workload : site.workloads) {
    if (workload.training) {
      total += *resolved.scenario.economics.accelerator_price * kYear * static_cast<double>(workload.used());
    }
  }
  return total;
}

// What the tokens of a full year earn, each workload at its own prices.
Usd serving_revenue(const Resolved& resolved, const PlannedSite& site) {
  Usd total{};
  for (const ServingYear& year : site.year.serving) {
    for (const PlannedWorkload& planned : site.workloads) {
      const ResolvedWorkload& workload = resolved.workloads[planned.workload];
      if (workload.spec.id == year.id) {
        total += revenue(TokenCounts{year.input, year.cached, year.output}, workload.prices);
      }
    }
  }
  return total;
}

}  // namespace

SiteMoney account(const Resolved& resolved, const PlannedSite& site) {
  SiteMoney money;
  std::vector<RackOrder> orders;
  double racks = 0.0;
  for (const PlannedFleet& fleet : site.fleets) {
    const System& system = resolved.fleets[fleet.fleet].system;
    orders.push_back({&system, fleet.racks});
    money.critical_it += fleet.rated_it;
    racks += static_cast<double>(fleet.racks);
  }
  const Site& place = resolved.sites[site.site].site;
  money.contracted = site.limit * place.design.contracted_margin;
  const PriceBook& prices = resolved.prices;
  money.capex = build_capex(orders, money.critical_it, money.contracted, place.construction_factor, prices.capex);
  const YearOfUse use{site.year.energy_cost, site.year.capacity_cost, Litres(site.year.water_m3 * 1e3),
                      Grams(site.year.carbon_direct_kg * 1e3)};
  money.opex = annual_opex(money.capex, money.critical_it, use, prices.opex);
  money.schedule = plan_build(prices.build, place.interconnection, racks);

  const EconomicsSpec& economics = resolved.scenario.economics;
  FleetPlan plan;
  plan.year = &site.year;
  plan.capex = money.capex;
  plan.critical_it = money.critical_it;
  plan.schedule = money.schedule;
  plan.years = static_cast<int>(std::lround(economics.years.value_or(prices.finance.it_life / kYear)));
  plan.price_growth = economics.token_price_growth.value_or(0.0);
  money.years = simulate_fleet_years(plan, prices);
  const Usd from_tokens = serving_revenue(resolved, site);
  const Usd from_training = training_revenue(resolved, site);
  money.revenue = from_tokens + from_training;
  std::vector<OperatingYear> books;
  double price_level = 1.0;
  for (FleetYear& year : money.years) {
    year.books.revenue = (from_tokens * price_level + from_training) * year.online;
    price_level *= 1.0 + plan.price_growth;
    books.push_back(year.books);
  }
  money.financials = evaluate_project(money.capex, books, prices.finance);
  return money;
}

}  // namespace aifactory
