// Rail-optimised clusters: GPU r of every node is on rail r, a Clos of its own; the GPUs of a node meet in its NVLink
// domain. Traffic between rails first crosses to the local GPU on the destination's rail (NCCL's PXN).
#pragma once

#include "models/fabric/topology.h"

namespace aifactory {

std::unique_ptr<Topology> make_rail(const TopologySpec& spec);

}  // namespace aifactory
