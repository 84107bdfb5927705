// Where the electricity comes from. A source answers, hour by hour, how much it can give, at what price and with what
// carbon; variants are one file each. The grid is the first.
#pragma once

#include <string>

#include "models/units/quantity.h"

namespace aifactory {

// What one source offers in one hour.
struct SupplyHour {
  Watts available{};
  UsdPerJoule price{};                // energy delivered, all per-energy charges included
  GramsPerJoule carbon_direct{};      // at the stack
  GramsPerJoule carbon_life_cycle{};  // fuel chain and construction included; never mixed with direct
};

class SupplySource {
 public:
  virtual ~SupplySource() = default;
  [[nodiscard]] virtual SupplyHour at(int hour_of_year) const = 0;
  // Fixed charge of holding the connection or plant for a year, for a contracted capacity.
  [[nodiscard]] virtual Usd annual_charge(Watts contracted) const = 0;
};

}  // namespace aifactory
