#include "sim/fleet/fleet_years.h"

namespace aifactory {

TokenCounts token_counts(const SiteYear& year) {
  TokenCounts counts;
  for (const ServingYear& serving : year.serving) {
    counts.input += serving.input;
    counts.cached += serving.cached;
    counts.output += serving.output;
  }
  return counts;
}

namespace {

// Mean of the installed share over one year from `start` (after the decision): the ramp is linear, so its mean over a
// year is exact from the pieces on either side of its end.
double mean_online(const BuildSchedule& schedule, Seconds start) {
  const Seconds end = start + kYear;
  const Seconds ramp_end = min(max(schedule.complete, start), end);
  const double rising = 0.5 * (schedule.online(start) + schedule.online(ramp_end));
  return (rising * (ramp_end - start) + 1.0 * (end - ramp_end)) / kYear;
}

}  // namespace

std::vector<FleetYear> simulate_fleet_years(const FleetPlan& plan, const PriceBook& prices) {
  const SiteYear& site = *plan.year;
  const TokenCounts full = token_counts(site);
  std::vector<FleetYear> years;
  double price_level = 1.0;
  for (int i = 0; i < plan.years; ++i) {
    FleetYear year;
    year.online = mean_online(plan.schedule, plan.schedule.first_token + kYear * static_cast<double>(i));
    year.tokens = {full.input * year.online, full.cached * year.online, full.output * year.online};
    year.energy = site.facility_energy * year.online;
    year.water_m3 = site.water_m3 * year.online;
    year.carbon_kg = site.carbon_direct_kg * year.online;
    const YearOfUse use{site.energy_cost * year.online, site.capacity_cost, Litres(year.water_m3 * 1000.0),
                        Grams(year.carbon_kg * 1000.0)};
    year.books = {annual_opex(plan.capex, plan.critical_it, use, prices.opex), year.tokens,
                  revenue(year.tokens, prices.tokens) * price_level};
    price_level *= 1.0 + plan.price_growth;
    years.push_back(std::move(year));
  }
  return years;
}

}  // namespace aifactory
