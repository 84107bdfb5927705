#include "models/fabric/collective_cost.h"

#include <algorithm>
#include <bit>
#include <cstdint>

#include "models/units/pinned_math.h"

namespace aifactory::cost {
namespace {

std::size_t index(Protocol protocol) {
  return static_cast<std::size_t>(protocol);
}

double count(const NetworkLevel& level) {
  return static_cast<double>(level.ranks);
}

// Rounds of a binary tree over n participants.
double depth(int n) {
  return static_cast<double>(std::bit_width(static_cast<std::uint32_t>(n - 1)));
}

bool ideal(const LevelLaw& law) {
  return !law.all_reduce.offered() && !law.all_gather.offered() && !law.reduce_scatter.offered() &&
         !law.tree.offered() && !law.direct.offered() && !law.nvls.offered() && !law.pat.offered();
}

// The constants of one algorithm and protocol at a level, or nothing if the level does not offer it.
std::optional<ProtocolLaw> law_at(const NetworkLevel& level, const ProtocolLaw& offered, Protocol protocol) {
  if (ideal(level.law)) {
    if (protocol != Protocol::kSimple) {
      return std::nullopt;
    }
    ProtocolLaw law;
    law.step = level.latency;
    law.efficiency = level.efficiency;
    return law;
  }
  if (!offered.offered()) {
    return std::nullopt;
  }
  ProtocolLaw law = offered;
  law.efficiency *= level.efficiency;
  return law;
}

// One algorithm over levels: latencies add, the slowest level sets the pipelined transfer time.
class Estimate {
 public:
  void latency(Seconds start, Seconds steps) {
    start_ = max(start_, start);
    steps_ += steps;
  }
  void transfer(Bytes bytes, BytesPerSecond bandwidth, double overlap) {
    transfer_ = max(transfer_, bytes / bandwidth);
    overlap_ = std::min(overlap_, overlap);
  }
  [[nodiscard]] Seconds time() const {
    const Seconds latency = start_ + steps_;
    const Seconds longer = max(latency, transfer_);
    const Seconds shorter = min(latency, transfer_);
    if (overlap_ == 1.0 || shorter.value() <= 0.0) {
      return latency + transfer_;
    }
    return longer * pinned::pow(1.0 + pinned::pow(shorter / longer, overlap_), 1.0 / overlap_);
  }

 private:
  Seconds start_{}, steps_{}, transfer_{};
  double overlap_ = 1e9;
};

// What a kernel reaches towards n - 1 peers at once.
BytesPerSecond towards_peers(const NetworkLevel& level, const ProtocolLaw& law) {
  const BytesPerSecond links = level.bandwidth * (law.efficiency * level.efficiency);
  return law.pair.value() > 0.0 ? min(links, law.pair * (count(level) - 1.0)) : links;
}

// Links that a ring or tree of one level has per group of the level below.
double rails(const NetworkLevel& level, double below) {
  return level.law.rails > 0.0 ? std::min(below, level.law.rails) : below;
}

const AlgorithmLaw& ring_law(Collective operation, const LevelLaw& law) {
  switch (operation) {
    case Collective::kAllReduce:
      return law.all_reduce;
    case Collective::kReduceScatter:
      return law.reduce_scatter;
    default:
      return law.all_gather;
  }
}

// The switches of a domain add and multicast for this group.
bool reduces_inside(const NetworkLevel& level) {
  return level.in_network_reduction && level.law.nvls.offered() && level.ranks >= level.law.nvls_least_ranks;
}

}  // namespace

double total_ranks(Levels levels) {
  double ranks = 1.0;
  for (const NetworkLevel& level : levels) {
    ranks *= count(level);
  }
  return ranks;
}

Bytes limit(const ProtocolLaw& law, double ranks) {
  return law.up_to_exponent == 0.0 ? law.up_to : law.up_to * pinned::pow(ranks, law.up_to_exponent);
}

std::optional<Seconds> ring(Collective operation, Bytes bytes, Levels levels, Protocol protocol) {
  const double ranks = total_ranks(levels);
  const double rounds = operation == Collective::kAllReduce ? 2.0 : 1.0;
  const double share = operation == Collective::kBroadcast ? 1.0 : rounds * (ranks - 1.0) / ranks;
  Estimate estimate;
  double below = 1.0;  // ranks in one group of the level below
  for (const NetworkLevel& level : levels) {
    if (level.ranks == 1) {
      continue;
    }
    const AlgorithmLaw& algorithm = ring_law(operation, level.law);
    const auto law = law_at(level, algorithm.protocols[index(protocol)], protocol);
    if (!law) {
      return std::nullopt;
    }
    const double groups = ranks / below;
    estimate.latency(law->start, law->step * (rounds * (groups - groups / count(level))));
    estimate.transfer(bytes * (share + algorithm.own_share / ranks),
                      level.bandwidth * (law->efficiency * rails(level, below)), law->overlap);
    below *= count(level);
  }
  return estimate.time();
}

std::optional<Seconds> tree(Collective operation, Bytes bytes, Levels levels, Protocol protocol) {
  const double rounds = operation == Collective::kAllReduce ? 2.0 : 1.0;
  Estimate estimate;
  double below = 1.0;
  for (const NetworkLevel& level : levels) {
    if (level.ranks == 1) {
      continue;
    }
    const auto law = law_at(level, level.law.tree.protocols[index(protocol)], protocol);
    if (!law) {
      return std::nullopt;
    }
    const double hops = below == 1.0 ? count(level) - 1.0 : depth(level.ranks);
    estimate.latency(law->start, law->step * (rounds * hops));
    estimate.transfer(bytes * rounds, level.bandwidth * (law->efficiency * rails(level, below)), law->overlap);
    below *= count(level);
  }
  return estimate.time();
}

std::optional<Seconds> in_network(Bytes bytes, Levels levels) {
  const double ranks = total_ranks(levels);
  Estimate estimate;
  double below = 1.0;
  const NetworkLevel* innermost = nullptr;
  double passes = 1.0;  // of the buffer through the innermost switches
  for (const NetworkLevel& level : levels) {
    if (level.ranks == 1) {
      continue;
    }
    const ProtocolLaw& nvls = level.law.nvls;
    const BytesPerSecond bandwidth = level.bandwidth * (nvls.efficiency * level.efficiency * below);
    if (innermost == nullptr) {
      if (!reduces_inside(level)) {
        return std::nullopt;
      }
      innermost = &level;
      estimate.latency(nvls.start, nvls.step * (count(level) - 1.0));
    } else if (!nvls.offered()) {
      return std::nullopt;
    } else {
      // Two groups exchange their sums; among more, inner nodes of the trees take in their children's sums and pass
      // their own on, which costs them their links and the switches of their domain a second time.
      passes = level.ranks > 2 ? level.law.passes : 1.0;
      estimate.latency(Seconds(0.0), nvls.start * (2.0 * depth(level.ranks)) + nvls.step * (count(level) - 1.0));
      estimate.transfer(bytes * passes, bandwidth, nvls.overlap);
    }
    below *= count(level);
  }
  const ProtocolLaw& nvls = innermost->law.nvls;
  estimate.transfer(bytes * (passes * 2.0 * (ranks - 1.0) / ranks),
                    innermost->bandwidth * (nvls.efficiency * innermost->efficiency), nvls.overlap);
  return estimate.time();
}

std::optional<Seconds> collnet(Bytes bytes, Levels levels) {
  const NetworkLevel* outermost = nullptr;
  const NetworkLevel* innermost = nullptr;
  std::size_t spanned = 0;
  for (const NetworkLevel& level : levels) {
    if (level.ranks > 1) {
      innermost = innermost == nullptr ? &level : innermost;
      outermost = &level;
      ++spanned;
    }
  }
  if (outermost == nullptr || !outermost->switch_reduction.offered()) {
    return std::nullopt;
  }
  const bool switched_inside = spanned == 2 && reduces_inside(*innermost);
  Estimate estimate;
  double below = 1.0;
  for (const NetworkLevel& level : levels) {
    if (level.ranks == 1 || &level == outermost) {
      continue;
    }
    const double n = count(level);
    if (switched_inside) {
      const ProtocolLaw& nvls = level.law.nvls;
      estimate.latency(nvls.start, nvls.step * (n - 1.0));
      estimate.transfer(bytes * (2.0 * (n - 1.0) / n), level.bandwidth * (nvls.efficiency * level.efficiency),
                        nvls.overlap);
    } else {
      const auto law = law_at(level, level.law.direct.protocols[index(Protocol::kSimple)], Protocol::kSimple);
      if (!law) {
        return std::nullopt;
      }
      // Every rank sums its share of the group's buffers, and hands it round when it comes back.
      estimate.latency(law->start, law->step * 2.0);
      estimate.transfer(bytes * (2.0 * (n - 1.0) / n), level.bandwidth * (law->efficiency * below), law->overlap);
    }
    below *= n;
  }
  const SwitchReduction& switches = outermost->switch_reduction;
  ProtocolLaw law = switched_inside ? outermost->law.nvls_collnet : outermost->law.collnet;
  if (!law.offered()) {
    if (!ideal(outermost->law)) {
      return std::nullopt;
    }
    law.efficiency = 1.0;
  }
  const double crossed = 2.0 * static_cast<double>(switches.tiers(outermost->ranks)) - 1.0;  // up to a root and down
  estimate.latency(Seconds(0.0), law.start + (law.step + switches.latency) * crossed);
  const BytesPerSecond rate =
      switches.capacity.value() > 0.0 ? min(outermost->bandwidth, switches.capacity) : outermost->bandwidth;
  estimate.transfer(bytes, rate * (law.efficiency * below), law.overlap);
  return estimate.time();
}

std::optional<Seconds> pat(Bytes bytes, Levels levels) {
  const double ranks = total_ranks(levels);
  Estimate estimate;
  double below = 1.0;
  for (const NetworkLevel& level : levels) {
    if (level.ranks == 1) {
      continue;
    }
    const ProtocolLaw& law = level.law.pat;
    if (!law.offered()) {
      return std::nullopt;
    }
    estimate.latency(law.start, law.step * depth(level.ranks));
    estimate.transfer(bytes * ((ranks - 1.0) / ranks), level.bandwidth * (law.efficiency * level.efficiency * below),
                      law.overlap);
    below *= count(level);
  }
  return estimate.time();
}

std::optional<Seconds> all_to_all(Bytes bytes, Levels levels, Protocol protocol) {
  const double ranks = total_ranks(levels);
  Estimate estimate;
  double below = 1.0;
  for (const NetworkLevel& level : levels) {
    if (level.ranks == 1) {
      continue;
    }
    const AlgorithmLaw& algorithm = level.law.direct;
    const auto law = law_at(level, algorithm.protocols[index(protocol)], protocol);
    if (!law) {
      return std::nullopt;
    }
    // Messages to the groups first reached at this level leave one after the other, in parallel over the rails below.
    estimate.latency(law->start, law->step * (count(level) - 1.0));
    estimate.transfer(bytes * ((ranks - below + algorithm.own_share) / ranks), level.bandwidth * law->efficiency,
                      law->overlap);
    below *= count(level);
  }
  return estimate.time();
}

std::optional<Seconds> send_recv(Bytes bytes, Levels levels, Protocol protocol) {
  const NetworkLevel* outermost = nullptr;
  for (const NetworkLevel& level : levels) {
    if (level.ranks > 1) {
      outermost = &level;
    }
  }
  const auto law = law_at(*outermost, outermost->law.send_recv.protocols[index(protocol)], protocol);
  if (!law) {
    return std::nullopt;
  }
  Estimate estimate;
  estimate.latency(law->start, law->step);
  const Bytes waited_for = max(Bytes(0.0), bytes - outermost->law.send_credit);
  estimate.transfer(waited_for, outermost->bandwidth * law->efficiency, law->overlap);
  return estimate.time();
}

std::optional<Seconds> engine_kernel(Bytes bytes, const NetworkLevel& level) {
  const double ranks = count(level);
  const auto time = [&](const ProtocolLaw& law, Bytes size, double share) {
    Estimate estimate;
    estimate.latency(law.start, law.step * (ranks - 1.0));
    estimate.transfer(size * share, towards_peers(level, law), law.overlap);
    return estimate.time();
  };
  const ProtocolLaw& one = level.law.engine.one_shot;
  const ProtocolLaw& two = level.law.engine.two_shot;
  const double one_share = ranks - 1.0;
  const double two_share = 2.0 * (ranks - 1.0) / ranks;
  if (!one.offered() || !two.offered()) {
    return std::nullopt;
  }
  const Bytes one_limit = limit(one, ranks);
  const Bytes two_limit = limit(two, ranks);
  if (one_limit.value() <= 0.0) {
    return min(time(one, bytes, one_share), time(two, bytes, two_share));
  }
  if (bytes <= one_limit) {
    return time(one, bytes, one_share);
  }
  if (bytes <= two_limit) {
    return max(time(one, one_limit, one_share), time(two, bytes, two_share));  // never faster for more bytes
  }
  return std::nullopt;
}

std::optional<Seconds> exchange(Bytes on_the_wire, Levels levels, bool combine) {
  const double ranks = total_ranks(levels);
  Estimate estimate;
  double below = 1.0;
  for (const NetworkLevel& level : levels) {
    if (level.ranks == 1) {
      continue;
    }
    const ProtocolLaw& law = combine ? level.law.combine : level.law.dispatch;
    if (!law.offered()) {
      return std::nullopt;
    }
    // Destinations are spread evenly: of what a rank sends, this share leaves the group below.
    estimate.latency(law.start, law.step * (count(level) - 1.0));
    estimate.transfer(on_the_wire * ((ranks - below) / (ranks - 1.0)), towards_peers(level, law), law.overlap);
    below *= count(level);
  }
  return estimate.time();
}

}  // namespace aifactory::cost
