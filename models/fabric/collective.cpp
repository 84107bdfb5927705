#include "models/fabric/collective.h"

#include <algorithm>
#include <array>
#include <limits>
#include <optional>

#include "models/fabric/collective_cost.h"

namespace aifactory {
namespace {

using cost::Levels;

constexpr std::array<Protocol, kProtocolCount> kProtocols = {Protocol::kLL, Protocol::kLL128, Protocol::kSimple};

// The fastest of what is offered, as NCCL's tuner believes to choose.
class Fastest {
 public:
  void consider(std::optional<Seconds> candidate) {
    if (candidate && (!best_ || *candidate < *best_)) {
      best_ = candidate;
    }
  }
  [[nodiscard]] Seconds time() const { return best_.value_or(Seconds(std::numeric_limits<double>::infinity())); }

 private:
  std::optional<Seconds> best_;
};

std::optional<Seconds> one_protocol(Collective operation, Bytes bytes, Levels levels, Protocol protocol) {
  switch (operation) {
    case Collective::kAllToAll:
      return cost::all_to_all(bytes, levels, protocol);
    case Collective::kSendRecv:
      return cost::send_recv(bytes, levels, protocol);
    default:
      return cost::ring(operation, bytes, levels, protocol);
  }
}

const AlgorithmLaw& measured_law(Collective operation, const LevelLaw& law) {
  switch (operation) {
    case Collective::kAllReduce:
      return law.all_reduce;
    case Collective::kAllGather:
    case Collective::kBroadcast:
      return law.all_gather;
    case Collective::kReduceScatter:
      return law.reduce_scatter;
    case Collective::kAllToAll:
    case Collective::kSendRecv:
      return law.direct;
  }
  return law.direct;
}

// Inside one level whose law says up to which size the library was seen to use each protocol: that one, and never less
// than a smaller buffer takes. The library switches late and to slower protocols at times; so does the law.
std::optional<Seconds> as_observed(Collective operation, Bytes bytes, Levels levels, const NetworkLevel& level) {
  const AlgorithmLaw& law = measured_law(operation, level.law);
  const double ranks = cost::total_ranks(levels);
  std::optional<Seconds> time;
  Seconds least{};
  for (const Protocol protocol : kProtocols) {
    const ProtocolLaw& constants = law.protocols[static_cast<std::size_t>(protocol)];
    if (!constants.offered()) {
      continue;
    }
    const Bytes limit = cost::limit(constants, ranks);
    time = one_protocol(operation, bytes, levels, protocol);
    if (limit.value() <= 0.0 || bytes <= limit) {
      break;
    }
    least = max(least, *one_protocol(operation, limit, levels, protocol));
  }
  if (!time) {
    return time;
  }
  time = max(*time, least);
  if (operation == Collective::kAllReduce && level.in_network_reduction && level.law.nvls.offered() &&
      level.ranks >= level.law.nvls_least_ranks) {
    const Bytes from = cost::limit(level.law.nvls, ranks);
    if (bytes > from) {
      const Seconds before = from.value() > 0.0 ? *as_observed(operation, from, levels, level) : Seconds(0.0);
      time = max(*cost::in_network(bytes, levels), before);
    }
  }
  return time;
}

bool observed(Collective operation, const LevelLaw& law) {
  const AlgorithmLaw& algorithm = measured_law(operation, law);
  return std::any_of(algorithm.protocols.begin(), algorithm.protocols.end(),
                     [](const ProtocolLaw& p) { return p.offered() && p.up_to.value() > 0.0; });
}

Seconds library_time(Collective operation, Bytes bytes, Levels levels, const NetworkLevel* only) {
  if (only != nullptr && observed(operation, only->law)) {
    return *as_observed(operation, bytes, levels, *only);
  }
  Fastest fastest;
  for (const Protocol protocol : kProtocols) {
    fastest.consider(one_protocol(operation, bytes, levels, protocol));
    if (operation == Collective::kAllReduce || operation == Collective::kBroadcast) {
      fastest.consider(cost::tree(operation, bytes, levels, protocol));
    }
  }
  if (operation == Collective::kAllReduce) {
    fastest.consider(cost::in_network(bytes, levels));
  }
  if (operation == Collective::kAllGather || operation == Collective::kReduceScatter) {
    fastest.consider(cost::pat(bytes, levels));
  }
  return fastest.time();
}

Seconds engine_time(Bytes bytes, Levels levels, const NetworkLevel& level) {
  const EngineLaw& engine = level.law.engine;
  const auto own = cost::engine_kernel(bytes, level);
  const Seconds library = library_time(Collective::kAllReduce, bytes, levels, &level);
  // Without observed limits an engine falls back to the library where that is faster.
  const bool free_choice = engine.one_shot.up_to.value() <= 0.0;
  Seconds time = own ? (free_choice ? min(*own, library) : *own) : library;
  if (!own && engine.two_shot.up_to.value() > 0.0) {
    time = max(time, *cost::engine_kernel(cost::limit(engine.two_shot, static_cast<double>(level.ranks)), level));
  }
  if (engine.staging.value() > 0.0) {
    time += bytes / engine.staging;
  }
  return max(time, engine.floor);
}

}  // namespace

Seconds collective_time(Collective operation, Bytes bytes, const std::vector<NetworkLevel>& levels,
                        CollectiveStack stack) {
  if (bytes.value() <= 0.0 || cost::total_ranks(levels) <= 1.0) {
    return Seconds(0.0);
  }
  const NetworkLevel* only = nullptr;  // the level, if there is just one
  int spanned = 0;
  for (const NetworkLevel& level : levels) {
    if (level.ranks > 1) {
      only = spanned == 0 ? &level : nullptr;
      ++spanned;
    }
  }
  if (stack == CollectiveStack::kEngine && operation == Collective::kAllReduce && only != nullptr) {
    return engine_time(bytes, levels, *only);
  }
  return library_time(operation, bytes, levels, only);
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
