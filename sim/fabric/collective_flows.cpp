#include "sim/fabric/collective_flows.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <stdexcept>
#include <string>
#include <utility>

#include "models/fabric/collective.h"
#include "sim/fabric/flow_solver.h"
#include "sim/fabric/reduction_tree.h"

namespace aifactory {
namespace {

// Collects the flows of one phase over the routes that the network gives them.
class PhaseBuilder {
 public:
  PhaseBuilder(const FabricJob& job, const FabricNetwork& network) : job_(job), network_(network) {}

  void send(std::uint32_t from, std::uint32_t to, double bytes) {
    if (from == to || bytes <= 0.0) {
      return;
    }
    const VertexId a = job_.ranks[from];
    const VertexId b = job_.ranks[to];
    LinkFilter usable;
    if (!network_.capacity.empty()) {
      usable = [this](LinkId link) { return network_.capacity[link] > 0.0; };
    }
    const auto routes =
        routes_of(*network_.topology, network_.routing, a, b, phase_.flows.size(), network_.seed, 16, usable);
    if (routes.empty()) {
      throw std::invalid_argument("no route is left from host " + std::to_string(a) + " to host " + std::to_string(b));
    }
    const double share = 1.0 / static_cast<double>(routes.size());
    for (const auto& route : routes) {
      add(route, bytes * share, share);
    }
  }

  void add(const std::vector<LinkId>& route, double bytes, double weight) {
    double latency = 0.0;
    for (const LinkId link : route) {
      latency += static_cast<double>(network_.topology->network().latency[link]);
    }
    phase_.flows.add(route, bytes, latency);
    phase_.flows.weight.push_back(weight);
  }

  // The buffer over one link and through the reduction of the switch at its end, where that has a limit.
  void add_stream(const ReductionLink& one, double bytes) {
    if (!network_.capacity.empty() && network_.capacity[one.link] <= 0.0) {
      throw std::invalid_argument("a link of the reduction tree has failed");
    }
    std::vector<LinkId> route = {one.link};
    if (network_.reduction.capacity.value() > 0.0) {
      route.push_back(one.link + static_cast<LinkId>(network_.topology->network().links()));
    }
    phase_.flows.add(route, bytes, one.start);
    phase_.flows.weight.push_back(1.0);
  }

  FabricPhase take(double repetitions) {
    phase_.repetitions = repetitions;
    phase_.flows.capacity = network_.capacity.empty() ? network_.topology->network().capacity : network_.capacity;
    // Failed links carry nothing; the solver asks for positive capacities.
    for (double& capacity : phase_.flows.capacity) {
      capacity = capacity > 0.0 ? capacity : 1.0;
    }
    if (network_.reduction.capacity.value() > 0.0) {  // the reduction behind each link
      phase_.flows.capacity.resize(2 * phase_.flows.capacity.size(), network_.reduction.capacity.value());
    }
    return std::exchange(phase_, {});
  }

 private:
  const FabricJob& job_;
  const FabricNetwork& network_;
  FabricPhase phase_;
};

// Rings over the ranks first, first + stride, ...: `count` of them.
void ring_step(PhaseBuilder& builder, std::uint32_t first, std::uint32_t stride, std::uint32_t count, double bytes) {
  for (std::uint32_t i = 0; i < count; ++i) {
    builder.send(first + i * stride, first + (i + 1) % count * stride, bytes);
  }
}

// Two complementary binary trees (Sanders, Speck, Traeff 2009): inner nodes of one are leaves of the other.
void double_tree(PhaseBuilder& builder, std::uint32_t ranks, double bytes) {
  const auto parent_of = [&](std::uint32_t node) {  // in-order numbering, nodes from 1
    const std::uint32_t low = node & (~node + 1);
    const std::uint32_t up = (node ^ low) | (low << 1);
    return up <= ranks ? up : node ^ low;
  };
  for (std::uint32_t node = 1; node <= ranks; ++node) {
    const std::uint32_t parent = parent_of(node);
    if (parent == 0 || parent > ranks) {
      continue;  // the root
    }
    for (const std::uint32_t shift : {0u, 1u}) {
      const std::uint32_t child_rank = (node - 1 + shift) % ranks;
      const std::uint32_t parent_rank = (parent - 1 + shift) % ranks;
      builder.send(child_rank, parent_rank, bytes / 2.0);
      builder.send(parent_rank, child_rank, bytes / 2.0);
    }
  }
}

// The buffer crosses every link of the tree once, as fast as the switches take it in.
void switch_tree(PhaseBuilder& builder, const FabricJob& job, const FabricNetwork& network) {
  if (!network.reduction.offered()) {
    throw std::invalid_argument("the switches of this network do not reduce");
  }
  for (const ReductionLink& one : reduction_tree(*network.topology, job.ranks).links) {
    builder.add_stream(one, job.bytes.value());
  }
}

}  // namespace

std::vector<FabricPhase> phases_of(const FabricJob& job, const FabricNetwork& network) {
  const auto ranks = static_cast<std::uint32_t>(job.ranks.size());
  if (ranks < 2) {
    throw std::invalid_argument("a collective needs at least two ranks");
  }
  const double n = static_cast<double>(ranks);
  const double size = job.bytes.value();
  const bool grouped =
      job.collective == FabricCollective::kHierarchicalAllReduce || job.collective == FabricCollective::kRailAllToAll;
  if (grouped && (job.group == 0 || ranks % job.group != 0)) {
    throw std::invalid_argument("groups of " + std::to_string(job.group) + " do not divide " + std::to_string(ranks) +
                                " ranks");
  }
  const std::uint32_t groups = grouped ? ranks / job.group : 1;
  const double group = static_cast<double>(job.group);
  PhaseBuilder builder(job, network);
  std::vector<FabricPhase> phases;
  switch (job.collective) {
    case FabricCollective::kRingAllReduce:
    case FabricCollective::kRingAllGather:
      ring_step(builder, 0, 1, ranks, size / n);
      phases.push_back(builder.take(job.collective == FabricCollective::kRingAllReduce ? 2.0 * (n - 1.0) : n - 1.0));
      break;
    case FabricCollective::kTreeAllReduce:
      double_tree(builder, ranks, size);
      phases.push_back(builder.take(1.0));
      break;
    case FabricCollective::kHierarchicalAllReduce:
      if (job.group > 1) {
        for (std::uint32_t g = 0; g < groups; ++g) {
          ring_step(builder, g * job.group, 1, job.group, size / group);
        }
        phases.push_back(builder.take(2.0 * (group - 1.0)));  // reduce-scatter before, all-gather after
      }
      if (groups > 1) {
        for (std::uint32_t r = 0; r < job.group; ++r) {
          ring_step(builder, r, job.group, groups, size / group / static_cast<double>(groups));
        }
        phases.push_back(builder.take(2.0 * (static_cast<double>(groups) - 1.0)));
      }
      break;
    case FabricCollective::kInNetworkAllReduce:
      switch_tree(builder, job, network);
      phases.push_back(builder.take(1.0));
      break;
    case FabricCollective::kPatAllGather:
      for (std::uint32_t distance = std::bit_ceil(ranks) / 2; distance > 0; distance /= 2) {
        // Far first with little, near last with much: after the round with distance d everyone holds ceil(N / d)
        // blocks.
        const double blocks = std::floor((n - 1.0) / static_cast<double>(2 * distance)) + 1.0;
        const double after = std::floor((n - 1.0) / static_cast<double>(distance)) + 1.0;
        for (std::uint32_t r = 0; r < ranks; ++r) {
          builder.send(r, (r + distance) % ranks, std::min(blocks, after - blocks) * size / n);
        }
        phases.push_back(builder.take(1.0));
      }
      break;
    case FabricCollective::kAllToAll:
    case FabricCollective::kExpertDispatch: {
      const double each = job.collective == FabricCollective::kAllToAll
                              ? size / n
                              : size * expected_destinations(n, job.experts_per_token) / n;
      for (std::uint32_t a = 0; a < ranks; ++a) {
        for (std::uint32_t b = 0; b < ranks; ++b) {
          builder.send(a, b, each);
        }
      }
      phases.push_back(builder.take(1.0));
      break;
    }
    case FabricCollective::kRailAllToAll:
      for (std::uint32_t a = 0; a < ranks && job.group > 1; ++a) {
        for (std::uint32_t r = 0; r < job.group; ++r) {
          builder.send(a, a / job.group * job.group + r, size / group);
        }
      }
      if (job.group > 1) {
        phases.push_back(builder.take(1.0));
      }
      for (std::uint32_t a = 0; a < ranks && groups > 1; ++a) {
        for (std::uint32_t g = 0; g < groups; ++g) {
          builder.send(a, g * job.group + a % job.group, size / static_cast<double>(groups));
        }
      }
      if (groups > 1) {
        phases.push_back(builder.take(1.0));
      }
      break;
    case FabricCollective::kBroadcast:
      for (std::uint32_t r = 0; r + 1 < ranks; ++r) {
        builder.send(r, r + 1, size);
      }
      phases.push_back(builder.take(1.0));
      break;
  }
  return phases;
}

Seconds duration(const std::vector<FabricPhase>& phases) {
  double total = 0.0;
  for (const FabricPhase& phase : phases) {
    total += phase.repetitions * solve_by_classes(phase.flows).makespan;
  }
  return Seconds(total);
}

Seconds duration(const FabricJob& job, const FabricNetwork& network) {
  return duration(phases_of(job, network));
}

}  // namespace aifactory
