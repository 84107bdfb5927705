#include "sim/fabric/routed_flows.h"

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace aifactory {
namespace {

constexpr std::uint32_t kMostRoutes = 16;  // that a sprayed transfer is spread over
constexpr Bytes kLast{1e-9};               // keeps what was stopped as it ended alive until it is told so

}  // namespace

RoutedFlows::RoutedFlows(engine::Simulation& simulation, const Topology& topology, Routing routing, std::uint64_t seed)
    : flows_(simulation, topology.network().capacity),
      topology_(topology),
      routing_(routing),
      seed_(seed),
      down_(topology.network().links() / 2, 0),
      failed_(down_.size(), 0),
      failed_switches_(topology.network().vertices(), 0) {}

RoutedFlows::TransferId RoutedFlows::start(VertexId from, VertexId to, Bytes bytes, std::function<void()> done,
                                           std::optional<std::uint64_t> number) {
  if (from == to) {
    throw std::invalid_argument("a transfer needs two hosts");
  }
  const TransferId id = next_++;
  Transfer& transfer = transfers_[id];
  transfer.number = number.value_or(id);
  transfer.from = from;
  transfer.to = to;
  transfer.done = std::move(done);
  const auto routes = routes_of(topology_, routing_, from, to, transfer.number, seed_, kMostRoutes,
                                [this](LinkId link) { return usable(link); });
  const std::size_t parts = std::max<std::size_t>(1, routes.size());
  const double share = 1.0 / static_cast<double>(parts);
  for (std::size_t p = 0; p < parts; ++p) {
    Part part;
    part.bytes = bytes * share;
    part.weight = share;
    transfer.parts.push_back(std::move(part));
  }
  transfer.left = parts;
  for (std::size_t p = 0; p < routes.size(); ++p) {
    transfer.parts[p].route = routes[p];
    launch(id, p);
  }
  return id;
}

void RoutedFlows::launch(TransferId id, std::size_t part) {
  Part& moving = transfers_.at(id).parts[part];
  moving.moving = true;
  moving.flow = flows_.start(
      moving.route, moving.bytes, [this, id, part] { arrived(id, part); }, moving.weight);
}

void RoutedFlows::arrived(TransferId id, std::size_t part) {
  const auto found = transfers_.find(id);
  Transfer& transfer = found->second;
  transfer.parts[part].moving = false;
  transfer.parts[part].arrived = true;
  if (--transfer.left > 0) {
    return;
  }
  const std::function<void()> done = std::move(transfer.done);
  transfers_.erase(found);
  done();
}

void RoutedFlows::take_down(LinkId link) {
  if (down_[link / 2]++ == 0) {
    flows_.fail(link);
    flows_.fail(reverse(link));
  }
}

void RoutedFlows::bring_back(LinkId link) {
  if (--down_[link / 2] == 0) {
    flows_.repair(link);
    flows_.repair(reverse(link));
  }
}

void RoutedFlows::fail(LinkId link) {
  if (failed_[link / 2]++ == 0) {
    take_down(link);
    reroute();
  }
}

void RoutedFlows::repair(LinkId link) {
  if (failed_[link / 2] != 0 && --failed_[link / 2] == 0) {
    bring_back(link);
    retry();
  }
}

void RoutedFlows::fail_switch(VertexId vertex) {
  if (failed_switches_[vertex]++ != 0) {
    return;
  }
  const Network& network = topology_.network();
  for (LinkId link = 0; link < network.links(); link += 2) {
    if (network.from[link] == vertex || network.to[link] == vertex) {
      take_down(link);
    }
  }
  reroute();
}

void RoutedFlows::repair_switch(VertexId vertex) {
  if (failed_switches_[vertex] == 0 || --failed_switches_[vertex] != 0) {
    return;
  }
  const Network& network = topology_.network();
  for (LinkId link = 0; link < network.links(); link += 2) {
    if (network.from[link] == vertex || network.to[link] == vertex) {
      bring_back(link);
    }
  }
  retry();
}

void RoutedFlows::reroute() {
  for (auto& [id, transfer] : transfers_) {
    for (Part& part : transfer.parts) {
      if (part.moving && !std::all_of(part.route.begin(), part.route.end(), [this](LinkId l) { return usable(l); })) {
        part.bytes = max(flows_.abort(part.flow), kLast);
        part.moving = false;
      }
    }
  }
  retry();
}

void RoutedFlows::retry() {
  for (auto& [id, transfer] : transfers_) {
    for (std::size_t p = 0; p < transfer.parts.size(); ++p) {
      Part& part = transfer.parts[p];
      if (part.moving || part.arrived) {
        continue;
      }
      // A sprayed part takes one route again: the one its number would choose among those that work.
      const auto routes = routes_of(topology_, routing_, transfer.from, transfer.to, transfer.number, seed_,
                                    kMostRoutes, [this](LinkId link) { return usable(link); });
      if (!routes.empty()) {
        reroutes_ += part.route.empty() ? 0 : 1;
        part.route = routes[p % routes.size()];
        launch(id, p);
      }
    }
  }
}

std::size_t RoutedFlows::waiting() const {
  std::size_t count = 0;
  for (const auto& [id, transfer] : transfers_) {
    for (const Part& part : transfer.parts) {
      count += !part.moving && !part.arrived ? 1 : 0;
    }
  }
  return count;
}

}  // namespace aifactory
