// What one collective costs on one kind of link under each algorithm and wire protocol.
//
//   latency  = start + steps * step
//   transfer = wire bytes / (efficiency * link bandwidth)
//   t        = (latency^overlap + transfer^overlap)^(1/overlap)
//
// overlap = 1: one after the other. Above 1 latency hides behind transfer. Below 1 the bandwidth is reached slowly: a
// chain that cuts its message into chunks pays latency once per chunk to fill the pipe, and with the best chunk size
// takes (sqrt(latency) + sqrt(transfer))^2, which is overlap = 1/2.
//
// with the number of steps and the wire bytes given by the algorithm (collective_cost.h). The form is that of NCCL's
// own cost model (NVIDIA/nccl src/graph/tuning.cc), whose constants are the defaults; constants fitted to measurements,
// and the message sizes up to which a library was seen to use each protocol, come from configs/fabrics.
#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "models/kernels/calibration.h"
#include "models/units/quantity.h"

namespace aifactory {

// NCCL's wire formats: LL carries a flag with every 4 bytes (lowest latency, half the bandwidth), LL128 a flag with
// every 120 bytes, Simple synchronises whole chunks (highest latency, full bandwidth).
enum class Protocol { kLL, kLL128, kSimple };
inline constexpr std::size_t kProtocolCount = 3;

struct ProtocolLaw {
  Seconds start{};          // once per call
  Seconds step{};           // per hop of the algorithm's longest dependency chain
  double efficiency = 0.0;  // of the level's bandwidth; above 1 where the network reduces; 0 = not offered
  double overlap = 1.0;     // how far latency hides behind transfer, >= 1/2
  // The largest buffer it is used for inside one level: up_to * ranks^up_to_exponent. Zero: wherever it is fastest.
  Bytes up_to{};
  double up_to_exponent = 0.0;
  // One way between two ranks, where a kernel cannot fill its links towards one peer (expert exchanges and engines'
  // kernels inside a domain); zero = it can.
  BytesPerSecond pair{};

  [[nodiscard]] bool offered() const { return efficiency > 0.0; }
  bool operator==(const ProtocolLaw&) const = default;
};

struct AlgorithmLaw {
  std::array<ProtocolLaw, kProtocolCount> protocols{};
  double own_share = 0.0;  // of a rank's own block that passes through its links' engines too

  [[nodiscard]] bool offered() const {
    return protocols[0].offered() || protocols[1].offered() || protocols[2].offered();
  }
  bool operator==(const AlgorithmLaw&) const = default;
};

// A serving engine's all-reduce over the peer memory of one scale-up domain. One shot: every rank reads all others'
// buffers, (n-1) S on the wire. Two shot: reduce-scatter then all-gather, 2 (n-1)/n S. Larger buffers go to the
// library.
struct EngineLaw {
  std::string name;  // as measurement files call the kernel: trtllm, vllm_graph, vllm_eager...
  ProtocolLaw one_shot, two_shot;
  Seconds floor{};           // launch cost that hides everything shorter (eager launches)
  BytesPerSecond staging{};  // copy into registered buffers first, at this rate; zero = none
};

// The law of one level: constants per algorithm. An algorithm none of whose protocols is offered is not available; a
// level that offers nothing at all is an ideal link (step = its latency, efficiency = its efficiency).
struct LevelLaw {
  AlgorithmLaw all_reduce;      // ring
  AlgorithmLaw all_gather;      // ring; broadcast too
  AlgorithmLaw reduce_scatter;  // ring
  AlgorithmLaw tree;            // double binary tree, a chain inside the innermost level: all-reduce, broadcast
  AlgorithmLaw direct;          // every pair exchanges its own messages: all-to-all
  AlgorithmLaw send_recv;       // one message between two ranks
  // Reduction and multicast in the switches of a domain (NVLS); up_to = from this size on. At a level beyond it: the
  // trees that join the groups below (NVLSTree), start per round of the tree, step per group.
  ProtocolLaw nvls;
  // Reduction in the switches of a network (SHARP), where they have it: step per switch crossed, its own latency apart.
  // Ranks of a group exchange directly (NCCL's CollNet) or over switches that reduce too (NVLS).
  ProtocolLaw collnet, nvls_collnet;
  int nvls_least_ranks = 0;  // NCCL takes NVLS from this many ranks on
  ProtocolLaw pat;           // parallel aggregated trees: logarithmic gather and scatter
  ProtocolLaw dispatch;      // MoE: tokens to the ranks of their experts; bytes on the wire over the bandwidth
  ProtocolLaw combine;       // MoE: expert outputs back to the ranks of their tokens
  // Times the mean group passes the buffer through its domain when trees join more than two groups: each is a leaf of
  // one of the two trees and an inner node of the other, which takes two passes.
  double passes = 1.5;
  int direct_links = 0;  // of a rank to its peers without switches (a full mesh); 0 = switched
  // Largest group whose up_to sizes were observed; beyond it the fastest protocol is taken.
  int observed_ranks = 8;
  double rails = 0.0;  // most links of the group below that rings and trees spread over; 0 = all
  // What a sender hands to the library's network buffers without waiting for the wire (send_recv).
  Bytes send_credit{};
  EngineLaw engine;
};

// The ring-like and direct algorithms of a level, for code that treats them alike.
inline constexpr std::array<AlgorithmLaw LevelLaw::*, 6> kAlgorithms = {
    &LevelLaw::all_reduce, &LevelLaw::all_gather, &LevelLaw::reduce_scatter,
    &LevelLaw::tree,       &LevelLaw::direct,     &LevelLaw::send_recv};

// A scale-out network other than the default one, e.g. a cloud's own transport.
struct NamedNetwork {
  std::string name;
  BytesPerSecond bandwidth{};  // one way per accelerator; zero = its own network port's
  LevelLaw level;
  // How measurements tell that they ran over it: a word of their accelerator or network, or that they give machines but
  // no network; and whether it joins accelerators of one machine.
  std::string seen_as;
  bool undescribed = false;
  bool in_machine = false;
  int domain = 0;  // accelerators that reach each other over scale_up there; 0 = as many as the accelerator says
};

// What a collective is, for how far its prediction may be off.
enum class CollectiveRegime { kLibrary, kEngine, kLaunched, kBeyond, kExchange };
inline constexpr std::array<std::string_view, 5> kCollectiveRegimes = {"library", "engine", "launched", "beyond",
                                                                       "exchange"};
using CollectiveBands = std::array<LogBand, kCollectiveRegimes.size()>;

// ln(measured / predicted) of NCCL's published constants over the 1,700 measurements that the shipped laws are fitted
// to.
inline constexpr CollectiveBands kPublishedBands = {
    {{-0.02, 0.55}, {-0.01, 1.98}, {0.0, 1.22}, {0.0, 2.66}, {-0.11, 0.25}}};

// Immutable; loaded once (models/catalog/collective_table.h) and handed down.
struct CollectiveLaw {
  std::string id;
  std::string name;
  std::string family;  // accelerators it holds for (Accelerator::family)
  LevelLaw scale_up;
  LevelLaw scale_out;
  std::string scale_out_network;  // what laws that name it alike share the constants of scale_out; empty = nothing
  BytesPerSecond scale_out_bandwidth{};     // one way per accelerator where the network fixes it; zero = its port's
  Seconds launch{};                         // of one call that no captured graph replays (nccl-tests, eager frameworks)
  std::vector<EngineLaw> engines;           // scale_up.engine is one of them
  std::vector<NamedNetwork> networks;       // alternatives to scale_out
  CollectiveBands bands = kPublishedBands;  // of held-out measurements, by regime
};

// NCCL's published constants for a family (ampere, hopper; others get those of blackwell), and one engine whose kernels
// pay half of NCCL's LL latencies.
CollectiveLaw published_collective_law(std::string_view family);

// The same law with another engine in front; unchanged if it knows none of that name (case ignored).
CollectiveLaw with_engine(CollectiveLaw law, std::string_view engine);
// The same law over another of its networks; unchanged if it knows none of that name.
CollectiveLaw with_network(CollectiveLaw law, std::string_view network);

}  // namespace aifactory
