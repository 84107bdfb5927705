// The algorithms behind collective_time, one function each. Levels of one rank are skipped by all of them. Nothing is
// returned where a level does not offer the algorithm or protocol.
//
//   algorithm   longest chain of steps                      through every rank (times the buffer S)
//   ring        AR 2(N-1), gather, scatter, bcast N-1       AR 2(N-1)/N, gather, scatter (N-1)/N, bcast 1
//   tree        2 (chain below + log2 of groups above)      AR 2, bcast 1
//   in network  one pass through the switches, trees above  2(N-1)/N, at up to twice the ring's rate
//   CollNet     up and down the tiers of switches           1 beyond the group, 2(n-1)/n inside it
//   PAT         log2 per level                              (N-1)/N
//   direct      one message per peer                        what leaves the group of each level
//
// At a level above the innermost, a collective spreads over the links of all ranks of the groups below: a ring per
// rail.
#pragma once

#include <optional>
#include <span>

#include "models/fabric/collective.h"

namespace aifactory::cost {

using Levels = std::span<const NetworkLevel>;

// Groups of one level as a ring, tree or set of pairs of everything below it.
std::optional<Seconds> ring(Collective operation, Bytes bytes, Levels levels, Protocol protocol);
std::optional<Seconds> tree(Collective operation, Bytes bytes, Levels levels, Protocol protocol);
std::optional<Seconds> in_network(Bytes bytes, Levels levels);
// All-reduce over switches beyond the group that reduce. A tree crosses each link once whatever hangs below it, so that
// an oversubscribed leaf does not slow it.
std::optional<Seconds> collnet(Bytes bytes, Levels levels);
std::optional<Seconds> pat(Bytes bytes, Levels levels);
std::optional<Seconds> all_to_all(Bytes bytes, Levels levels, Protocol protocol);
std::optional<Seconds> send_recv(Bytes bytes, Levels levels, Protocol protocol);

// An engine's own kernel inside one level; nothing where the buffer is beyond them.
std::optional<Seconds> engine_kernel(Bytes bytes, const NetworkLevel& level);

// An expert-parallel exchange in which every rank sends `on_the_wire` to others, evenly over all of them.
std::optional<Seconds> exchange(Bytes on_the_wire, Levels levels, bool combine);

double total_ranks(Levels levels);

// Largest buffer a protocol is used for among `ranks`; zero = no limit.
Bytes limit(const ProtocolLaw& law, double ranks);

}  // namespace aifactory::cost
