// Double entry: every event debits one account and credits another, so the books balance by construction and are
// checked anyway. A statement per year comes out: income, cash flow, balance sheet.
#pragma once

#include <array>
#include <cstddef>
#include <string_view>
#include <vector>

#include "models/units/quantity.h"

namespace aifactory {

enum class Account {
  kCash,
  kItAssets,
  kFacilityAssets,
  kLand,
  kDebt,
  kEquity,
  kRevenue,
  kOperatingCost,
  kDepreciation,
  kInterest,
  kTax
};
inline constexpr std::size_t kAccountCount = 11;
inline constexpr std::array<std::string_view, kAccountCount> kAccountNames = {
    "cash",    "it_assets",      "facility_assets", "land",     "debt", "equity",
    "revenue", "operating_cost", "depreciation",    "interest", "tax"};
constexpr std::string_view name(Account a) {
  return kAccountNames[static_cast<std::size_t>(a)];
}

struct Posting {
  int year = 0;
  Account debit = Account::kCash;
  Account credit = Account::kCash;
  Usd amount{};
  std::string_view what;
};

// One year of the books. Debit positive: assets and costs are positive, debt, equity and revenue negative.
struct YearBooks {
  int year = 0;
  std::array<Usd, kAccountCount> flow{};     // posted in the year
  std::array<Usd, kAccountCount> balance{};  // cumulative
  [[nodiscard]] Usd flow_of(Account a) const { return flow[static_cast<std::size_t>(a)]; }
  [[nodiscard]] Usd balance_of(Account a) const { return balance[static_cast<std::size_t>(a)]; }
};

class Ledger {
 public:
  // Throws std::invalid_argument for a negative or non-finite amount or a posting of an account to itself.
  void post(int year, Account debit, Account credit, Usd amount, std::string_view what);
  [[nodiscard]] const std::vector<Posting>& postings() const { return postings_; }
  [[nodiscard]] std::vector<YearBooks> years() const;
  // Sum over all accounts: zero but for rounding.
  [[nodiscard]] Usd imbalance() const;

 private:
  std::vector<Posting> postings_;
};

}  // namespace aifactory
