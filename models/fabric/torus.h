// 3D torus without packet switches: every host has six ports (TPU pods). Wrap-around cables run through optical circuit
// switches, which add neither queues nor sharing; a dimension of two has one cable, not two.
#pragma once

#include <array>

#include "models/fabric/topology.h"

namespace aifactory {

// The most cube-like x <= y <= z with x y z = hosts.
std::array<std::uint32_t, 3> torus_shape(std::uint32_t hosts);

std::unique_ptr<Topology> make_torus(const TopologySpec& spec);

}  // namespace aifactory
