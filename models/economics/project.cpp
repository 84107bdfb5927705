#include "models/economics/project.h"

#include <algorithm>
#include <cmath>

#include "models/units/pinned_math.h"

namespace aifactory {

Usd revenue(const TokenCounts& tokens, const TokenPrices& prices) {
  return prices.input * tokens.input + prices.cached * tokens.cached + prices.output * tokens.output;
}

TokenWeights weights_from_prices(const TokenPrices& prices) {
  return {prices.input.value(), prices.cached.value(), prices.output.value()};
}

TokenCosts token_costs(Usd cost, const TokenCounts& tokens, const TokenWeights& weights) {
  const Tokens weighted =
      tokens.input * weights.input + tokens.cached * weights.cached + tokens.output * weights.output;
  TokenCosts costs;
  if (weighted.value() > 0.0) {
    const UsdPerToken unit = cost / weighted;
    costs.input = unit * weights.input;
    costs.cached = unit * weights.cached;
    costs.output = unit * weights.output;
  }
  if (tokens.computed().value() > 0.0) {
    costs.blended = cost / tokens.computed();
  }
  return costs;
}

CapitalCharge capital_charge(const Capex& capex, const FinanceTerms& terms) {
  const double it_years = terms.it_life / kYear;
  const Usd it = capex.of(AssetClass::kIt);
  const double residual_today = terms.it_residual * pinned::exp(-it_years * pinned::log1p(terms.wacc));
  return {annuity(it * (1.0 - residual_today), terms.wacc, it_years),
          annuity(capex.of(AssetClass::kFacility), terms.wacc, terms.facility_life / kYear),
          capex.of(AssetClass::kLand) * terms.wacc};
}

UsdPerSecond cost_per_accelerator(Usd annual_cost, double accelerators) {
  return annual_cost / (kYear * accelerators);
}

namespace {

// The books of one project while they are written. Everything is paid in cash; owners make up what cash lacks.
class Bookkeeper {
 public:
  Bookkeeper(const Capex& capex, const FinanceTerms& terms, int horizon)
      : terms_(terms),
        horizon_(horizon),
        it_cost_(capex.of(AssetClass::kIt)),
        facility_cost_(capex.of(AssetClass::kFacility)),
        land_cost_(capex.of(AssetClass::kLand)) {
    flows_.resize(static_cast<std::size_t>(horizon) + 1);
    const Usd total = it_cost_ + facility_cost_ + land_cost_;
    debt_ = total * terms.debt_share;
    ledger_.post(0, Account::kCash, Account::kDebt, debt_, "debt drawn");
    ledger_.post(0, Account::kCash, Account::kEquity, total - debt_, "equity paid in");
    buy(0, Account::kItAssets, it_cost_, "IT");
    buy(0, Account::kFacilityAssets, facility_cost_, "facility");
    buy(0, Account::kLand, land_cost_, "land");
    cash_ = Usd{};
    it_book_ = it_cost_;
    facility_book_ = facility_cost_;
    debt_service_ = terms.debt_term.value() > 0.0 ? annuity(debt_, terms.debt_rate, terms.debt_term / kYear) : Usd{};
  }

  void operate(int year, const OperatingYear& operating) {
    receive(year, Account::kRevenue, operating.revenue, "tokens sold");
    pay(year, Account::kOperatingCost, operating.opex.total(), "operation");
    flow(year) += operating.revenue - operating.opex.total();

    const Usd it_floor = it_cost_ * terms_.it_residual;
    const Usd depreciation =
        depreciate(year, Account::kItAssets, it_book_, it_floor, (it_cost_ - it_floor) / (terms_.it_life / kYear)) +
        depreciate(year, Account::kFacilityAssets, facility_book_, Usd{},
                   facility_cost_ / (terms_.facility_life / kYear));
    const Usd interest = debt_ * terms_.debt_rate;
    pay(year, Account::kInterest, interest, "interest");
    const Usd principal = year == horizon_ ? debt_ : min(debt_, max(Usd{}, debt_service_ - interest));
    pay(year, Account::kDebt, principal, "debt repaid");
    debt_ -= principal;

    const Usd before_interest = operating.revenue - operating.opex.total() - depreciation;
    pay(year, Account::kTax, tax(before_interest - interest, loss_), "tax on profit");
    // The WACC already credits the tax shield of interest, so the project's own flow is taxed before interest.
    flow(year) -= tax(before_interest, unlevered_loss_);

    const int life = std::max(1, static_cast<int>(std::lround(terms_.it_life / kYear)));
    if (year < horizon_ && year % life == 0) {
      sell(year, Account::kItAssets, it_book_, "IT at the end of its life");
      buy(year, Account::kItAssets, it_cost_, "IT replaced");
      it_book_ = it_cost_;
    }
    if (year == horizon_) {
      sell(year, Account::kItAssets, it_book_, "IT at book value");
      sell(year, Account::kFacilityAssets, facility_book_, "facility at book value");
      sell(year, Account::kLand, land_cost_, "land");
    }
    if (cash_.value() < 0.0) {
      const Usd missing = -cash_;
      receive(year, Account::kEquity, missing, "owners make up cash");
    }
  }

  Ledger take_ledger() { return std::move(ledger_); }
  [[nodiscard]] const std::vector<Usd>& flows() const { return flows_; }

 private:
  Usd& flow(int year) { return flows_[static_cast<std::size_t>(year)]; }

  void receive(int year, Account from, Usd amount, std::string_view what) {
    ledger_.post(year, Account::kCash, from, amount, what);
    cash_ += amount;
  }
  void pay(int year, Account to, Usd amount, std::string_view what) {
    ledger_.post(year, to, Account::kCash, amount, what);
    cash_ -= amount;
  }
  void buy(int year, Account asset, Usd amount, std::string_view what) {
    pay(year, asset, amount, what);
    flow(year) -= amount;
  }
  void sell(int year, Account asset, Usd book, std::string_view what) {
    receive(year, asset, book, what);
    flow(year) += book;
  }
  Usd depreciate(int year, Account asset, Usd& book, Usd floor, Usd yearly) {
    const Usd amount = max(Usd{}, min(yearly, book - floor));
    ledger_.post(year, Account::kDepreciation, asset, amount, "depreciation");
    book -= amount;
    return amount;
  }
  // On profit beyond losses carried forward.
  [[nodiscard]] Usd tax(Usd profit, Usd& loss) const {
    const Usd net = profit - loss;
    loss = max(Usd{}, -net);
    return max(Usd{}, net) * terms_.tax_rate;
  }

  FinanceTerms terms_;
  int horizon_;
  Ledger ledger_;
  std::vector<Usd> flows_;
  Usd it_cost_, facility_cost_, land_cost_;
  Usd it_book_, facility_book_;
  Usd debt_, debt_service_;
  Usd cash_;
  Usd loss_, unlevered_loss_;
};

}  // namespace

Financials evaluate_project(const Capex& capex, const std::vector<OperatingYear>& years, const FinanceTerms& terms) {
  Bookkeeper books(capex, terms, static_cast<int>(years.size()));
  for (std::size_t i = 0; i < years.size(); ++i) {
    books.operate(static_cast<int>(i) + 1, years[i]);
  }
  Financials result;
  result.cash_flows = books.flows();
  result.npv = net_present_value(terms.wacc, result.cash_flows);
  result.irr = internal_rate_of_return(result.cash_flows);
  result.payback = payback_years(result.cash_flows);
  result.capital = capital_charge(capex, terms);
  if (!years.empty()) {
    result.annual_cost = result.capital.total() + years.back().opex.total();
    if (years.back().revenue.value() > 0.0) {
      result.gross_margin = (years.back().revenue - result.annual_cost) / years.back().revenue;
    }
  }
  result.ledger = books.take_ledger();
  result.books_residual = result.ledger.imbalance();
  return result;
}

}  // namespace aifactory
