// Inside one scale-up domain: switch planes (NVLink) or direct links between all (MI300).
#pragma once

#include "models/fabric/topology.h"

namespace aifactory {

std::unique_ptr<Topology> make_domain(const TopologySpec& spec);
std::unique_ptr<Topology> make_mesh(const TopologySpec& spec);

}  // namespace aifactory
