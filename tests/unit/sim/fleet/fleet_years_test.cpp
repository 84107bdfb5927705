#include "sim/fleet/fleet_years.h"

#include <gtest/gtest.h>

namespace aifactory {
namespace {

Seconds months(double n) {
  return kYear * (n / 12.0);
}

SiteYear full_year() {
  SiteYear year;
  ServingYear chat;
  chat.id = "chat";
  chat.input = Tokens(8e12);
  chat.cached = Tokens(2e12);
  chat.output = Tokens(1e12);
  year.serving = {chat, chat};
  year.facility_energy = Joules(3.6e15);
  year.energy_cost = Usd(60e6);
  year.capacity_cost = Usd(20e6);
  year.water_m3 = 1000.0;
  year.carbon_direct_kg = 4e8;
  return year;
}

FleetPlan plan_of(const SiteYear& year, double ramp_months) {
  FleetPlan plan;
  plan.year = &year;
  plan.schedule.first_token = months(24);
  plan.schedule.complete = months(24.0 + ramp_months);
  plan.years = 3;
  return plan;
}

PriceBook prices() {
  PriceBook book;
  book.tokens.input = UsdPerToken(1e-6);
  book.tokens.output = UsdPerToken(4e-6);
  return book;
}

TEST(FleetYears, TokensOfAllWorkloads) {
  const TokenCounts counts = token_counts(full_year());
  EXPECT_EQ(counts.input.value(), 16e12);
  EXPECT_EQ(counts.cached.value(), 4e12);
  EXPECT_EQ(counts.output.value(), 2e12);
}

TEST(FleetYears, ALinearRampHalvesTheTimeItTakes) {
  const SiteYear year = full_year();
  const auto instant = simulate_fleet_years(plan_of(year, 0.0), prices());
  EXPECT_DOUBLE_EQ(instant[0].online, 1.0);
  const auto ramp = simulate_fleet_years(plan_of(year, 12.0), prices());
  EXPECT_NEAR(ramp[0].online, 0.5, 1e-12);
  EXPECT_DOUBLE_EQ(ramp[1].online, 1.0);
  const auto half = simulate_fleet_years(plan_of(year, 6.0), prices());
  EXPECT_NEAR(half[0].online, 0.75, 1e-12);
  const auto slow = simulate_fleet_years(plan_of(year, 24.0), prices());
  EXPECT_NEAR(slow[0].online, 0.25, 1e-12);
  EXPECT_NEAR(slow[1].online, 0.75, 1e-12);
}

TEST(FleetYears, ConsumptionScalesAndTheConnectionIsDueInFull) {
  const SiteYear year = full_year();
  const auto years = simulate_fleet_years(plan_of(year, 12.0), prices());
  EXPECT_NEAR(years[0].tokens.input.value(), 8e12, 1.0);
  EXPECT_NEAR(years[0].books.opex.of("energy").value(), 30e6, 1e-3);
  EXPECT_NEAR(years[0].books.opex.of("capacity").value(), 20e6, 1e-3);
  EXPECT_NEAR(years[0].energy.value(), 1.8e15, 1.0);
  EXPECT_NEAR(years[0].water_m3, 500.0, 1e-9);
  EXPECT_NEAR(years[0].books.revenue.value(), 8e12 * 1e-6 + 1e12 * 4e-6, 1.0);
}

TEST(FleetYears, FallingPricesCompound) {
  const SiteYear year = full_year();
  FleetPlan plan = plan_of(year, 0.0);
  plan.price_growth = -0.3;
  const auto years = simulate_fleet_years(plan, prices());
  EXPECT_NEAR(years[2].books.revenue / years[0].books.revenue, 0.49, 1e-12);
}

}  // namespace
}  // namespace aifactory
