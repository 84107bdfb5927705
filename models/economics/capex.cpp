#include "models/economics/capex.h"

namespace aifactory {

Usd Capex::total() const {
  Usd sum{};
  for (const CapexRow& row : rows) {
    sum += row.amount;
  }
  return sum;
}

Usd Capex::of(AssetClass asset) const {
  Usd sum{};
  for (const CapexRow& row : rows) {
    if (row.asset == asset) {
      sum += row.amount;
    }
  }
  return sum;
}

Capex build_capex(const std::vector<RackOrder>& orders, Watts critical_it, Watts contracted, double construction_factor,
                  const CapexPrices& prices) {
  Usd systems{};
  Usd network{};
  for (const RackOrder& order : orders) {
    const Usd racks = order.system->rack_price * static_cast<double>(order.racks);
    const double share = order.system->network_price_fraction;
    systems += racks;
    network += racks * (share / (1.0 - share));
  }
  const double building = construction_factor * (1.0 + prices.ai_premium);
  const Usd shell = prices.shell * critical_it * building;
  const Usd plant = prices.plant * critical_it * building;
  const Usd interconnection = prices.interconnection * contracted;
  Capex capex;
  capex.rows = {
      {"accelerator_systems", AssetClass::kIt, systems},
      {"network_and_storage", AssetClass::kIt, network},
      {"integration", AssetClass::kIt, (systems + network) * prices.integration},
      {"shell", AssetClass::kFacility, shell},
      {"power_and_cooling", AssetClass::kFacility, plant},
      {"interconnection", AssetClass::kFacility, interconnection},
      {"contingency", AssetClass::kFacility, (shell + plant + interconnection) * prices.contingency},
      {"land", AssetClass::kLand, prices.land * critical_it},
  };
  return capex;
}

}  // namespace aifactory
