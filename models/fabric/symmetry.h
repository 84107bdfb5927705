// What behaves alike is solved once.
//
// Colour refinement on the bipartite graph of flows and links: flows start in one class if bytes, start and weight
// agree, links if their capacities do; classes are split until every flow of a class crosses the same number of links
// of each class, and every link of a class carries the same number of flows of each class (the coarsest equitable
// partition). Progressive filling then treats all members of a class alike at every level, so max-min sharing on one
// representative of each class, with the counts as multiplicities, gives every member's rate. N identical endpoints
// cost as much as one; a failed link or a straggler splits off only what it touches.
#pragma once

#include <cstdint>
#include <vector>

#include "models/fabric/flow_set.h"

namespace aifactory {

struct FlowClasses {
  FlowSet representatives;              // one flow per class, one link per link class, with crossings
  std::vector<std::uint32_t> class_of;  // by flow
};

FlowClasses classify(const FlowSet& flows);

}  // namespace aifactory
