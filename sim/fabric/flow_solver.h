// Completion times of explicit flows over links shared max-min fairly: the fluid limit of congestion-controlled
// traffic.
//
// Assumptions: a flow takes its fair share at once and all along its route; latency is a delay before the first byte
// (put it into start); packets, queues and losses are not modelled. Good for bulk transfers; incast losses and
// hash-dependent transients are outside its range.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "models/units/quantity.h"

namespace aifactory {

// Flows and the links they cross, as flat arrays: route i is hops[first_hop[i]] .. hops[first_hop[i + 1] - 1].
struct FlowSet {
  std::vector<double> capacity;  // of each link, B/s
  std::vector<double> bytes;
  std::vector<double> start;   // s
  std::vector<double> weight;  // empty = all 1
  std::vector<std::uint32_t> first_hop = {0};
  std::vector<std::uint32_t> hops;

  [[nodiscard]] std::size_t size() const { return bytes.size(); }
  [[nodiscard]] std::span<const std::uint32_t> route(std::size_t flow) const {
    return {hops.data() + first_hop[flow], first_hop[flow + 1] - first_hop[flow]};
  }
  [[nodiscard]] double weight_of(std::size_t flow) const { return weight.empty() ? 1.0 : weight[flow]; }
  void add(std::span<const std::uint32_t> route, double flow_bytes, double flow_start);
};

// What is wrong with a set of flows, each entry naming the flow or link; empty if it can be solved. A flow without
// links (a rank sending to itself) is allowed and takes no time.
std::vector<std::string> problems_of(const FlowSet& flows);

struct FlowTimes {
  std::vector<double> finish;        // s, by flow
  double makespan = 0.0;             // s, the latest
  // Work: instants at which shares changed, levels of links found, flows that changed bottleneck.
  std::uint64_t events = 0, levels_solved = 0, flows_moved = 0;
};

// Requires problems_of(flows) to be empty.
FlowTimes solve(const FlowSet& flows);

// For each link, whether it can ever bind: a link is dropped when links that remain and that together carry all of its
// flows have no more capacity than it has. Dropping it leaves every rate unchanged.
std::vector<bool> binding_links(const FlowSet& flows);

}  // namespace aifactory
