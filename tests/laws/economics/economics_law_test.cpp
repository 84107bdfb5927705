// Identities of finance and bookkeeping that hold for any numbers.
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <cmath>
#include <vector>

#include "models/economics/project.h"

namespace aifactory {
namespace {

double between(double low, double high) {
  return low + (high - low) * (*rc::gen::inRange(0, 1000001) / 1e6);
}

struct Case {
  Capex capex;
  std::vector<OperatingYear> years;
  FinanceTerms terms;
};

Case any_project(double revenue_factor = 1.0) {
  Case c;
  c.capex.rows = {{"it", AssetClass::kIt, Usd(between(1e8, 4e10))},
                  {"facility", AssetClass::kFacility, Usd(between(1e8, 2e10))},
                  {"land", AssetClass::kLand, Usd(between(0, 1e9))}};
  c.terms.wacc = between(0.0, 0.2);
  c.terms.debt_share = between(0.0, 1.0);
  c.terms.debt_rate = between(0.0, 0.15);
  c.terms.debt_term = kYear * between(1.0, 10.0);
  c.terms.tax_rate = between(0.0, 0.4);
  c.terms.it_life = kYear * between(2.0, 8.0);
  c.terms.facility_life = kYear * between(8.0, 30.0);
  c.terms.it_residual = between(0.0, 0.4);
  const int n = *rc::gen::inRange(1, 12);
  for (int i = 0; i < n; ++i) {
    OperatingYear year;
    year.opex.rows = {{"all", Usd(between(0, 5e9))}};
    year.revenue = Usd(between(0, 4e10) * revenue_factor);
    c.years.push_back(year);
  }
  return c;
}

TEST(Books, AlwaysBalance) {
  EXPECT_TRUE(rc::check("sum over accounts is zero every year, assets equal claims", [] {
    const Case c = any_project();
    const Financials f = evaluate_project(c.capex, c.years, c.terms);
    const double scale = c.capex.total().value();
    RC_ASSERT(std::abs(f.books_residual.value()) <= 1e-9 * scale);
    for (const YearBooks& books : f.ledger.years()) {
      Usd sum{};
      for (const Usd balance : books.balance) {
        sum += balance;
      }
      RC_ASSERT(std::abs(sum.value()) <= 1e-9 * scale);
      RC_ASSERT(books.balance_of(Account::kCash).value() >= -1e-6 * scale);
    }
    RC_ASSERT(std::abs(f.ledger.years().back().balance_of(Account::kDebt).value()) <= 1e-9 * scale);
  }));
}

TEST(Rates, PresentValueAtTheInternalRateIsZero) {
  EXPECT_TRUE(rc::check("NPV(IRR) = 0", [] {
    const Case c = any_project();
    const Financials f = evaluate_project(c.capex, c.years, c.terms);
    if (f.irr) {
      double scale = 0.0;
      double discount = 1.0;
      for (const Usd flow : f.cash_flows) {
        scale += std::abs(flow.value()) * discount;
        discount /= 1.0 + *f.irr;
      }
      RC_ASSERT(std::abs(net_present_value(*f.irr, f.cash_flows).value()) <= 1e-9 * scale);
    }
  }));
}

TEST(Rates, NoSignChangeNoInternalRate) {
  const std::vector<Usd> gains = {Usd(1.0), Usd(2.0)};
  const std::vector<Usd> costs = {Usd(-1.0), Usd(-2.0)};
  EXPECT_FALSE(internal_rate_of_return(gains).has_value());
  EXPECT_FALSE(internal_rate_of_return(costs).has_value());
  const std::vector<Usd> doubled = {Usd(-100.0), Usd(200.0)};
  EXPECT_NEAR(*internal_rate_of_return(doubled), 1.0, 1e-12);
  const std::vector<Usd> lost = {Usd(-100.0), Usd(10.0)};
  EXPECT_NEAR(*internal_rate_of_return(lost), -0.9, 1e-12);
}

TEST(Annuity, PaymentsAreWorthThePrincipal) {
  EXPECT_TRUE(rc::check("present value of n payments is the principal", [] {
    const int n = *rc::gen::inRange(1, 40);
    const double rate = between(0.0, 0.3);
    const Usd payment = annuity(Usd(1000.0), rate, n);
    std::vector<Usd> flows(static_cast<std::size_t>(n) + 1, payment);
    flows[0] = Usd{};
    RC_ASSERT(std::abs(net_present_value(rate, flows).value() - 1000.0) <= 1e-8);
  }));
  EXPECT_DOUBLE_EQ(annuity(Usd(1000.0), 0.0, 5.0).value(), 200.0);
}

TEST(Payback, AHigherPriceNeverPaysBackLater) {
  EXPECT_TRUE(rc::check("monotone in revenue", [] {
    Case c = any_project();
    const auto low = evaluate_project(c.capex, c.years, c.terms);
    const double factor = between(1.0, 3.0);
    for (OperatingYear& year : c.years) {
      year.revenue *= factor;
    }
    const auto high = evaluate_project(c.capex, c.years, c.terms);
    RC_ASSERT(high.npv.value() >= low.npv.value() - 1e-9 * c.capex.total().value());
    if (low.payback) {
      RC_ASSERT(high.payback.has_value());
      RC_ASSERT(*high.payback <= *low.payback + 1e-9);
    }
  }));
}

TEST(Payback, CountsTheLastCrossing) {
  const std::vector<Usd> flows = {Usd(-100.0), Usd(150.0), Usd(-100.0), Usd(100.0)};
  EXPECT_NEAR(*payback_years(flows), 2.5, 1e-12);
  const std::vector<Usd> never = {Usd(-100.0), Usd(50.0)};
  EXPECT_FALSE(payback_years(never).has_value());
}

TEST(Capital, ChargeIsWorthTheCapitalLessItsResidual) {
  EXPECT_TRUE(rc::check("annuities over whole lives", [] {
    Case c = any_project();
    const int life = *rc::gen::inRange(1, 10);
    c.terms.it_life = kYear * static_cast<double>(life);
    const CapitalCharge charge = capital_charge(c.capex, c.terms);
    std::vector<Usd> flows(static_cast<std::size_t>(life) + 1, charge.it);
    flows[0] = Usd{};
    flows.back() += c.capex.of(AssetClass::kIt) * c.terms.it_residual;
    const double it = c.capex.of(AssetClass::kIt).value();
    RC_ASSERT(std::abs(net_present_value(c.terms.wacc, flows).value() - it) <= 1e-9 * it);
  }));
}

}  // namespace
}  // namespace aifactory
