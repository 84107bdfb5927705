// Which of the equally short routes a flow takes, and what that does to the links.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "models/fabric/topology.h"

namespace aifactory {

enum class Routing {
  kDeterministic,  // by destination (D-mod-k): what InfiniBand's subnet manager installs
  kHashed,         // by a hash of the flow: ECMP on Ethernet
  kSprayed         // over all routes in equal parts: adaptive routing, packet spraying
};

// The choice a hashing fabric makes for a flow; the same seed gives the same choices on every machine.
std::uint32_t hashed_choice(std::uint32_t routes, VertexId a, VertexId b, std::uint64_t flow, std::uint64_t seed);

// Routes of one flow: one, or with spraying up to `most` of them, evenly spread over all. Routes for which `usable` is
// false (failed links) are passed over; an empty result means that every minimal route has failed.
using LinkFilter = std::function<bool(LinkId)>;
std::vector<std::vector<LinkId>> routes_of(const Topology& topology, Routing routing, VertexId a, VertexId b,
                                           std::uint64_t flow, std::uint64_t seed, std::uint32_t most = 16,
                                           const LinkFilter& usable = {});

// Expected number of flows on the most loaded of `links` when `flows` choose independently and uniformly: the exact
// mean of the maximum of a multinomial, by its Poisson approximation (independent counts with the same mean; within 2 %
// of exact from 4 links on).
double expected_most_loaded(double flows, double links);

// Mean throughput of equal flows under hashing over spraying: the even load over the expected largest.
double hashing_efficiency(double flows, double links);

}  // namespace aifactory
