// Collectives as flows over an explicit topology, shared max-min fairly: what contention, placement, routing, failed
// and degraded links do to them. Where everything is symmetric, classes keep the cost at a handful of flows; the
// protocol law of models/fabric/collective.h prices latencies and library overheads, which this does not.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "models/fabric/collective.h"
#include "models/fabric/flow_set.h"
#include "models/fabric/routing.h"
#include "models/fabric/topology.h"
#include "models/units/quantity.h"

namespace aifactory {

enum class FabricCollective {
  kRingAllReduce,          // 2(N-1) steps of S/N to the next rank
  kTreeAllReduce,          // double binary tree: S/2 up and down each of two trees, pipelined
  kHierarchicalAllReduce,  // reduce-scatter in groups, all-reduce across them by rank in the group, all-gather
  kInNetworkAllReduce,     // switches on a tree reduce on the way up and multicast on the way down
  kRingAllGather,          // N-1 steps of S/N; a reduce-scatter takes as long
  kPatAllGather,           // log2 N rounds; distance and size double
  kAllToAll,               // every pair, S/N each
  kRailAllToAll,           // within groups to the destination's rank in its group, then across (PXN)
  kExpertDispatch,         // S to each distinct destination rank of a token, in expectation over all
  kBroadcast               // a chain: all hops at once, pipelined
};

struct FabricJob {
  FabricCollective collective = FabricCollective::kRingAllReduce;
  Bytes bytes{};                // nccl-tests' size; kExpertDispatch: of all tokens of a rank, one copy each
  std::vector<VertexId> ranks;  // hosts, in rank order
  std::uint32_t group = 8;      // ranks of a node (hierarchical, rail)
  double experts_per_token = 8.0;
};

struct FabricNetwork {
  const Topology* topology = nullptr;
  Routing routing = Routing::kDeterministic;
  std::uint64_t seed = 1;
  std::vector<double> capacity;  // by link, B/s; empty = nominal. Zero = failed: routed around
  SwitchReduction reduction;     // of its switches; capacity per port
  int reduction_trees = 0;       // that a switch streams at once; 0 = no limit
};

// One phase repeated: flows that start together and a barrier.
struct FabricPhase {
  FlowSet flows;
  double repetitions = 1.0;
};

// The phases of a job running alone. Throws std::invalid_argument for fewer than two ranks, groups that do not divide
// them, pairs that failures cut off, and reduction in switches that do not.
std::vector<FabricPhase> phases_of(const FabricJob& job, const FabricNetwork& network);

// Its duration: per phase the last flow's end, latency of the route included, times the repetitions.
Seconds duration(const std::vector<FabricPhase>& phases);
Seconds duration(const FabricJob& job, const FabricNetwork& network);

// Jobs that start together on the same links, each running once: when each of them ends. By job, never less than alone
// (to a nanosecond per phase). Barriers between the repetitions of a phase do not wait for other jobs.
std::vector<Seconds> contended_durations(std::span<const FabricJob> jobs, const FabricNetwork& network);

}  // namespace aifactory
