#include "models/economics/opex.h"

namespace aifactory {

Usd Opex::total() const {
  Usd sum{};
  for (const OpexRow& row : rows) {
    sum += row.amount;
  }
  return sum;
}

Usd Opex::of(std::string_view id) const {
  Usd sum{};
  for (const OpexRow& row : rows) {
    if (row.id == id) {
      sum += row.amount;
    }
  }
  return sum;
}

Opex annual_opex(const Capex& capex, Watts critical_it, const YearOfUse& use, const OpexPrices& prices) {
  const Usd it = capex.of(AssetClass::kIt);
  const Usd facility = capex.of(AssetClass::kFacility);
  Opex opex;
  opex.rows = {
      {"energy", use.energy},
      {"capacity", use.capacity},
      {"maintenance_it", it * prices.it_maintenance},
      {"maintenance_facility", facility * prices.facility_maintenance},
      {"staff", prices.staff * (critical_it * kYear)},
      {"water", prices.water * use.water},
      {"insurance_and_tax", capex.total() * prices.insurance_and_tax},
      {"carbon", prices.carbon * use.carbon},
  };
  return opex;
}

}  // namespace aifactory
