// What is bought and racked: accelerators with their hosts, switches, NICs and shelves ("system"), and the parts of a
// scale-out network. A rack is the unit of deployment: counts are whole racks.
#pragma once

#include <string>

#include "models/hardware/accelerator.h"
#include "models/units/quantity.h"

namespace aifactory {

struct Switch {
  std::string id;
  std::string name;
  int ports = 0;
  BytesPerSecond port_bandwidth{};  // one way
  Seconds latency{};                // port to port
  Watts power{};                    // typical, optics not included
  Usd price{};
  bool in_network_reduction = false;
  BytesPerSecond reduction_bandwidth{};  // one way, what a port streams through the reduction; zero = its rate
  int reduction_trees = 0;               // it can stream at once; zero = not known
};

struct Nic {
  std::string id;
  std::string name;
  BytesPerSecond bandwidth{};  // one way
  Watts power{};
  Usd price{};
};

struct Optic {
  std::string id;
  std::string name;
  BytesPerSecond bandwidth{};  // one way
  Watts power{};
  Usd price{};
};

enum class RackCooling { kAir, kHybrid, kLiquid };

// How the scale-out network spreads flows over equally short routes: packet by packet, or flow by flow by a hash.
enum class ScaleOutRouting { kSprayed, kHashed };

struct System {
  std::string id;
  std::string name;
  Accelerator accelerator;

  int accelerators_per_node = 0;  // one operating system, one PCIe or coherent domain
  int accelerators_per_rack = 0;
  Watts rack_power{};  // rated, at the rack's input: accelerators at TDP, hosts, scale-up switches, fans, shelves
  double host_idle_fraction = 0.0;  // share of the non-accelerator rack power drawn when accelerators idle
  RackCooling cooling = RackCooling::kAir;
  double liquid_fraction = 0.0;  // heat taken by liquid; the rest goes to air
  Kelvins coolant_supply{};      // warmest facility water the rack accepts (absolute)

  double network_power_fraction = 0.0;  // scale-out switches, optics, storage, management over rack power
  Nic nic;
  int nics_per_accelerator = 1;
  double oversubscription = 1.0;  // host over uplink capacity of a leaf switch
  ScaleOutRouting scale_out_routing = ScaleOutRouting::kSprayed;
  int leaf_uplinks = 32;  // of a leaf switch: what hashed flows collide on
  Switch scale_out_switch;
  bool scale_out_reduction = false;  // collectives reduce in scale_out_switch

  Usd rack_price{};                     // vendor system, as delivered
  double network_price_fraction = 0.0;  // scale-out network and storage over total IT capex
  std::string compute_vendor;
  std::string fabric_vendor;  // of the scale-up fabric

  // Power of the rack beside its accelerators at rated load.
  [[nodiscard]] Watts host_power() const {
    return rack_power - accelerator.tdp * static_cast<double>(accelerators_per_rack);
  }
};

// Mean rack input power when each accelerator draws `accelerator_power`: hosts scale from their idle share linearly
// with accelerator power between idle and TDP (fans and CPUs follow the load). Equals rack_power at TDP.
Watts rack_power_at(const System& system, Watts accelerator_power);

}  // namespace aifactory
