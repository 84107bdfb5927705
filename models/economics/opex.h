// What a factory costs to run for a year, row by row.
#pragma once

#include <string_view>
#include <vector>

#include "models/economics/capex.h"
#include "models/economics/prices.h"
#include "models/units/quantity.h"

namespace aifactory {

struct OpexRow {
  std::string_view
      id;  // energy, capacity, maintenance_it, maintenance_facility, staff, water, insurance_and_tax, carbon
  Usd amount{};
};

struct Opex {
  std::vector<OpexRow> rows;
  [[nodiscard]] Usd total() const;
  [[nodiscard]] Usd of(std::string_view id) const;
};

// What the year consumed.
struct YearOfUse {
  Usd energy{};    // per-energy charges
  Usd capacity{};  // connection and capacity charges
  Litres water{};
  Grams carbon{};  // direct
};

Opex annual_opex(const Capex& capex, Watts critical_it, const YearOfUse& use, const OpexPrices& prices);

}  // namespace aifactory
