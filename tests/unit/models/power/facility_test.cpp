#include "models/power/facility.h"

#include <gtest/gtest.h>

#include <vector>

namespace aifactory {
namespace {

Site plain_site() {
  Site site;
  site.id = "plain";
  CoolingEquipment& e = site.design.cooling.equipment;
  e.coolant_pumps = 0.01;
  e.air_handlers = 0.03;
  e.dry_cooler_fans = 0.02;
  e.dry_cooler_approach = Kelvins(8.0);
  e.liquid_range = Kelvins(10.0);
  e.air_range = Kelvins(12.0);
  e.chiller_cop = 3.0;
  e.chiller_part_load = 0.7;
  e.air_supply = Kelvins(kCelsiusZero + 22.0);
  site.design.cooling.liquid = CoolingMethod::kDryCooler;
  site.design.cooling.air = CoolingMethod::kDryCooler;
  site.design.path.stages = {{"transformer", 0.99, Watts{}, false}, {"ups", 0.96, Watts{}, true}};
  site.design.house_load = 0.01;
  site.design.contracted_margin = 1.1;
  return site;
}

TEST(Facility, EveryWattIsAccountedFor) {
  const Site site = plain_site();
  const std::vector<HeatLoad> loads = {{Watts(80e6), Watts(20e6), 35.0}};
  const FacilityState state = facility_at(site, {25.0, 18.0}, loads, Watts(110e6));
  EXPECT_NEAR(state.facility.value(), (Watts(100e6) + state.cooling + state.losses + state.house).value(), 1e-3);
  EXPECT_NEAR(state.house.value(), 1.1e6, 1e-6);
  // UPS: 100/0.96; then cooling and house join before the transformer.
  EXPECT_NEAR(state.facility.value(), (100e6 / 0.96 + state.cooling.value() + 1.1e6) / 0.99, 1e-3);
}

TEST(Facility, UpsLossesAreCooledAsAir) {
  Site with = plain_site();
  Site without = plain_site();
  without.design.path.stages.pop_back();
  const std::vector<HeatLoad> loads = {{Watts(80e6), Watts(20e6), 35.0}};
  const Watts more = facility_at(with, {10.0, 8.0}, loads, Watts(100e6)).cooling -
                     facility_at(without, {10.0, 8.0}, loads, Watts(100e6)).cooling;
  const double air = with.design.cooling.reject_air({10.0, 8.0}).power;
  EXPECT_NEAR(more.value(), (100e6 / 0.96 - 100e6) * air, 1e-3);
}

TEST(Facility, NetworkHeatGoesToAir) {
  System system;
  system.liquid_fraction = 0.85;
  system.coolant_supply = Kelvins(kCelsiusZero + 35.0);
  const HeatLoad heat = heat_of(system, Watts(100.0), Watts(12.0));
  EXPECT_DOUBLE_EQ(heat.liquid.value(), 85.0);
  EXPECT_NEAR(heat.air.value(), 15.0 + 12.0, 1e-12);
  EXPECT_NEAR(heat.supply, 35.0, 1e-9);
}

TEST(Facility, PeakOverheadIsTheDesignDay) {
  Site site = plain_site();
  site.climate.mean_dry_bulb = Kelvins(kCelsiusZero + 10.0);
  site.climate.relative_humidity = 0.6;
  site.climate.design_dry_bulb = Kelvins(kCelsiusZero + 36.0);
  site.climate.design_wet_bulb = Kelvins(kCelsiusZero + 25.0);
  System system;
  system.rack_power = Watts(132e3);
  system.network_power_fraction = 0.12;
  system.liquid_fraction = 0.85;
  system.coolant_supply = Kelvins(kCelsiusZero + 35.0);
  const WeatherYear year(site.climate, std::vector<double>(kHoursPerYear, 0.0));
  const FacilityOverheads overheads = facility_overheads(site, system, year);
  EXPECT_GT(overheads.pue_average, 1.0);
  EXPECT_GT(overheads.pue_peak, overheads.pue_average + 0.05);
  EXPECT_DOUBLE_EQ(overheads.contracted_margin, 1.1);
}

TEST(Conversion, RectifierFormMatchesItsAuthorsFrontierModel) {
  // ExaDigiT/RAPS, frontier.yaml: per node CPU, 4 GPUs, memory, 4 NICs, 2 NVMe; SIVOC (P + 13)/0.98 per node; rectifier
  // (P + 17)/0.96 per four nodes; 74 racks of 128 nodes and 32 switches; 25 CDUs. Published by them: 28.2 and 7.28 MW.
  const LossStage sivoc{"sivoc", 0.98, Watts(13.0), false};
  const LossStage rectifier{"rectifier", 0.96, Watts(17.0), false};
  const auto system = [&](double cpu, double gpu) {
    const Watts node = Watts(cpu + 4 * gpu + 74.26 + 4 * 20.0 + 2 * 15.0);
    const Watts nodes = rectifier.input(sivoc.input(node) * 4.0) * (74.0 * 128.0 / 4.0);
    return nodes + Watts(74.0 * 32.0 * 250.0) + Watts(25.0 * 8473.47);
  };
  EXPECT_NEAR(system(280.0, 560.0).value() / 1e6, 28.20, 0.005);
  EXPECT_NEAR(system(90.0, 88.0).value() / 1e6, 7.28, 0.005);
}

TEST(Grid, PriceVariesAboutItsMeanAndCapacityIsByContractedPower) {
  GridRegion region;
  region.wholesale = UsdPerJoule(40.0 / 3.6e9);
  region.delivery = UsdPerJoule(14.0 / 3.6e9);
  region.capacity = UsdPerJoule(10.0 / (1e3 * kYear.value() / 12.0));  // 10 USD/kW-month
  region.price_shape = {0.25, 18.0};
  region.carbon_direct = GramsPerJoule(321.0 / 3.6e6);
  region.carbon_life_cycle = GramsPerJoule(392.0 / 3.6e6);
  const GridSupply grid(region, Watts(1e9));
  double sum = 0.0;
  for (int hour = 0; hour < 24; ++hour) {
    sum += grid.at(hour).price.value();
  }
  EXPECT_NEAR(sum / 24.0 * 3.6e9, 54.0, 1e-9);
  EXPECT_NEAR(grid.at(18).price.value() * 3.6e9, 40.0 * 1.25 + 14.0, 1e-9);
  EXPECT_NEAR(grid.annual_charge(Watts(1e9)).value(), 10.0 * 1e6 * 12.0, 1.0);
  EXPECT_EQ(grid.at(0).available.value(), 1e9);
  EXPECT_GT(grid.at(5).carbon_life_cycle.value(), grid.at(5).carbon_direct.value());
}

}  // namespace
}  // namespace aifactory
