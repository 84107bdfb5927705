#include "sim/site/site_simulation.h"

#include <gtest/gtest.h>

#include <cmath>
#include <stdexcept>
#include <vector>

namespace aifactory {
namespace {

// A plant without weather: PUE is exactly 1/0.98 * (1 + 0.02 + 0.01).
Site plain_site() {
  Site site;
  site.id = "plain";
  CoolingPlant& cooling = site.design.cooling;
  cooling.liquid = cooling.air = CoolingMethod::kDryCooler;
  cooling.equipment.air_handlers = 0.02;
  cooling.equipment.coolant_pumps = 0.02;
  cooling.equipment.dry_cooler_approach = Kelvins(8.0);
  cooling.equipment.liquid_range = cooling.equipment.air_range = Kelvins(10.0);
  cooling.equipment.chiller_cop = 3.0;
  cooling.equipment.chiller_part_load = 0.7;
  cooling.equipment.air_supply = Kelvins(kCelsiusZero + 60.0);
  site.design.path.stages = {{"transformer", 0.98, Watts{}, false}};
  site.design.house_load = 0.01;
  site.design.contracted_margin = 1.1;
  site.climate.mean_dry_bulb = Kelvins(kCelsiusZero + 10.0);
  site.climate.relative_humidity = 0.6;
  site.grid.wholesale = UsdPerJoule(50.0 / 3.6e9);
  site.grid.capacity = UsdPerJoule(10.0 / (1e3 * kYear.value() / 12.0));
  site.grid.carbon_direct = GramsPerJoule(400.0 / 3.6e6);
  return site;
}

System plain_system() {
  System system;
  system.id = "plain";
  system.accelerator.tdp = Watts(1000.0);
  system.accelerator.power = {0.1, 0.4, 1.4, 0.3, 0.5};
  system.accelerators_per_rack = 10;
  system.rack_power = Watts(15e3);
  system.host_idle_fraction = 1.0;  // hosts draw 5 kW a rack always
  system.network_power_fraction = 0.1;
  system.liquid_fraction = 0.8;
  system.coolant_supply = Kelvins(kCelsiusZero + 60.0);
  return system;
}

CapacityCurve plain_curve() {
  std::vector<OperatingPoint> points(3);
  points[1].offered = points[1].completed = Hertz(10.0);
  points[2].offered = Hertz(20.0);
  points[2].completed = Hertz(10.0);
  for (OperatingPoint& p : points) {
    p.input = TokensPerSecond(100.0 * p.completed.value());
    p.cached = TokensPerSecond(10.0 * p.completed.value());
    p.output = TokensPerSecond(200.0 * p.completed.value());
    p.accelerator_power = Watts(200.0 + 70.0 * p.completed.value());
  }
  points[0].within_slo = points[1].within_slo = 1.0;
  points[2].within_slo = 0.1;
  for (std::size_t i = 0; i < points.size(); ++i) {
    points[i].ttft_p50 = points[i].ttft_p99 = Seconds(0.1 * static_cast<double>(i + 1));
    points[i].tpot_p50 = points[i].tpot_p99 = Seconds(0.01 * static_cast<double>(i + 1));
  }
  return CapacityCurve(2, points);
}

SiteInputs plain_inputs() {
  SiteInputs inputs;
  inputs.site = plain_site();
  inputs.weather = WeatherYear(inputs.site.climate, std::vector<double>(kHoursPerYear, 0.0));
  inputs.fleet.push_back({"racks", plain_system(), 100, 1.0});
  inputs.limit = Watts(1e9);
  return inputs;
}

ServingLoad chat(double accelerators, double offered) {
  ServingLoad load;
  load.id = "chat";
  load.accelerators = accelerators;
  load.curve = plain_curve();
  load.shape = LoadShape::flat();
  load.offered = Hertz(offered);
  load.slo_share = 0.95;
  load.priority = 1;
  return load;
}

TrainingLoad train(double accelerators, double watts) {
  TrainingLoad load;
  load.id = "train";
  load.accelerators = accelerators;
  load.profile = {Watts(watts), Watts(watts), 1.0};
  load.tokens = TokensPerSecond(1000.0);
  return load;
}

TEST(SiteYear, IdleRacksDrawIdlePower) {
  const SiteYear year = simulate_site_year(plain_inputs());
  // 1,000 accelerators at 100 W, 5 kW of hosts and 1.5 kW of network in each of 100 racks.
  EXPECT_NEAR(year.it_average.value(), 1000 * 100.0 + 100 * 6500.0, 1e-3);
  EXPECT_NEAR(year.facility_average.value(), (1000 * 100.0 + 100 * 6500.0) * 1.02 / 0.98 + 0.01 * 1.65e6 / 0.98, 1.0);
  EXPECT_TRUE(year.books_ok());
}

TEST(SiteYear, ServingDrawsAndDeliversItsOperatingPoint) {
  SiteInputs inputs = plain_inputs();
  inputs.serving.push_back(chat(1000, 2500.0));  // 500 replicas at 5 requests a second each
  const SiteYear year = simulate_site_year(inputs);
  EXPECT_NEAR(year.accelerator_energy / kYear / Watts(1.0), 1000 * 550.0, 1e-3);
  EXPECT_NEAR(year.serving[0].served, 2500.0 * kYear.value(), 1.0);
  EXPECT_NEAR(year.serving[0].output.value(), 2500.0 * 200.0 * kYear.value(), 1e3);
  EXPECT_NEAR(year.serving[0].cached.value(), 2500.0 * 10.0 * kYear.value(), 1e3);
  EXPECT_EQ(year.serving[0].shed, 0.0);
  EXPECT_EQ(year.capped_hours, 0.0);
}

TEST(SiteYear, LoadBeyondTheSloCapacityIsShedAtTheDoor) {
  SiteInputs inputs = plain_inputs();
  inputs.serving.push_back(chat(1000, 10000.0));  // twice what the replicas complete
  const SiteYear year = simulate_site_year(inputs);
  const ServingYear& serving = year.serving[0];
  const double capacity = plain_curve().slo_capacity(0.95).value() * 500.0 * kYear.value();
  EXPECT_NEAR(serving.shed, serving.offered - capacity, 1e-6 * serving.offered);
  EXPECT_NEAR(serving.served + serving.shed + serving.unfinished, serving.offered, 1e-6 * serving.offered);
  EXPECT_NEAR(serving.within_slo / serving.served, 1.0, 0.06);  // the queue is shed, not the promise
}

TEST(SiteYear, FailedAcceleratorsIdle) {
  SiteInputs inputs = plain_inputs();
  inputs.fleet[0].availability = 0.9;
  inputs.serving.push_back(chat(1000, 4500.0));  // 450 replicas at 10
  const SiteYear year = simulate_site_year(inputs);
  EXPECT_NEAR(year.accelerator_energy / kYear / Watts(1.0), 900 * 900.0 + 100 * 100.0, 1e-3);
  EXPECT_NEAR(year.serving[0].served, 4500.0 * kYear.value(), 1.0);
}

TEST(SiteYear, TheLowestPriorityIsCappedFirst) {
  SiteInputs inputs = plain_inputs();
  inputs.serving.push_back(chat(500, 1250.0));  // 550 W each
  inputs.training.push_back(train(500, 1000.0));
  const SiteYear free = simulate_site_year(inputs);
  inputs.limit = free.facility_peak * 0.93;
  const SiteYear capped = simulate_site_year(inputs);
  EXPECT_EQ(capped.training[0].capped_hours, 8760.0);
  EXPECT_EQ(capped.serving[0].capped_hours, 0.0);
  EXPECT_LT(capped.training[0].throughput, 1.0);
  EXPECT_DOUBLE_EQ(capped.serving[0].served, free.serving[0].served);
  EXPECT_LE(capped.facility_peak, inputs.limit);
  EXPECT_TRUE(capped.books_ok());
}

TEST(SiteYear, CapLawSetsTheThroughputLeft) {
  SiteInputs inputs = plain_inputs();
  inputs.training.push_back(train(1000, 1000.0));
  const SiteYear free = simulate_site_year(inputs);
  inputs.limit = free.facility_peak * 0.90;
  const SiteYear capped = simulate_site_year(inputs);
  const double watts = capped.training[0].accelerator_energy / kYear / Watts(1000.0);  // per accelerator
  EXPECT_NEAR(capped.training[0].throughput, std::sqrt(watts / 1000.0), 1e-9);
  EXPECT_NEAR(capped.training[0].tokens.value(), 1000.0 * kYear.value() * capped.training[0].throughput, 1.0);
  EXPECT_GT(watts, 1000.0 * 0.8);
}

TEST(SiteYear, AnImpossibleLimitIsNamedNotHidden) {
  SiteInputs inputs = plain_inputs();
  inputs.training.push_back(train(1000, 1000.0));
  inputs.limit = Watts(1e5);
  const SiteYear year = simulate_site_year(inputs);
  EXPECT_EQ(year.over_limit_hours, 8760.0);
  EXPECT_FALSE(year.books_ok());
}

TEST(SiteYear, EnergyIsPaidByTheHourAndCapacityByTheContract) {
  const SiteInputs inputs = plain_inputs();
  const SiteYear year = simulate_site_year(inputs);
  EXPECT_NEAR(year.energy_cost.value(), year.facility_energy.value() / 3.6e9 * 50.0, 1.0);
  EXPECT_NEAR(year.capacity_cost.value(), 1.1e9 / 1e3 * 10.0 * 12.0, 1.0);
  EXPECT_NEAR(year.carbon_direct_kg, year.facility_energy.value() / 3.6e6 * 0.4, 1.0);
}

TEST(SiteYear, RefusesContradictoryInputs) {
  SiteInputs inputs = plain_inputs();
  inputs.training.push_back(train(1001, 1000.0));
  EXPECT_THROW(simulate_site_year(inputs), std::invalid_argument);
  inputs.training[0].accelerators = 10;
  inputs.training[0].group = 1;
  EXPECT_THROW(simulate_site_year(inputs), std::invalid_argument);
  inputs.training[0].group = 0;
  inputs.weather = WeatherYear();
  EXPECT_THROW(simulate_site_year(inputs), std::invalid_argument);
}

TEST(SiteWeather, EachSeedAndSiteHasItsOwn) {
  const Climate climate = [] {
    Climate c = plain_site().climate;
    c.noise_sd = Kelvins(4.0);
    c.noise_correlation = 0.98;
    return c;
  }();
  EXPECT_EQ(draw_weather(climate, "a", 1).at(100).dry_bulb, draw_weather(climate, "a", 1).at(100).dry_bulb);
  EXPECT_NE(draw_weather(climate, "a", 1).at(100).dry_bulb, draw_weather(climate, "b", 1).at(100).dry_bulb);
  EXPECT_NE(draw_weather(climate, "a", 1).at(100).dry_bulb, draw_weather(climate, "a", 2).at(100).dry_bulb);
}

TEST(MeterLimit, AnEnvelopeIsSeenAtThePeak) {
  const PowerChain chain(plain_system(), {1.1, 1.25, 1.08});
  EXPECT_NEAR(meter_limit(Watts(1e9), PowerBoundary::kPeakFacility, chain).value(), 1e9, 1e-3);
  EXPECT_NEAR(meter_limit(Watts(1e9), PowerBoundary::kContracted, chain).value(), 1e9 / 1.08, 1e-3);
  EXPECT_NEAR(meter_limit(Watts(1e9), PowerBoundary::kAverageFacility, chain).value(), 1e9 * 1.25 / 1.1, 1e-3);
}

}  // namespace
}  // namespace aifactory
