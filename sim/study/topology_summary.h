// A network to look at: its tiers, what it can carry, what fails with one switch, what it costs and draws.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "models/catalog/catalog.h"
#include "models/fabric/structure.h"
#include "models/fabric/topology.h"

namespace aifactory {

// Catalogue ids; empty = InfiniBand parts of the ports' rate (200, 400 or 800 Gb/s), none for other rates.
struct TopologyPartIds {
  std::string packet_switch, nic, optic;
};

struct TopologyTier {
  std::string name;  // hosts, tier 1, ...
  std::uint64_t vertices = 0;
  std::uint64_t cables_up = 0;  // to higher tiers
  std::uint64_t cables_across = 0;
  BytesPerSecond up{};  // one way, all of them
};

struct TopologySummary {
  TopologySpec spec;  // as built: a radix of 0 becomes that of the switch where it reaches
  std::vector<TopologyTier> tiers;
  std::uint64_t hosts = 0, switches = 0;
  BytesPerSecond bisection{};    // one way
  double bisection_share = 0.0;  // of half of the hosts' bandwidth
  int diameter = 0;
  std::optional<SinglePoints> single_points;  // not searched for beyond 20,000 cables
  FabricBill bill;
  FabricParts parts;
  std::vector<std::string> missing;  // what the bill lacks: "price of copper cables"...
};

// Throws ConfigError for what cannot be built and for unknown parts.
TopologySummary summarise_topology(const Catalog& catalog, TopologySpec spec, const TopologyPartIds& ids = {});

}  // namespace aifactory
