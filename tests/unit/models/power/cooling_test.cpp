#include "models/power/cooling.h"

#include <gtest/gtest.h>

#include <cmath>

namespace aifactory {
namespace {

constexpr double kLitresPerKwh = 3.6e6;  // of LitresPerJoule

CoolingEquipment equipment() {
  CoolingEquipment e;
  e.coolant_pumps = 0.012;
  e.air_handlers = 0.035;
  e.dry_cooler_fans = 0.02;
  e.tower_fans = 0.01;
  e.dry_cooler_approach = Kelvins(8.0);
  e.tower_approach = Kelvins(6.5);
  e.evaporative_approach = Kelvins(3.0);
  e.liquid_range = Kelvins(10.0);
  e.air_range = Kelvins(12.0);
  e.chiller_cop = 3.0;
  e.chiller_part_load = 0.7;
  e.cycles_of_concentration = 5.0;
  e.air_supply = Kelvins(kCelsiusZero + 22.0);
  return e;
}

TEST(Chiller, CurveGivesThePublishedCoefficients) {
  // COP at 70 % of nominal load, 6.67 degC water, from the EnergyPlus curve with the evaporator term as documented.
  const double published[][2] = {{0, 4.20}, {10, 4.59}, {20, 4.19}, {25, 3.85}, {30, 3.49}, {35, 3.15}, {40, 2.85}};
  for (const auto& [ambient, cop] : published) {
    const Watts power = chiller_power(Watts(0.7e6), Watts(1e6), 3.0, ambient, 6.67);
    EXPECT_NEAR(Watts(0.7e6) / power, cop, 0.006) << ambient << " degC";
  }
}

TEST(Chiller, RatedPointNeedsNearlyRatedPower) {
  EXPECT_NEAR(Watts(0.9448e6) / chiller_power(Watts(0.9448e6), Watts(1e6), 3.0, 35.0, 6.67), 3.0, 0.1);
}

TEST(Chiller, NoFreeLunchInColdAir) {
  // Head pressure control: the ratio stops improving instead of turning round.
  EXPECT_EQ(chiller_power_ratio(3.0, 0.7, -20.0, 15.0), chiller_power_ratio(3.0, 0.7, -10.0, 15.0));
  EXPECT_LT(chiller_power_ratio(3.0, 0.7, 10.0, 15.0), chiller_power_ratio(3.0, 0.7, 40.0, 15.0));
}

TEST(Chiller, WarmerWaterSavesAboutFourPercentPerKelvin) {
  const double cold = chiller_power_ratio(3.0, 0.7, 35.0, 7.0);
  const double warm = chiller_power_ratio(3.0, 0.7, 35.0, 10.0);
  const double saving = 1.0 - std::pow(warm / cold, 1.0 / 3.0);
  EXPECT_GT(saving, 0.02);
  EXPECT_LT(saving, 0.06);
}

TEST(DryCooler, FreeBelowSupplyLessApproachAndTrimmedAbove) {
  const auto at = [](double dry) { return reject_by_dry_cooler(equipment(), {dry, dry - 5.0}, 35.0, 10.0); };
  EXPECT_EQ(at(27.0).chiller_share, 0.0);
  EXPECT_NEAR(at(27.0).power, 0.02, 1e-12);
  EXPECT_NEAR(at(32.0).chiller_share, 0.5, 1e-12);
  EXPECT_EQ(at(40.0).chiller_share, 1.0);
  EXPECT_NEAR(at(-20.0).power, 0.02 * 0.3 * 0.3 * 0.3, 1e-12);  // fans at their slowest
  EXPECT_EQ(at(32.0).water.value(), 0.0);
}

TEST(DryCooler, FanPowerFollowsTheCubeOfTheFlow) {
  const HeatRejection far = reject_by_dry_cooler(equipment(), {19.0, 15.0}, 35.0, 10.0);  // twice the approach
  EXPECT_NEAR(far.power, 0.02 / 8.0, 1e-12);
}

TEST(Tower, WaterIsTheLatentPartPlusBlowdown) {
  // Hot dry air: all heat goes into vapour; 1.48 L per kWh of heat, a quarter more for five cycles.
  const HeatRejection hot = reject_by_tower(equipment(), {40.0, 20.0}, 35.0, 10.0);
  EXPECT_NEAR(hot.water.value() * kLitresPerKwh, 3.6e6 / 2.43e6 * 1.25, 1e-9);
  const HeatRejection cool = reject_by_tower(equipment(), {10.0, 8.0}, 35.0, 10.0);
  EXPECT_LT(cool.water.value(), hot.water.value());
  EXPECT_GT(cool.water.value(), 0.5 * hot.water.value());
}

TEST(Tower, FollowsTheWetBulb) {
  EXPECT_EQ(reject_by_tower(equipment(), {45.0, 22.0}, 35.0, 10.0).chiller_share, 0.0);
  EXPECT_GT(reject_by_tower(equipment(), {31.0, 30.0}, 35.0, 10.0).chiller_share, 0.0);
}

TEST(AirEconomiser, FreeThenWettedThenChilled) {
  const auto at = [](double dry, double wet) { return reject_by_air_economiser(equipment(), {dry, wet}, 25.0, 12.0); };
  EXPECT_EQ(at(20.0, 15.0).water.value(), 0.0);
  EXPECT_EQ(at(20.0, 15.0).power, 0.0);
  EXPECT_GT(at(32.0, 20.0).water.value(), 0.0);
  EXPECT_EQ(at(32.0, 20.0).chiller_share, 0.0);
  EXPECT_GT(at(34.0, 27.0).chiller_share, 0.0);
}

TEST(Plant, WhatMovesTheHeatIsRejectedWithIt) {
  CoolingPlant plant{CoolingMethod::kChiller, CoolingMethod::kChiller, equipment()};
  const WeatherHour weather{30.0, 22.0};
  const double ratio = chiller_power_ratio(3.0, 0.7, 30.0, 22.0);
  EXPECT_NEAR(plant.reject_air(weather).power, 0.035 + 1.035 * ratio, 1e-12);
  EXPECT_NEAR(plant.reject_liquid(weather, 22.0).power, 0.012 + 1.012 * ratio, 1e-12);
}

TEST(Plant, TheTableNamesEveryMethodInOrder) {
  for (std::size_t i = 0; i < kCoolingMethodCount; ++i) {
    EXPECT_EQ(static_cast<std::size_t>(cooling_variants()[i].method), i);
  }
  EXPECT_EQ(name(CoolingMethod::kTower), "tower");
}

}  // namespace
}  // namespace aifactory
