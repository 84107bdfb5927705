// Dragonfly+ (Shpiner et al., HiPINEB 2017): groups that are two-tier Clos networks, joined spine to spine.
#pragma once

#include "models/fabric/topology.h"

namespace aifactory {

struct DragonflyShape {
  std::uint32_t hosts = 0;  // 0: the radix cannot reach them
  std::uint32_t half = 0;   // hosts per leaf = leaves = spines = global ports per spine = radix / 2
  std::uint32_t groups = 0;
  std::uint32_t cables_per_pair = 0;  // between two groups
};

DragonflyShape dragonfly_shape(std::uint32_t hosts, std::uint32_t radix);
std::unique_ptr<Topology> make_dragonfly(const TopologySpec& spec);

}  // namespace aifactory
