// Flows that are made up: patterns over the hosts of a topology.
#include <fmt/format.h>

#include <cmath>
#include <limits>
#include <numeric>

#include "models/catalog/config_error.h"
#include "sim/engine/random_stream.h"
#include "sim/fabric/routed_flows.h"
#include "sim/study/flows.h"

namespace aifactory {
namespace {

constexpr std::uint32_t kMostFlows = 100'000'000;

// (sender, receiver) of every flow of one round.
void add_round(const FlowRequest& request, engine::RandomStream& random,
               std::vector<std::pair<VertexId, VertexId>>& pairs) {
  const std::uint32_t hosts = request.topology.hosts;
  std::vector<VertexId> order(hosts);
  std::iota(order.begin(), order.end(), 0u);
  if (request.pattern == FlowPattern::kPermutation || request.pattern == FlowPattern::kIncast) {
    for (std::uint32_t i = hosts - 1; i > 0; --i) {
      std::swap(order[i], order[random.below(i + 1)]);
    }
  }
  switch (request.pattern) {
    case FlowPattern::kPermutation:
    case FlowPattern::kRing:
      for (std::uint32_t i = 0; i < hosts; ++i) {
        pairs.emplace_back(order[i], order[(i + 1) % hosts]);
      }
      break;
    case FlowPattern::kIncast: {
      const std::uint32_t group = request.fan_in >= hosts ? hosts : request.fan_in + 1;
      for (std::uint32_t i = 0; i < hosts; ++i) {
        const std::uint32_t receiver = i / group * group;
        if (i != receiver) {
          pairs.emplace_back(order[i], order[receiver]);
        }
      }
      break;
    }
    case FlowPattern::kAllToAll:
      for (std::uint32_t a = 0; a < hosts; ++a) {
        for (std::uint32_t b = 0; b < hosts; ++b) {
          if (a != b) {
            pairs.emplace_back(a, b);
          }
        }
      }
      break;
    case FlowPattern::kRandom:
      for (std::uint32_t a = 0; a < hosts; ++a) {
        const auto b = static_cast<std::uint32_t>(random.below(hosts - 1));
        pairs.emplace_back(a, b < a ? b : b + 1);
      }
      break;
  }
}

// Rounds with fresh orders until there are as many as asked for.
std::vector<std::pair<VertexId, VertexId>> pairs_of(const FlowRequest& request, engine::RandomStream random) {
  std::vector<std::pair<VertexId, VertexId>> pairs;
  do {
    add_round(request, random, pairs);
  } while (pairs.size() < request.flows);
  if (request.flows > 0) {
    pairs.resize(request.flows);
  }
  return pairs;
}

void check(const FlowRequest& request) {
  Problems problems;
  for (const std::string& problem : problems_of(request.topology)) {
    const std::size_t colon = problem.find(": ");
    problems.add("topology", "/" + problem.substr(0, colon), problem.substr(colon + 2));
  }
  if (!(request.least_bytes > 0.0 && request.most_bytes >= request.least_bytes && std::isfinite(request.most_bytes))) {
    problems.add("flows", "/bytes", "the sizes must be positive and the largest not below the smallest");
  }
  if (!(request.window_s >= 0.0 && std::isfinite(request.window_s))) {
    problems.add("flows", "/window", "must not be negative");
  }
  if (request.pattern == FlowPattern::kIncast && request.fan_in == 0) {
    problems.add("flows", "/fan_in", "at least one sender per receiver");
  }
  const double hosts = request.topology.hosts;
  const double round = request.pattern == FlowPattern::kAllToAll ? hosts * (hosts - 1.0) : hosts;
  if (request.flows > kMostFlows || round > kMostFlows) {
    problems.add("flows", "/flows",
                 fmt::format("at most {} flows, and a round of this pattern has {:.4g}", kMostFlows, round));
  }
  problems.throw_if_any();
}

struct Transfer {
  VertexId from = 0, to = 0;
  double bytes = 0.0, start = 0.0;
};

std::vector<Transfer> transfers_of(const FlowRequest& request) {
  std::vector<Transfer> transfers;
  engine::RandomStream sizes(request.seed, "flows", "sizes");
  engine::RandomStream starts(request.seed, "flows", "starts");
  for (const auto& [from, to] : pairs_of(request, engine::RandomStream(request.seed, "flows", "pairs"))) {
    const double bytes = std::floor(sizes.uniform(request.least_bytes, request.most_bytes));
    transfers.push_back({from, to, bytes, request.window_s > 0.0 ? starts.uniform(0.0, request.window_s) : 0.0});
  }
  return transfers;
}

double latency_of(const Network& network, const std::vector<LinkId>& route) {
  double latency = 0.0;
  for (const LinkId link : route) {
    latency += static_cast<double>(network.latency[link]);
  }
  return latency;
}

FlowCase flows_of(const FlowRequest& request, const Topology& topology, const std::vector<Transfer>& transfers) {
  const Network& network = topology.network();
  FlowCase result;
  result.flows.capacity = network.capacity;
  std::vector<LinkId> route;
  result.ids.reserve(transfers.size());
  for (std::uint32_t f = 0; f < transfers.size(); ++f) {
    const Transfer& one = transfers[f];
    result.ids.push_back(std::to_string(f));
    if (request.routing == Routing::kDeterministic) {
      route.clear();
      topology.append_route(one.from, one.to, topology.deterministic_choice(one.from, one.to), route);
      result.flows.add(route, one.bytes, one.start + latency_of(network, route));
      continue;
    }
    const auto routes = routes_of(topology, request.routing, one.from, one.to, f, request.seed);
    const double share = 1.0 / static_cast<double>(routes.size());
    for (const auto& links : routes) {
      result.flows.add(links, one.bytes * share, one.start + latency_of(network, links));
      if (request.routing == Routing::kSprayed) {
        result.flows.weight.push_back(share);
        result.asked.push_back(f);
      }
    }
  }
  return result;
}

void check_failures(const FlowRequest& request, const Network& network) {
  Problems problems;
  for (const FabricFailure& failure : request.failures) {
    const char* what = failure.of_switch ? "switch" : "link";
    if (failure.of_switch ? failure.id < network.hosts || failure.id >= network.vertices()
                          : failure.id >= network.links()) {
      problems.add("flows", "/fail",
                   failure.of_switch ? fmt::format("there is no switch {}; they are numbered from {} to {}", failure.id,
                                                   network.hosts, network.vertices() - 1)
                                     : fmt::format("there is no link {}; there are {}", failure.id, network.links()));
    } else if (!(failure.at >= 0.0 && failure.until > failure.at && failure.at <= kLongestTimedRun &&
                 (failure.until <= kLongestTimedRun || std::isinf(failure.until)))) {
      problems.add("flows", "/fail",
                   fmt::format("{} {} must fail at 0 s or later and return after that, within {:g} s", what, failure.id,
                               kLongestTimedRun));
    }
  }
  problems.throw_if_any();
}

}  // namespace

const std::vector<std::string>& flow_pattern_names() {
  static const std::vector<std::string> names = {"permutation", "incast", "alltoall", "ring", "random"};
  return names;
}

FlowCase generate_flow_case(const FlowRequest& request) {
  check(request);
  return flows_of(request, *make_topology(request.topology), transfers_of(request));
}

FlowTimes solve_with_failures(const FlowRequest& request, FlowCase& flow_case) {
  check(request);
  const auto topology = make_topology(request.topology);
  const Network& network = topology->network();
  check_failures(request, network);
  const std::vector<Transfer> transfers = transfers_of(request);
  flow_case = flows_of(request, *topology, transfers);
  engine::Simulation simulation;
  RoutedFlows routed(simulation, *topology, request.routing, request.seed);
  for (const FabricFailure& failure : request.failures) {
    simulation.at(
        Seconds(failure.at),
        [&routed, failure] { failure.of_switch ? routed.fail_switch(failure.id) : routed.fail(failure.id); },
        engine::Priority::kFailure);
    if (std::isfinite(failure.until)) {
      simulation.at(
          Seconds(failure.until),
          [&routed, failure] { failure.of_switch ? routed.repair_switch(failure.id) : routed.repair(failure.id); },
          engine::Priority::kFailure);
    }
  }
  FlowTimes times;
  times.finish.assign(transfers.size(), std::numeric_limits<double>::infinity());
  std::size_t part = 0;
  for (std::size_t f = 0; f < transfers.size(); ++f) {
    double start = flow_case.flows.start[part];
    for (; part < flow_case.flows.size() && (flow_case.asked.empty() ? part == f : flow_case.asked[part] == f);
         ++part) {
      start = std::max(start, flow_case.flows.start[part]);
    }
    simulation.at(Seconds(start), [&, f] {
      routed.start(
          transfers[f].from, transfers[f].to, Bytes(transfers[f].bytes),
          [&, f] { times.finish[f] = simulation.now().seconds().value(); }, f);
    });
  }
  simulation.run();
  require_finished(flow_case, times);
  return times;
}

}  // namespace aifactory
