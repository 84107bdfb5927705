// The tree of switches that reduces one buffer of every rank and hands the sum back (SHARP).
#pragma once

#include <span>
#include <vector>

#include "models/fabric/topology.h"

namespace aifactory {

// A link that carries the whole buffer once, from `start` on: when the first bytes have crossed it.
struct ReductionLink {
  LinkId link = 0;
  double start = 0.0;  // s
};

struct ReductionTree {
  std::vector<ReductionLink> links;  // up and down
  std::vector<VertexId> switches;    // that reduce
};

// Routes from all ranks to the first one, joined, with the root where the longest of them turns down; a switch waits
// for the slowest of its children. Throws std::invalid_argument where the routes join in an endpoint or close a circle,
// so that they are no tree of switches.
ReductionTree reduction_tree(const Topology& topology, std::span<const VertexId> ranks);

}  // namespace aifactory
