// `aifactory flows`: completion times of explicit flows, read from a flows/1 file or generated on a topology.
//
// flows/1:  {"schema": "flows/1",
//            "links": [{"bandwidth_bytes_per_s": 5e10, "latency_s": 0}, ...],
//            "flows": [{"id": 0, "bytes": 1e9, "start_s": 0, "weight": 1, "links": [0, 4, 7]}, ...]}
// `links` of a flow are indices into the list. latency_s (default 0) of all links of a route delays the flow's start;
// start_s defaults to 0, weight to 1, an absent id to the flow's position. Other members are ignored, but for these:
//            "events": [{"at_s": 0.5, "link": 3, "share": 0}, ...]   from at_s on the link carries this share of its
//                                                                    bandwidth: 0 = failed, 1 = repaired
//            "otherwise": [[1, 5], ...]    of a flow: other routes, for when a link of `links` has failed
//            "job": "a"                    of a flow: the answer has "jobs", when the last flow of each ends and when
//            it
//                                          would alone
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "models/fabric/flow_set.h"
#include "models/fabric/routing.h"
#include "models/fabric/topology.h"
#include "sim/fabric/flow_solver.h"
#include "sim/fabric/timed_flows.h"

namespace aifactory {

struct FlowCase {
  FlowSet flows;
  std::vector<std::string> ids;      // as JSON text, by flow asked for
  std::vector<std::uint32_t> asked;  // by entry of `flows`: the flow it is a part of; empty = one each
  std::vector<std::string> jobs;     // by flow, as JSON text; "" = none
  std::vector<LinkEvent> events;
  std::vector<std::vector<std::vector<std::uint32_t>>> otherwise;  // by flow; may be shorter
};

// Plain or gzipped. Throws ConfigError with every problem of the file.
FlowCase read_flow_case(const std::string& path);

enum class FlowPattern { kPermutation, kIncast, kAllToAll, kRing, kRandom };
// Names on the command line, in the order of the enumerators: permutation, incast, alltoall, ring, random.
const std::vector<std::string>& flow_pattern_names();

// A link (both directions of its cable) or switch of the topology out of order for a while.
struct FabricFailure {
  bool of_switch = false;
  std::uint32_t id = 0;  // of the link, or of the switch as a vertex: they are numbered after the hosts
  double at = 0.0;       // s
  double until = 0.0;    // s; infinity = for good
};

struct FlowRequest {
  FlowPattern pattern = FlowPattern::kPermutation;
  TopologySpec topology;
  Routing routing = Routing::kDeterministic;
  double least_bytes = 8.0 * (1 << 20), most_bytes = 128.0 * (1 << 20);  // uniform in between
  double window_s = 2e-3;                                                // starts uniform in [0, window)
  std::uint32_t fan_in = 16;                                             // senders per receiver (incast)
  std::uint32_t flows = 0;  // the pattern is repeated with fresh orders up to so many; 0 = once
  std::uint64_t seed = 1;
  std::vector<FabricFailure> failures;
};

// Flows of a pattern over all hosts. Permutation: every host sends to one other, a random cyclic order. Incast: groups
// of fan_in senders and one receiver. All-to-all: every host to every other. Ring: to the next host. Random: to anyone.
// Throws ConfigError for what cannot be built.
FlowCase generate_flow_case(const FlowRequest& request);

// By flow asked for: the last of its parts. Throws ConfigError for a flow that never ends.
FlowTimes solve_flow_case(const FlowCase& flow_case);

// The request's flows, rerouted around what fails (sim/fabric/routed_flows.h).
FlowTimes solve_with_failures(const FlowRequest& request, FlowCase& flow_case);

// Runs `solve`; flows that outlast the simulator's clock become a ConfigError.
void within_the_clock(const std::function<void()>& solve);

// The latest end; throws ConfigError for a flow without one.
void require_finished(const FlowCase& flow_case, FlowTimes& times);

struct FlowJobTimes {
  std::string id;                    // as JSON text
  double alone = 0.0, finish = 0.0;  // s
};
// Of the jobs that flows of a file name.
std::vector<FlowJobTimes> job_times(const FlowCase& flow_case, const FlowTimes& times);

// {"flows": [{"finish_s", "id"}], "makespan_s"}, "jobs" where there are any; and a few lines for people.
std::string flow_times_json(const FlowCase& flow_case, const FlowTimes& times,
                            const std::vector<FlowJobTimes>& jobs = {});
std::string flow_times_text(const FlowCase& flow_case, const FlowTimes& times,
                            const std::vector<FlowJobTimes>& jobs = {});

}  // namespace aifactory
