#include "models/fabric/collective.h"

#include <algorithm>
#include <bit>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>

namespace aifactory {
namespace {

using Levels = std::span<const NetworkLevel>;

double total_ranks(Levels levels) {
  double ranks = 1.0;
  for (const NetworkLevel& level : levels) {
    ranks *= static_cast<double>(level.ranks);
  }
  return ranks;
}

// Rounds of a binary tree over n participants.
double tree_depth(int n) {
  return static_cast<double>(std::bit_width(static_cast<std::uint32_t>(n - 1)));
}

bool ideal(const NetworkLevel& level) {
  const auto none = [](const ProtocolLaws& laws) {
    return std::none_of(laws.begin(), laws.end(), [](const ProtocolLaw& l) { return l.offered(); });
  };
  const LevelLaw& law = level.law;
  return none(law.ring) && none(law.tree) && none(law.direct) && !law.nvls.offered() && !law.pat.offered() &&
         !law.one_shot.offered() && !law.two_shot.offered();
}

// The constants of one algorithm and protocol at a level, or nothing if the level does not offer it.
std::optional<ProtocolLaw> law_at(const NetworkLevel& level, const ProtocolLaw& offered, std::size_t protocol) {
  if (ideal(level)) {
    if (static_cast<Protocol>(protocol) != Protocol::kSimple) {
      return std::nullopt;
    }
    return ProtocolLaw{Seconds(0.0), level.latency, level.efficiency};
  }
  if (!offered.offered()) {
    return std::nullopt;
  }
  return ProtocolLaw{offered.start, offered.step, offered.efficiency * level.efficiency};
}

// Accumulates one algorithm over levels: latencies add, the slowest level sets the pipelined transfer time.
class Estimate {
 public:
  void start(Seconds value) { start_ = max(start_, value); }
  void latency(Seconds value) { latency_ += value; }
  void transfer(Bytes bytes, BytesPerSecond bandwidth) { transfer_ = max(transfer_, bytes / bandwidth); }
  [[nodiscard]] Seconds time() const { return start_ + latency_ + transfer_; }

 private:
  Seconds start_{}, latency_{}, transfer_{};
};

struct Shape {
  double rounds;          // times the ring is walked: 2 for all-reduce, 1 for the others
  double bytes_per_rank;  // of the buffer through every rank, times ranks/(ranks-1)
};

Shape ring_shape(Collective operation) {
  return operation == Collective::kAllReduce ? Shape{2.0, 2.0} : Shape{1.0, 1.0};
}

std::optional<Seconds> ring(Collective operation, Bytes bytes, Levels levels, std::size_t protocol) {
  const Shape shape = ring_shape(operation);
  const double ranks = total_ranks(levels);
  const bool gather_like = operation != Collective::kBroadcast;
  Estimate estimate;
  double below = 1.0;  // ranks in one group of the level below
  for (const NetworkLevel& level : levels) {
    if (level.ranks > 1) {
      const auto law = law_at(level, level.law.ring[protocol], protocol);
      if (!law) {
        return std::nullopt;
      }
      const double units = ranks / below;
      estimate.start(law->start);
      estimate.latency(law->step * (shape.rounds * (units - units / static_cast<double>(level.ranks))));
      const double share = gather_like ? shape.bytes_per_rank * (ranks - 1.0) / ranks : 1.0;
      estimate.transfer(bytes * share, level.bandwidth * (law->efficiency * below));
      below *= static_cast<double>(level.ranks);
    }
  }
  return estimate.time();
}

// Double binary tree across groups, a chain inside the innermost level; reduce up and broadcast down, pipelined.
std::optional<Seconds> tree(Collective operation, Bytes bytes, Levels levels, std::size_t protocol) {
  const double rounds = operation == Collective::kAllReduce ? 2.0 : 1.0;
  Estimate estimate;
  double below = 1.0;
  for (const NetworkLevel& level : levels) {
    if (level.ranks > 1) {
      const auto law = law_at(level, level.law.tree[protocol], protocol);
      if (!law) {
        return std::nullopt;
      }
      const double depth = below == 1.0 ? static_cast<double>(level.ranks - 1) : tree_depth(level.ranks);
      estimate.start(law->start);
      estimate.latency(law->step * (rounds * depth));
      estimate.transfer(bytes * rounds, level.bandwidth * (law->efficiency * below));
      below *= static_cast<double>(level.ranks);
    }
  }
  return estimate.time();
}

// Switches of the innermost level reduce and multicast; above it each rank's shard is reduced in a tree of groups.
std::optional<Seconds> in_network(Bytes bytes, Levels levels) {
  const double ranks = total_ranks(levels);
  Estimate estimate;
  double below = 1.0;
  constexpr auto kSimple = static_cast<std::size_t>(Protocol::kSimple);
  for (const NetworkLevel& level : levels) {
    if (level.ranks == 1) {
      continue;
    }
    if (below == 1.0) {
      if (!level.in_network_reduction || !level.law.nvls.offered() || level.ranks < level.law.nvls_least_ranks) {
        return std::nullopt;
      }
      estimate.start(level.law.nvls.start);
      estimate.latency(level.law.nvls.step * static_cast<double>(level.ranks - 1));
      const double share = 2.0 * (ranks - 1.0) / ranks;
      estimate.transfer(bytes * share, level.bandwidth * (level.law.nvls.efficiency * level.efficiency));
    } else if (level.in_network_reduction && level.law.nvls.offered()) {
      estimate.latency(level.law.nvls.start);
      estimate.transfer(bytes, level.bandwidth * (level.law.nvls.efficiency * level.efficiency * below));
    } else {
      const auto law = law_at(level, level.law.tree[kSimple], kSimple);
      if (!law) {
        return std::nullopt;
      }
      estimate.latency(law->start + law->step * (2.0 * tree_depth(level.ranks)));
      estimate.transfer(bytes * 2.0, level.bandwidth * (law->efficiency * below));
    }
    below *= static_cast<double>(level.ranks);
  }
  return estimate.time();
}

// Parallel aggregated trees: logarithmic in every level.
std::optional<Seconds> pat(Bytes bytes, Levels levels) {
  const double ranks = total_ranks(levels);
  Estimate estimate;
  double below = 1.0;
  for (const NetworkLevel& level : levels) {
    if (level.ranks > 1) {
      if (!level.law.pat.offered()) {
        return std::nullopt;
      }
      estimate.start(level.law.pat.start);
      estimate.latency(level.law.pat.step * tree_depth(level.ranks));
      estimate.transfer(bytes * ((ranks - 1.0) / ranks),
                        level.bandwidth * (level.law.pat.efficiency * level.efficiency * below));
      below *= static_cast<double>(level.ranks);
    }
  }
  return estimate.time();
}

// Every rank sends its own block to every other: what leaves a group of the level below crosses this level.
std::optional<Seconds> all_to_all(Bytes bytes, Levels levels, std::size_t protocol) {
  const double ranks = total_ranks(levels);
  Estimate estimate;
  double below = 1.0;
  for (const NetworkLevel& level : levels) {
    if (level.ranks > 1) {
      const auto law = law_at(level, level.law.direct[protocol], protocol);
      if (!law) {
        return std::nullopt;
      }
      const double group = below * static_cast<double>(level.ranks);
      estimate.start(law->start);
      // Messages to the peers first reached at this level leave one after the other, `below` of them by each rail.
      estimate.latency(law->step * (group / below - 1.0));
      estimate.transfer(bytes * ((ranks - below) / ranks), level.bandwidth * law->efficiency);
      below = group;
    }
  }
  return estimate.time();
}

std::optional<Seconds> send_recv(Bytes bytes, Levels levels, std::size_t protocol) {
  const NetworkLevel* outermost = nullptr;
  for (const NetworkLevel& level : levels) {
    if (level.ranks > 1) {
      outermost = &level;
    }
  }
  const auto law = law_at(*outermost, outermost->law.direct[protocol], protocol);
  if (!law) {
    return std::nullopt;
  }
  return law->start + law->step + bytes / (outermost->bandwidth * law->efficiency);
}

// The serving engines' kernels over peer memory of one scale-up domain.
std::optional<Seconds> engine_all_reduce(Bytes bytes, Levels levels) {
  const NetworkLevel* level = nullptr;
  for (const NetworkLevel& candidate : levels) {
    if (candidate.ranks > 1) {
      if (level != nullptr) {
        return std::nullopt;
      }
      level = &candidate;
    }
  }
  const double ranks = static_cast<double>(level->ranks);
  const auto time = [&](const ProtocolLaw& law, double bytes_share) -> std::optional<Seconds> {
    if (!law.offered()) {
      return std::nullopt;
    }
    return law.start + law.step * (ranks - 1.0) +
           bytes * bytes_share / (level->bandwidth * (law.efficiency * level->efficiency));
  };
  const auto one = time(level->law.one_shot, ranks - 1.0);
  const auto two = time(level->law.two_shot, 2.0 * (ranks - 1.0) / ranks);
  if (one && two) {
    return min(*one, *two);
  }
  return one ? one : two;
}

}  // namespace

Seconds collective_time(Collective operation, Bytes bytes, const std::vector<NetworkLevel>& levels,
                        CollectiveStack stack) {
  if (bytes.value() <= 0.0 || total_ranks(levels) <= 1.0) {
    return Seconds(0.0);
  }
  std::optional<Seconds> best;
  const auto consider = [&best](std::optional<Seconds> candidate) {
    if (candidate && (!best || *candidate < *best)) {
      best = candidate;
    }
  };
  for (std::size_t protocol = 0; protocol < kProtocolCount; ++protocol) {
    switch (operation) {
      case Collective::kAllReduce:
      case Collective::kBroadcast:
        consider(ring(operation, bytes, levels, protocol));
        consider(tree(operation, bytes, levels, protocol));
        break;
      case Collective::kAllGather:
      case Collective::kReduceScatter:
        consider(ring(operation, bytes, levels, protocol));
        break;
      case Collective::kAllToAll:
        consider(all_to_all(bytes, levels, protocol));
        break;
      case Collective::kSendRecv:
        consider(send_recv(bytes, levels, protocol));
        break;
    }
  }
  if (operation == Collective::kAllReduce) {
    consider(in_network(bytes, levels));
    if (stack == CollectiveStack::kEngine) {
      consider(engine_all_reduce(bytes, levels));
    }
  }
  if (operation == Collective::kAllGather || operation == Collective::kReduceScatter) {
    consider(pat(bytes, levels));
  }
  return best.value_or(Seconds(std::numeric_limits<double>::infinity()));
}

BytesPerSecond bus_bandwidth(Collective operation, Bytes bytes, int ranks, Seconds time) {
  if (ranks <= 1 || time.value() <= 0.0) {
    return BytesPerSecond(0.0);
  }
  const double n = static_cast<double>(ranks);
  switch (operation) {
    case Collective::kAllReduce:
      return bytes * (2.0 * (n - 1.0) / n) / time;
    case Collective::kAllGather:
    case Collective::kReduceScatter:
    case Collective::kAllToAll:
      return bytes * ((n - 1.0) / n) / time;
    case Collective::kBroadcast:
    case Collective::kSendRecv:
      return bytes / time;
  }
  return BytesPerSecond(0.0);
}

std::vector<NetworkLevel> levels_for(const System& system, int ranks) {
  return levels_for(system, ranks, published_collective_law(system.accelerator.family));
}

std::vector<NetworkLevel> levels_for(const System& system, int ranks, const CollectiveLaw& law) {
  const Accelerator& accelerator = system.accelerator;
  const int domain = std::max(1, accelerator.scale_up_domain);
  std::vector<NetworkLevel> levels;
  NetworkLevel up;
  up.ranks = std::clamp(ranks, 1, domain);
  up.bandwidth = accelerator.scale_up_bandwidth;
  up.in_network_reduction = accelerator.in_network_reduction;
  up.law = law.scale_up;
  levels.push_back(up);
  if (ranks > domain) {
    NetworkLevel out;
    out.ranks = (ranks + domain - 1) / domain;  // whole domains: a part-filled one is as slow as a full one
    out.bandwidth = accelerator.scale_out_bandwidth;
    out.law = law.scale_out;
    levels.push_back(out);
  }
  return levels;
}

}  // namespace aifactory
