// `aifactory flows`: completion times of explicit flows, read from a flows/1 file or generated on a topology.
//
// flows/1:  {"schema": "flows/1",
//            "links": [{"bandwidth_bytes_per_s": 5e10, "latency_s": 0}, ...],
//            "flows": [{"id": 0, "bytes": 1e9, "start_s": 0, "weight": 1, "links": [0, 4, 7]}, ...]}
// `links` of a flow are indices into the list. latency_s (default 0) of all links of a route delays the flow's start;
// start_s defaults to 0, weight to 1, an absent id to the flow's position. Other members are ignored.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "models/fabric/flow_set.h"
#include "models/fabric/routing.h"
#include "models/fabric/topology.h"
#include "sim/fabric/flow_solver.h"

namespace aifactory {

struct FlowCase {
  FlowSet flows;
  std::vector<std::string> ids;      // as JSON text, by flow asked for
  std::vector<std::uint32_t> asked;  // by entry of `flows`: the flow it is a part of; empty = one each
};

// Plain or gzipped. Throws ConfigError with every problem of the file.
FlowCase read_flow_case(const std::string& path);

enum class FlowPattern { kPermutation, kIncast, kAllToAll, kRing, kRandom };
// Names on the command line, in the order of the enumerators: permutation, incast, alltoall, ring, random.
const std::vector<std::string>& flow_pattern_names();

struct FlowRequest {
  FlowPattern pattern = FlowPattern::kPermutation;
  TopologySpec topology;
  Routing routing = Routing::kDeterministic;
  double least_bytes = 8.0 * (1 << 20), most_bytes = 128.0 * (1 << 20);  // uniform in between
  double window_s = 2e-3;                                                // starts uniform in [0, window)
  std::uint32_t fan_in = 16;                                             // senders per receiver (incast)
  std::uint32_t flows = 0;  // the pattern is repeated with fresh orders up to so many; 0 = once
  std::uint64_t seed = 1;
};

// Flows of a pattern over all hosts. Permutation: every host sends to one other, a random cyclic order. Incast: groups
// of fan_in senders and one receiver. All-to-all: every host to every other. Ring: to the next host. Random: to anyone.
// Throws ConfigError for what cannot be built.
FlowCase generate_flow_case(const FlowRequest& request);

// By flow asked for: the last of its parts.
FlowTimes solve_flow_case(const FlowCase& flow_case);

// {"flows": [{"finish_s", "id"}], "makespan_s"}, and a few lines for people.
std::string flow_times_json(const FlowCase& flow_case, const FlowTimes& times);
std::string flow_times_text(const FlowCase& flow_case, const FlowTimes& times);

}  // namespace aifactory
