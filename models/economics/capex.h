// What a factory costs to build, row by row.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "models/economics/prices.h"
#include "models/hardware/system.h"
#include "models/units/quantity.h"

namespace aifactory {

// A block of racks bought together.
struct RackOrder {
  const System* system = nullptr;
  std::int64_t racks = 0;
};

enum class AssetClass { kIt, kFacility, kLand };  // depreciate over IT life, over facility life, not at all

struct CapexRow {
  std::string_view id;  // accelerator_systems, network_and_storage, integration, shell, power_and_cooling,
                        // interconnection, contingency, land
  AssetClass asset = AssetClass::kIt;
  Usd amount{};
};

struct Capex {
  std::vector<CapexRow> rows;
  [[nodiscard]] Usd total() const;
  [[nodiscard]] Usd of(AssetClass asset) const;
};

// accelerator_systems = racks * rack_price; network_and_storage makes up network_price_fraction of systems + network;
// facility items scale with the rated critical IT power and the site's construction factor.
Capex build_capex(const std::vector<RackOrder>& orders, Watts critical_it, Watts contracted, double construction_factor,
                  const CapexPrices& prices);

}  // namespace aifactory
