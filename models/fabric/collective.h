// Time of one collective operation over levels of a network, from inside a scale-up domain to across a site.
//
// For a row of measurements inside one node (a backtest): collective_time(op, bytes, levels_for(system, gpus, law),
// stack), with stack = kEngine for the serving engines' own all-reduce and kLibrary for everything NCCL-like.
// Without a calibrated law, levels_for(system, gpus) takes NCCL's published constants.
#pragma once

#include <vector>

#include "models/fabric/collective_law.h"
#include "models/hardware/accelerator.h"
#include "models/hardware/system.h"
#include "models/units/quantity.h"

namespace aifactory {

enum class Collective { kAllReduce, kAllGather, kReduceScatter, kAllToAll, kBroadcast, kSendRecv };

// Who implements it: NCCL-like library calls, or the serving engines' own one- and two-shot kernels for small messages.
enum class CollectiveStack { kLibrary, kEngine };

// What the switches of a network reduce on the way (SHARP): a tree of them takes each rank's buffer in once and hands
// the sum back once. Leaves of a tree with `tiers` tiers: 2 (radix / 2)^tiers, as in a non-blocking Clos.
struct SwitchReduction {
  int radix = 0;              // ports of a switch, from 4 on; 0 = the switches do not reduce
  BytesPerSecond capacity{};  // one way per accelerator that they stream through the reduction; zero = line rate
  Seconds latency{};          // of one switch

  [[nodiscard]] bool offered() const { return radix >= 4; }
  [[nodiscard]] int tiers(int endpoints) const;
};

// One level of a hierarchy, innermost first: `ranks` participants per group at this level.
struct NetworkLevel {
  int ranks = 1;
  BytesPerSecond bandwidth{};         // one way per accelerator at this level
  Seconds latency{};                  // one hop, software included; used where `law` offers no protocol
  bool in_network_reduction = false;  // in the switches of a domain (NVLS)
  SwitchReduction switch_reduction;   // in those of a network
  double efficiency = 1.0;            // protocol and congestion, of bandwidth
  LevelLaw law;                       // constants per algorithm and protocol; empty = an ideal link
};

// The links of one accelerator that collectives run over.
struct CollectiveLinks {
  int domain = 1;                          // accelerators that reach each other over scale_up
  BytesPerSecond scale_up{}, scale_out{};  // one way per accelerator
  bool in_network_reduction = false;       // in the switches of the domain
  double scale_out_efficiency = 1.0;       // what congestion leaves of scale_out
  SwitchReduction scale_out_reduction;     // in the switches beyond it
};
// Of scale_out, an oversubscribed leaf leaves its share; hashing leaves the even load of an uplink over the expected
// largest, one flow per port (models/fabric/routing.h). Assumes traffic that leaves its leaf.
CollectiveLinks links_of(const System& system);

// The levels that `ranks` accelerators span when packed densely: scale-up domain first, then scale-out.
std::vector<NetworkLevel> levels_for(const CollectiveLinks& links, int ranks, const CollectiveLaw& law);
std::vector<NetworkLevel> levels_for(const System& system, int ranks);
std::vector<NetworkLevel> levels_for(const System& system, int ranks, const CollectiveLaw& law);

// `bytes` as nccl-tests prints them: the full buffer for all-reduce, all-gather and reduce-scatter, the send buffer of
// one rank for all-to-all. One participant or zero bytes take no time. The fastest algorithm and protocol that every
// level offers is taken, as NCCL's tuner does. Ring all-reduce over N ranks takes steps = 2(N-1) and moves 2(N-1)/N of
// the buffer through every rank; rings of a level spread over all links of the groups below it.
Seconds collective_time(Collective operation, Bytes bytes, const std::vector<NetworkLevel>& levels,
                        CollectiveStack stack = CollectiveStack::kLibrary);

// Distinct ranks, of `ranks`, that hold the experts of one token when experts are spread evenly and chosen
// independently: N (1 - (1 - 1/N)^k).
double expected_destinations(double ranks, double experts_per_token);

// One expert-parallel exchange: dispatch sends tokens to the ranks of their experts, combine returns the outputs.
struct ExpertExchange {
  double tokens_per_rank = 0.0;
  double experts_per_token = 1.0;
  Bytes bytes_per_token{};
  bool once_per_rank = true;  // one copy per destination rank (TensorRT-LLM, DeepEP normal) or per expert (low latency)
  bool balanced = false;      // experts dealt out so that a token never meets a rank twice before all are met
  bool combine = false;
};
// What stays on the rank itself is free. Ranks that only some nodes of a group reach (node limits) are the caller's:
// fewer destinations are a smaller experts_per_token.
Seconds exchange_time(const ExpertExchange& exchange, const std::vector<NetworkLevel>& levels);

// Bus bandwidth as nccl-tests defines it.
BytesPerSecond bus_bandwidth(Collective operation, Bytes bytes, int ranks, Seconds time);

}  // namespace aifactory
