// From capex, opex and tokens of each year to the answers: NPV, IRR, payback, annual cost, cost per token, margin.
#pragma once

#include <optional>
#include <vector>

#include "models/economics/capex.h"
#include "models/economics/financing.h"
#include "models/economics/ledger.h"
#include "models/economics/opex.h"
#include "models/economics/prices.h"
#include "models/units/quantity.h"

namespace aifactory {

struct TokenCounts {
  Tokens input{};   // prompt tokens computed
  Tokens cached{};  // prompt tokens served from a prefix cache
  Tokens output{};
  [[nodiscard]] Tokens computed() const { return input + output; }
};

Usd revenue(const TokenCounts& tokens, const TokenPrices& prices);

// How one dollar of cost is split over token kinds: relative cost of one token of each. Either accelerator time per
// token (from the serving simulation) or the price list; the caller states which.
struct TokenWeights {
  double input = 1.0;
  double cached = 0.0;
  double output = 1.0;
};
TokenWeights weights_from_prices(const TokenPrices& prices);

// USD per token of each kind such that cost * is fully recovered: unit * (w_in n_in + w_c n_c + w_out n_out) = cost.
struct TokenCosts {
  UsdPerToken input{};
  UsdPerToken cached{};
  UsdPerToken output{};
  UsdPerToken blended{};  // cost over input + output tokens
};
TokenCosts token_costs(Usd cost, const TokenCounts& tokens, const TokenWeights& weights);

CapitalCharge capital_charge(const Capex& capex, const FinanceTerms& terms);

// One year of operation, year 1 the first after construction (year 0).
struct OperatingYear {
  Opex opex;
  TokenCounts tokens;
  Usd revenue{};
};

struct Financials {
  Ledger ledger;
  std::vector<Usd> cash_flows;  // unlevered, after tax, year 0 first; residuals in the last year
  Usd npv{};                    // at the WACC
  std::optional<double> irr;
  std::optional<double> payback;  // years
  Usd annual_cost{};              // capital charge + opex of a full year: the last one
  CapitalCharge capital;
  double gross_margin = 0.0;  // (revenue - annual_cost) / revenue of that year; zero without revenue
  Usd books_residual{};       // imbalance of the ledger
};

// Year 0: capex paid by debt_share debt and equity. Years 1..n: revenue, opex, straight-line depreciation, interest,
// debt repaid by annuity, tax on positive profit (losses carried forward). IT is replaced at the end of its life at the
// same price if the horizon goes on.
Financials evaluate_project(const Capex& capex, const std::vector<OperatingYear>& years, const FinanceTerms& terms);

// Annual cost per accelerator-hour.
UsdPerSecond cost_per_accelerator(Usd annual_cost, double accelerators);

}  // namespace aifactory
