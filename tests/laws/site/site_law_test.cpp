// What no site may do, whatever its climate, plant, fleet and load.
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <cmath>
#include <vector>

#include "sim/site/site_simulation.h"

namespace aifactory {
namespace {

double between(double low, double high) {
  return low + (high - low) * (*rc::gen::inRange(0, 1000001) / 1e6);
}

Site any_site() {
  Site site;
  site.id = "any";
  Climate& climate = site.climate;
  climate.mean_dry_bulb = Kelvins(kCelsiusZero + between(-5.0, 30.0));
  climate.annual_amplitude = Kelvins(between(0.0, 16.0));
  climate.diurnal_amplitude = Kelvins(between(0.0, 8.0));
  climate.noise_sd = Kelvins(between(0.0, 5.0));
  climate.noise_correlation = 0.98;
  climate.noise_seasonality = between(0.0, 0.4);
  climate.relative_humidity = between(0.2, 0.9);
  climate.warmest_day = between(0.0, 365.0);
  climate.warmest_hour = 15.0;
  climate.design_dry_bulb = climate.mean_dry_bulb + Kelvins(between(0.0, 25.0));
  climate.design_wet_bulb = climate.design_dry_bulb - Kelvins(between(0.0, 12.0));
  CoolingPlant& cooling = site.design.cooling;
  cooling.liquid = static_cast<CoolingMethod>(*rc::gen::inRange(0, 3));
  cooling.air = static_cast<CoolingMethod>(*rc::gen::inRange(0, 4));
  CoolingEquipment& e = cooling.equipment;
  e.coolant_pumps = between(0.0, 0.03);
  e.air_handlers = between(0.0, 0.1);
  e.dry_cooler_fans = between(0.0, 0.04);
  e.tower_fans = between(0.0, 0.02);
  e.dry_cooler_approach = Kelvins(between(3.0, 12.0));
  e.tower_approach = Kelvins(between(3.0, 9.0));
  e.evaporative_approach = Kelvins(between(1.0, 5.0));
  e.liquid_range = Kelvins(between(5.0, 15.0));
  e.air_range = Kelvins(between(5.0, 15.0));
  e.chiller_cop = between(2.5, 6.0);
  e.chiller_part_load = between(0.3, 1.0);
  e.cycles_of_concentration = between(2.0, 8.0);
  e.air_supply = Kelvins(kCelsiusZero + between(10.0, 30.0));
  site.design.path.stages = {{"transformer", between(0.95, 1.0), Watts{}, false},
                             {"ups", between(0.9, 1.0), Watts{}, true}};
  site.design.house_load = between(0.0, 0.03);
  site.design.contracted_margin = between(1.0, 1.3);
  site.grid.wholesale = UsdPerJoule(between(0.0, 200.0) / 3.6e9);
  site.grid.price_shape = {between(0.0, 1.0), between(0.0, 23.0)};
  site.grid.carbon_direct = GramsPerJoule(between(0.0, 800.0) / 3.6e6);
  return site;
}

System any_system() {
  System system;
  system.accelerator.tdp = Watts(between(300.0, 2500.0));
  system.accelerator.power = {between(0.05, 0.2), 0.4, 1.4, 0.3, between(0.3, 0.8)};
  system.accelerators_per_rack = *rc::gen::inRange(8, 145);
  system.rack_power = system.accelerator.tdp * (static_cast<double>(system.accelerators_per_rack) * between(1.05, 1.9));
  system.host_idle_fraction = between(0.2, 0.8);
  system.network_power_fraction = between(0.0, 0.2);
  system.liquid_fraction = between(0.0, 1.0);
  system.coolant_supply = Kelvins(kCelsiusZero + between(18.0, 45.0));
  return system;
}

// A replica of 8 that idles at 15 % of TDP and saturates at 10 requests a second.
CapacityCurve curve_of(const Accelerator& accelerator) {
  std::vector<OperatingPoint> points;
  for (const double load : {0.0, 2.0, 6.0, 8.0, 10.0, 14.0}) {
    OperatingPoint p;
    p.offered = Hertz(load);
    p.completed = Hertz(std::min(load, 10.0));
    p.input = TokensPerSecond(p.completed.value() * 800.0);
    p.output = TokensPerSecond(p.completed.value() * 900.0);
    p.ttft_p50 = p.ttft_p99 = Seconds(0.1 + 0.1 * load);
    p.tpot_p50 = p.tpot_p99 = Seconds(0.01 + 0.002 * load);
    p.within_slo = load <= 8.0 ? 1.0 : (load <= 10.0 ? 0.6 : 0.1);
    p.accelerator_power = accelerator.tdp * (0.15 + 0.08 * std::min(load, 10.0));
    points.push_back(p);
  }
  return CapacityCurve(8, points);
}

SiteInputs any_inputs() {
  SiteInputs inputs;
  inputs.site = any_site();
  inputs.weather = draw_weather(inputs.site.climate, "any", 7);
  FleetGroup group{"racks", any_system(), *rc::gen::inRange<std::int64_t>(1, 2000), between(0.9, 1.0)};
  ServingLoad serving;
  serving.id = "chat";
  serving.accelerators = std::floor(group.accelerators() * 0.6);
  serving.curve = curve_of(group.system.accelerator);
  serving.shape = LoadShape::diurnal(between(1.2, 1.8), 20.0, between(0.7, 1.0));
  serving.offered = Hertz(serving.accelerators / 8.0 * between(0.0, 12.0));
  serving.slo_share = 0.9;
  serving.priority = 1;
  TrainingLoad training;
  training.id = "train";
  training.accelerators = std::floor(group.accelerators() * 0.4);
  training.profile = {group.system.accelerator.tdp * between(0.6, 1.0), group.system.accelerator.tdp * 0.2, 0.93};
  training.tokens = TokensPerSecond(1e6);
  inputs.fleet.push_back(group);
  inputs.serving.push_back(serving);
  inputs.training.push_back(training);
  const PowerChain chain(group.system, facility_overheads(inputs.site, group.system, inputs.weather));
  inputs.limit = chain.at(PowerBoundary::kPeakFacility) * (group.accelerators() * between(0.6, 1.2));
  return inputs;
}

TEST(Site, WarmerNeverLowersCoolingPower) {
  EXPECT_TRUE(rc::check("monotone in dry and wet bulb together", [] {
    const Site site = any_site();
    const HeatLoad load{Watts(between(0.0, 1e8)), Watts(between(1e3, 1e8)), between(15.0, 45.0)};
    Watts before{};
    double wet_below = between(0.0, 10.0);
    for (double dry = -25.0; dry <= 48.0; dry += 0.5) {
      const FacilityState state = facility_at(site, {dry, dry - wet_below}, {&load, 1}, load.liquid + load.air);
      RC_ASSERT(state.cooling >= before * (1.0 - 1e-12));
      RC_ASSERT(state.facility >= load.liquid + load.air);
      RC_ASSERT(state.water.value() >= 0.0);
      RC_ASSERT(state.chiller_share >= 0.0 && state.chiller_share <= 1.0 + 1e-12);
      before = state.cooling;
    }
  }));
}

TEST(Site, ConservesAndStaysWithinItsLimit) {
  EXPECT_TRUE(rc::check("books, PUE >= 1, limit", [] {
    const SiteInputs inputs = any_inputs();
    const SiteYear year = simulate_site_year(inputs);
    for (const BookCheck& check : year.checks) {
      if (check.id != "power.facility within the limit") {
        RC_LOG() << check.id << " " << check.residual;
        RC_ASSERT(check.ok);
      }
    }
    double integral = 0.0;
    for (std::size_t h = 0; h < year.series.facility_w.size(); ++h) {
      RC_ASSERT(year.series.pue[h] >= 1.0);
      integral += year.series.facility_w[h] * 3600.0;
      if (year.over_limit_hours == 0.0) {
        RC_ASSERT(year.series.facility_w[h] <= inputs.limit.value());
      }
    }
    RC_ASSERT(std::abs(integral - year.facility_energy.value()) <= 1e-9 * integral);
    RC_ASSERT(year.pue_average >= 1.0 && year.pue_peak >= year.pue_average - 1e-12);
    RC_ASSERT(year.serving[0].within_slo <= year.serving[0].served * (1.0 + 1e-12));
    RC_ASSERT(year.facility_peak >= year.facility_average);
  }));
}

TEST(Site, ATighterLimitNeverTrainsMore) {
  EXPECT_TRUE(rc::check("monotone in the limit", [] {
    SiteInputs inputs = any_inputs();
    const SiteYear loose = simulate_site_year(inputs);
    inputs.limit *= between(0.7, 1.0);
    const SiteYear tight = simulate_site_year(inputs);
    RC_ASSERT(tight.training[0].tokens <= loose.training[0].tokens * (1.0 + 1e-12));
    RC_ASSERT(tight.facility_energy <= loose.facility_energy * (1.0 + 1e-12));
  }));
}

TEST(Site, SameInputsSameBytes) {
  EXPECT_TRUE(rc::check("determinism", [] {
    const SiteInputs inputs = any_inputs();
    const SiteYear a = simulate_site_year(inputs);
    const SiteYear b = simulate_site_year(inputs);
    RC_ASSERT(a.series.facility_w == b.series.facility_w);
    RC_ASSERT(a.energy_cost == b.energy_cost);
  }));
}

}  // namespace
}  // namespace aifactory
