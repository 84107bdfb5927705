#include "models/fabric/collective.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>
#include <optional>

#include "models/fabric/collective_cost.h"
#include "models/fabric/routing.h"
#include "models/units/pinned_math.h"

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
      return law.direct;
    case Collective::kSendRecv:
      return law.send_recv;
  }
  return law.send_recv;
}

// Where the law of the outermost level says up to which size the library was seen to use each protocol: that one, and
// never less than a smaller buffer takes. The library switches late and to slower protocols at times; so does the law.
std::optional<Seconds> as_observed(Collective operation, Bytes bytes, Levels levels, const NetworkLevel& outermost) {
  const AlgorithmLaw& law = measured_law(operation, outermost.law);
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
    if (!time || limit.value() <= 0.0 || bytes <= limit) {
      break;
    }
    least = max(least, *one_protocol(operation, limit, levels, protocol));
  }
  if (!time) {
    return time;
  }
  time = max(*time, least);
  if (operation == Collective::kAllReduce && outermost.in_network_reduction) {
    const Bytes from = cost::limit(outermost.law.nvls, ranks);
    const auto reduced = cost::in_network(bytes, levels);
    if (reduced && bytes > from) {
      const Seconds before = from.value() > 0.0 ? *as_observed(operation, from, levels, outermost) : Seconds(0.0);
      time = max(*reduced, before);
    }
  }
  return time;
}

bool observed(Collective operation, const NetworkLevel& level) {
  const AlgorithmLaw& algorithm = measured_law(operation, level.law);
  return level.ranks <= level.law.observed_ranks &&
         std::any_of(algorithm.protocols.begin(), algorithm.protocols.end(),
                     [](const ProtocolLaw& p) { return p.offered() && p.up_to.value() > 0.0; });
}

Seconds fastest_time(Collective operation, Bytes bytes, Levels levels) {
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

Seconds without_scale_out_switches(Collective operation, Bytes bytes, Levels levels, const NetworkLevel& outermost) {
  if (observed(operation, outermost)) {
    if (const auto time = as_observed(operation, bytes, levels, outermost)) {
      return *time;
    }
  }
  // Trees over in-network groups, where the library was seen to take them from some size on.
  const Bytes from = outermost.law.nvls.up_to;
  if (operation == Collective::kAllReduce && from.value() > 0.0 && bytes > from && !outermost.in_network_reduction) {
    if (const auto time = cost::in_network(bytes, levels)) {
      return max(*time, fastest_time(operation, from, levels));
    }
  }
  return fastest_time(operation, bytes, levels);
}

Seconds library_time(Collective operation, Bytes bytes, Levels levels, const NetworkLevel& outermost) {
  const Seconds time = without_scale_out_switches(operation, bytes, levels, outermost);
  const auto reduced = operation == Collective::kAllReduce ? cost::collnet(bytes, levels) : std::nullopt;
  return reduced ? min(time, *reduced) : time;
}

Seconds engine_time(Bytes bytes, Levels levels, const NetworkLevel& level) {
  const EngineLaw& engine = level.law.engine;
  const auto own = cost::engine_kernel(bytes, level);
  const Seconds library = library_time(Collective::kAllReduce, bytes, levels, level);
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
  const NetworkLevel* outermost = nullptr;
  int spanned = 0;
  for (const NetworkLevel& level : levels) {
    if (level.ranks > 1) {
      outermost = &level;
      ++spanned;
    }
  }
  if (stack == CollectiveStack::kEngine && operation == Collective::kAllReduce && spanned == 1) {
    return engine_time(bytes, levels, *outermost);
  }
  return library_time(operation, bytes, levels, *outermost);
}

int SwitchReduction::tiers(int endpoints) const {
  int tiers = 1;
  for (std::int64_t reach = radix; reach < endpoints; reach *= radix / 2) {
    ++tiers;
  }
  return tiers;
}

double expected_destinations(double ranks, double experts_per_token) {
  return ranks * -pinned::expm1(experts_per_token * pinned::log1p(-1.0 / ranks));
}

Seconds exchange_time(const ExpertExchange& exchange, const std::vector<NetworkLevel>& levels) {
  const double ranks = cost::total_ranks(levels);
  const double copies = !exchange.once_per_rank ? exchange.experts_per_token
                        : exchange.balanced     ? std::min(ranks, exchange.experts_per_token)
                                                : expected_destinations(ranks, exchange.experts_per_token);
  const Bytes sent = exchange.bytes_per_token * (exchange.tokens_per_rank * copies * (ranks - 1.0) / ranks);
  if (ranks <= 1.0 || sent.value() <= 0.0) {
    return Seconds(0.0);
  }
  const auto time = cost::exchange(sent, levels, exchange.combine);
  return time ? *time : collective_time(Collective::kAllToAll, sent * (ranks / (ranks - 1.0)), levels);
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

CollectiveLinks links_of(const System& system) {
  const Accelerator& accelerator = system.accelerator;
  CollectiveLinks links;
  links.domain = std::max(1, accelerator.scale_up_domain);
  links.scale_up = accelerator.scale_up_bandwidth;
  links.scale_out = accelerator.scale_out_bandwidth;
  links.in_network_reduction = accelerator.in_network_reduction;
  links.scale_out_efficiency = 1.0 / system.oversubscription;
  if (system.scale_out_routing == ScaleOutRouting::kHashed) {
    const double uplinks = static_cast<double>(system.leaf_uplinks);
    links.scale_out_efficiency *= hashing_efficiency(uplinks * system.oversubscription, uplinks);
  }
  if (system.scale_out_reduction) {
    const Switch& packet_switch = system.scale_out_switch;
    links.scale_out_reduction = {packet_switch.ports,
                                 packet_switch.reduction_bandwidth * static_cast<double>(system.nics_per_accelerator),
                                 packet_switch.latency};
  }
  return links;
}

std::vector<NetworkLevel> levels_for(const System& system, int ranks) {
  return levels_for(system, ranks, published_collective_law(system.accelerator.family));
}

std::vector<NetworkLevel> levels_for(const System& system, int ranks, const CollectiveLaw& law) {
  return levels_for(links_of(system), ranks, law);
}

std::vector<NetworkLevel> levels_for(const CollectiveLinks& links, int ranks, const CollectiveLaw& law) {
  std::vector<NetworkLevel> levels;
  NetworkLevel up;
  up.ranks = std::clamp(ranks, 1, links.domain);
  up.bandwidth = links.scale_up;
  if (law.scale_up.direct_links > 0) {  // a group uses only the links between its own members
    up.bandwidth *= std::min(1.0, static_cast<double>(up.ranks - 1) / static_cast<double>(law.scale_up.direct_links));
  }
  up.in_network_reduction = links.in_network_reduction;
  up.law = law.scale_up;
  levels.push_back(up);
  if (ranks > links.domain) {
    NetworkLevel out;
    out.ranks = (ranks + links.domain - 1) / links.domain;  // whole domains: a part-filled one is as slow as a full one
    out.bandwidth = law.scale_out_bandwidth.value() > 0.0 ? law.scale_out_bandwidth : links.scale_out;
    out.efficiency = links.scale_out_efficiency;
    out.switch_reduction = links.scale_out_reduction;
    out.law = law.scale_out;
    levels.push_back(out);
  }
  return levels;
}

}  // namespace aifactory
