// What one collective costs on one kind of link under each algorithm and wire protocol.
//
//   t = start + steps * step + wire bytes / (efficiency * link bandwidth)
//
// with the number of steps and the wire bytes given by the algorithm (collective.cpp). The form is NCCL's own cost
// model (NVIDIA/nccl src/graph/tuning.cc); its constants are the defaults, measured ones come from configs/fabrics.
#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <string_view>

#include "models/units/quantity.h"

namespace aifactory {

// NCCL's wire formats: LL carries a flag with every 4 bytes (lowest latency, half the bandwidth), LL128 a flag with
// every 120 bytes, Simple synchronises whole chunks (highest latency, full bandwidth).
enum class Protocol { kLL, kLL128, kSimple };
inline constexpr std::size_t kProtocolCount = 3;

struct ProtocolLaw {
  Seconds start{};          // once per call
  Seconds step{};           // per hop of the algorithm's longest dependency chain
  double efficiency = 0.0;  // of the level's bandwidth, 0..; above 1 where the network reduces; 0 = not offered

  [[nodiscard]] bool offered() const { return efficiency > 0.0; }
};

using ProtocolLaws = std::array<ProtocolLaw, kProtocolCount>;

// The law of one level: constants per algorithm. An algorithm none of whose protocols is offered is not available; a
// level that offers nothing at all is an ideal link (step = its latency, efficiency = its efficiency).
struct LevelLaw {
  ProtocolLaws ring;         // reduce, gather, scatter, broadcast in a ring
  ProtocolLaws tree;         // double binary tree (chain inside the innermost level)
  ProtocolLaws direct;       // every pair exchanges its own messages: send/recv and all-to-all
  ProtocolLaw nvls;          // reduction and multicast in the switches (NVLS, SHARP)
  ProtocolLaw pat;           // parallel aggregated trees: logarithmic gather and scatter
  ProtocolLaw one_shot;      // serving engines: every rank reads all peers' buffers
  ProtocolLaw two_shot;      // serving engines: reduce-scatter then all-gather over peer memory
  int nvls_least_ranks = 0;  // NCCL takes NVLS from this many ranks on
};

struct CollectiveLaw {
  std::string family;  // accelerators it holds for (Accelerator::family)
  LevelLaw scale_up;
  LevelLaw scale_out;
};

// NCCL's published constants for a family (ampere, hopper, blackwell; others get those of the newest), engine kernels
// off the scale-up latency of the same table.
CollectiveLaw published_collective_law(std::string_view family);

}  // namespace aifactory
