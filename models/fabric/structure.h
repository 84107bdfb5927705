// What a network is, measured on its graph: independent of the formulas of the shape that made it.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "models/fabric/network.h"
#include "models/hardware/system.h"
#include "models/units/quantity.h"

namespace aifactory {

// Largest flow from the first half of the hosts to the second, all together: one way over the narrowest cut between
// them. Push-relabel max-flow; seconds of compute beyond some 10^5 links.
BytesPerSecond measured_bisection(const Network& network);

// Links on the longest of the shortest paths between hosts; -1 if some cannot reach each other.
int measured_diameter(const Network& network);

// Whether every host reaches every other over links of positive capacity.
bool connected(const Network& network);

// Switches whose loss alone cuts hosts off from the largest part that remains, and how many hosts at worst: all of them
// where nobody reaches anybody any more.
struct SinglePoints {
  std::uint32_t switches = 0;
  std::uint32_t hosts_at_worst = 0;
};
SinglePoints single_points_of_failure(const Network& network);

struct CableCount {
  std::uint64_t backplane = 0, copper = 0, optical = 0, long_haul = 0;
};
CableCount count_cables(const Network& network);

// Parts of one port speed, for pricing. Optical cables need a module at both ends; copper cables draw nothing; cables
// to hosts end in a NIC; backplane cables come with the rack.
struct FabricParts {
  Switch packet_switch;
  Nic nic;
  Optic optic;
  Usd copper_cable{};
};
struct FabricBill {
  std::uint64_t switches = 0;  // packet switches, wide enough for the busiest vertex of the network
  std::uint64_t nics = 0;
  std::uint64_t optics = 0;
  CableCount cables;
  Usd price{};
  Watts power{};
};
// Vertices with more cables than the part has ports are two tiers of it, non-blocking; vertices of the top tier that
// leave enough ports free share one, which joins no worse.
FabricBill bill_of(const Network& network, const FabricParts& parts);

}  // namespace aifactory
