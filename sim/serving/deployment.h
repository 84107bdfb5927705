// Several replicas behind a router, fed by a trace or a mix: what users of a service see.
#pragma once

#include <array>
#include <string_view>

#include "models/demand/request_mix.h"
#include "sim/serving/capacity.h"

namespace aifactory {

enum class RouterKind {
  kRoundRobin,   // in turn
  kLeastLoaded,  // fewest requests in flight, lowest index on ties
};
inline constexpr std::array<std::string_view, 2> kRouterNames = {"round_robin", "least_loaded"};
constexpr std::string_view name(RouterKind kind) {
  return kRouterNames[static_cast<std::size_t>(kind)];
}

struct DeploymentSpec {
  ServingReplicaSpec replica;
  int replicas = 1;
  RouterKind router = RouterKind::kLeastLoaded;
};

// Every request of the trace, from the first arrival until the last completion; nothing is discarded as warm-up.
ServingOutcome replay_trace(const DeploymentSpec& deployment, const Trace& trace, double cached_fraction,
                            const Slo& slo);

// The same deployment under its mix at one offered load (of the whole deployment), with warm-up.
ServingOutcome simulate_deployment(const DeploymentSpec& deployment, const RequestMix& mix, const Slo& slo,
                                   Hertz offered, const SimulationOptions& options);

}  // namespace aifactory
