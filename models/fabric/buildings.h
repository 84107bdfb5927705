// Clos networks in several buildings, joined pairwise by long-haul fibre between their gateways (scale-across).
#pragma once

#include "models/fabric/topology.h"

namespace aifactory {

// Light in silica fibre: group index 1.468 at 1550 nm (Corning SMF-28 data sheet) over the speed of light in vacuum.
inline constexpr Seconds kFibreDelayPerKm{1.468 / 299792.458};

std::unique_ptr<Topology> make_buildings(const TopologySpec& spec);

}  // namespace aifactory
