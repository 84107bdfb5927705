#include <gtest/gtest.h>

#include <stdexcept>
#include <vector>

#include "models/economics/project.h"
#include "models/economics/schedule.h"

namespace aifactory {
namespace {

Seconds years(double n) {
  return kYear * n;
}
Seconds months(double n) {
  return kYear * (n / 12.0);
}

CapexPrices capex_prices() {
  CapexPrices prices;
  prices.shell = UsdPerWatt(3.5);
  prices.plant = UsdPerWatt(8.2);
  prices.interconnection = UsdPerWatt(0.2);
  prices.land = UsdPerWatt(0.1);
  prices.ai_premium = 0.1;
  prices.integration = 0.03;
  prices.contingency = 0.05;
  return prices;
}

System rack() {
  System system;
  system.rack_price = Usd(3.4e6);
  system.network_price_fraction = 0.17;
  return system;
}

TEST(Capex, NetworkTakesItsShareOfItCapital) {
  const System system = rack();
  const Capex capex = build_capex({{&system, 1000}}, Watts(150e6), Watts(180e6), 1.2, capex_prices());
  const Usd systems = capex.rows[0].amount;
  const Usd network = capex.rows[1].amount;
  EXPECT_NEAR(systems.value(), 3.4e9, 1e-3);
  EXPECT_NEAR(network / (systems + network), 0.17, 1e-12);
  EXPECT_NEAR(capex.of(AssetClass::kIt).value(), 3.4e9 / 0.83 * 1.03, 1.0);
  const double building = 150e6 * 11.7 * 1.1 * 1.2;
  EXPECT_NEAR(capex.of(AssetClass::kFacility).value(), (building + 180e6 * 0.2) * 1.05, 1.0);
  EXPECT_NEAR(capex.of(AssetClass::kLand).value(), 150e6 * 0.1, 1e-6);
  EXPECT_NEAR(capex.total().value(),
              (capex.of(AssetClass::kIt) + capex.of(AssetClass::kFacility) + capex.of(AssetClass::kLand)).value(),
              1e-3);
}

TEST(Opex, RowsFollowTheirDrivers) {
  const System system = rack();
  const Capex capex = build_capex({{&system, 1000}}, Watts(150e6), Watts(180e6), 1.0, capex_prices());
  OpexPrices prices;
  prices.it_maintenance = 0.01;
  prices.staff = UsdPerJoule(50.0 / (1e3 * kYear.value()));  // 50 USD/kW-year
  prices.water = UsdPerLitre(1.5e-3);
  prices.carbon = UsdPerGram(100e-6);
  const Opex opex = annual_opex(capex, Watts(150e6), {Usd(60e6), Usd(20e6), Litres(1e9), Grams(4e11)}, prices);
  EXPECT_DOUBLE_EQ(opex.of("energy").value(), 60e6);
  EXPECT_DOUBLE_EQ(opex.of("capacity").value(), 20e6);
  EXPECT_NEAR(opex.of("staff").value(), 50.0 * 150e3, 1e-3);
  EXPECT_NEAR(opex.of("water").value(), 1.5e6, 1e-3);
  EXPECT_NEAR(opex.of("carbon").value(), 40e6, 1e-3);
  EXPECT_NEAR(opex.of("maintenance_it").value(), capex.of(AssetClass::kIt).value() * 0.01, 1e-3);
}

TEST(Tokens, CostIsRecoveredExactly) {
  const TokenCounts tokens{Tokens(8e12), Tokens(4e12), Tokens(1e12)};
  const TokenCosts costs = token_costs(Usd(9e6), tokens, {1.0, 0.1, 4.0});
  const Usd recovered = costs.input * tokens.input + costs.cached * tokens.cached + costs.output * tokens.output;
  EXPECT_NEAR(recovered.value(), 9e6, 1e-6);
  EXPECT_NEAR(costs.output / costs.input, 4.0, 1e-12);
  EXPECT_NEAR(costs.blended.value() * 9e12, 9e6, 1e-6);
}

TEST(Tokens, NoTokensNoCostPerToken) {
  const TokenCosts costs = token_costs(Usd(9e6), {}, {1.0, 0.1, 4.0});
  EXPECT_EQ(costs.blended.value(), 0.0);
  EXPECT_EQ(costs.output.value(), 0.0);
}

TEST(Tokens, RevenueIsPriceTimesCountPerKind) {
  TokenPrices prices;
  prices.input = UsdPerToken(1.35e-6);
  prices.cached = UsdPerToken(0.135e-6);
  prices.output = UsdPerToken(5.4e-6);
  EXPECT_NEAR(revenue({Tokens(1e9), Tokens(1e9), Tokens(1e9)}, prices).value(), 1350.0 + 135.0 + 5400.0, 1e-6);
  EXPECT_NEAR(weights_from_prices(prices).output / weights_from_prices(prices).input, 4.0, 1e-12);
}

TEST(InferenceX, CostPerMillionTokensIsCostPerHourOverTokensPerHour) {
  // The published identity: 2.65 USD per GPU-hour at 6,000 tokens/s is 0.12 USD per million tokens.
  const TokenCounts hour{Tokens{}, Tokens{}, Tokens(6000.0 * 3600.0)};
  EXPECT_NEAR(token_costs(Usd(2.65), hour, {1.0, 0.0, 1.0}).blended.value() * 1e6, 2.65 / (6000.0 * 3600.0 / 1e6),
              1e-12);
  EXPECT_NEAR(token_costs(Usd(2.65), hour, {1.0, 0.0, 1.0}).blended.value() * 1e6, 0.12, 0.005);
}

TEST(Ledger, RefusesWhatIsNoPosting) {
  Ledger ledger;
  EXPECT_THROW(ledger.post(0, Account::kCash, Account::kCash, Usd(1.0), "self"), std::invalid_argument);
  EXPECT_THROW(ledger.post(0, Account::kCash, Account::kDebt, Usd(-1.0), "negative"), std::invalid_argument);
  EXPECT_THROW(ledger.post(-1, Account::kCash, Account::kDebt, Usd(1.0), "before time"), std::invalid_argument);
}

TEST(Ledger, BalancesCarryForward) {
  Ledger ledger;
  ledger.post(0, Account::kCash, Account::kEquity, Usd(100.0), "paid in");
  ledger.post(2, Account::kOperatingCost, Account::kCash, Usd(30.0), "spent");
  const auto books = ledger.years();
  ASSERT_EQ(books.size(), 3u);
  EXPECT_EQ(books[1].flow_of(Account::kCash).value(), 0.0);
  EXPECT_EQ(books[1].balance_of(Account::kCash).value(), 100.0);
  EXPECT_EQ(books[2].balance_of(Account::kCash).value(), 70.0);
  EXPECT_EQ(books[2].balance_of(Account::kEquity).value(), -100.0);
}

FinanceTerms terms() {
  FinanceTerms t;
  t.wacc = 0.08;
  t.debt_share = 0.6;
  t.debt_rate = 0.085;
  t.debt_term = years(5);
  t.tax_rate = 0.25;
  t.it_life = years(5);
  t.facility_life = years(14);
  t.it_residual = 0.1;
  return t;
}

Capex simple_capex() {
  Capex capex;
  capex.rows = {{"accelerator_systems", AssetClass::kIt, Usd(1000.0)},
                {"shell", AssetClass::kFacility, Usd(400.0)},
                {"land", AssetClass::kLand, Usd(10.0)}};
  return capex;
}

OperatingYear operating(double cost, double income) {
  OperatingYear year;
  year.opex.rows = {{"energy", Usd(cost)}};
  year.revenue = Usd(income);
  return year;
}

TEST(Project, CapitalIsPaidBackWithInterestAndTax) {
  const std::vector<OperatingYear> years_of_use(5, operating(100.0, 600.0));
  const Financials f = evaluate_project(simple_capex(), years_of_use, terms());
  ASSERT_EQ(f.cash_flows.size(), 6u);
  EXPECT_DOUBLE_EQ(f.cash_flows[0].value(), -1410.0);
  // Depreciation 900/5 + 400/14; taxed before interest.
  const double depreciation = 180.0 + 400.0 / 14.0;
  EXPECT_NEAR(f.cash_flows[1].value(), 500.0 - 0.25 * (500.0 - depreciation), 1e-9);
  // The end recovers the residual of IT, the book value of the building, and the land.
  EXPECT_NEAR((f.cash_flows[5] - f.cash_flows[4]).value(), 100.0 + 400.0 * 9.0 / 14.0 + 10.0, 1e-9);
  ASSERT_TRUE(f.irr.has_value());
  EXPECT_GT(*f.irr, 0.08);
  EXPECT_GT(f.npv.value(), 0.0);
  ASSERT_TRUE(f.payback.has_value());
  EXPECT_NEAR(*f.payback, 1410.0 / f.cash_flows[1].value(), 1e-9);
}

TEST(Project, DebtIsGoneAtTheEnd) {
  const Financials f =
      evaluate_project(simple_capex(), std::vector<OperatingYear>(3, operating(100.0, 600.0)), terms());
  const auto books = f.ledger.years();
  EXPECT_NEAR(books.back().balance_of(Account::kDebt).value(), 0.0, 1e-9);
  EXPECT_NEAR(books.back().balance_of(Account::kItAssets).value(), 0.0, 1e-9);
  EXPECT_NEAR(books.back().balance_of(Account::kFacilityAssets).value(), 0.0, 1e-9);
  EXPECT_GE(books.back().balance_of(Account::kCash).value(), 0.0);
}

TEST(Project, ItIsReplacedWhenTheHorizonOutlivesIt) {
  const Financials f =
      evaluate_project(simple_capex(), std::vector<OperatingYear>(7, operating(100.0, 600.0)), terms());
  EXPECT_NEAR(f.cash_flows[5].value() - f.cash_flows[4].value(), 100.0 - 1000.0, 1e-9);
}

TEST(Project, LossesShelterLaterProfit) {
  std::vector<OperatingYear> ramp = {operating(100.0, 0.0), operating(100.0, 800.0)};
  const Financials f = evaluate_project(simple_capex(), ramp, terms());
  const double depreciation = 180.0 + 400.0 / 14.0;
  const double loss = 100.0 + depreciation;
  const double profit = 700.0 - depreciation;
  const double recovered = (1000.0 - 2 * 180.0) + (400.0 - 2 * 400.0 / 14.0) + 10.0;
  EXPECT_NEAR(f.cash_flows[2].value(), 700.0 - 0.25 * (profit - loss) + recovered, 1e-9);
}

TEST(Project, WithoutRevenueThereIsNoReturn) {
  const Financials f = evaluate_project(simple_capex(), std::vector<OperatingYear>(5, operating(300.0, 0.0)), terms());
  EXPECT_LT(f.npv.value(), 0.0);
  EXPECT_FALSE(f.payback.has_value());
  EXPECT_EQ(f.gross_margin, 0.0);
}

TEST(Project, AnnualCostIsCapitalChargePlusOperation) {
  const Financials f =
      evaluate_project(simple_capex(), std::vector<OperatingYear>(5, operating(100.0, 600.0)), terms());
  EXPECT_NEAR(f.annual_cost.value(), f.capital.total().value() + 100.0, 1e-9);
  EXPECT_NEAR(f.gross_margin, 1.0 - f.annual_cost.value() / 600.0, 1e-12);
  EXPECT_NEAR(cost_per_accelerator(Usd(8760.0), 2.0).value() * 3600.0, 0.5, 1e-12);
}

TEST(Schedule, TheSlowestPathDecidesTheFirstToken) {
  BuildTimes times;
  times.permits_and_design = months(9);
  times.shell = months(10);
  times.fit_out = months(6);
  times.system_delivery = months(10);
  times.commissioning = months(3);
  times.racks = Hertz(500.0 / (kYear.value() / 12.0));
  const BuildSchedule hall = plan_build(times, months(12), 6000);
  EXPECT_NEAR(hall.first_token / months(1), 28.0, 1e-9);
  EXPECT_NEAR(hall.complete / months(1), 40.0, 1e-9);
  const BuildSchedule grid = plan_build(times, months(84), 6000);
  EXPECT_NEAR(grid.first_token / months(1), 87.0, 1e-9);
  for (const Milestone& milestone : grid.milestones) {
    EXPECT_EQ(milestone.critical, milestone.id == "power" || milestone.id == "commissioning") << milestone.id;
  }
  EXPECT_EQ(grid.online(months(80)), 0.0);
  EXPECT_NEAR(grid.online(months(93)), 0.5, 1e-9);
  EXPECT_EQ(grid.online(months(120)), 1.0);
}

}  // namespace
}  // namespace aifactory
