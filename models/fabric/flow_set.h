// Flows and the links they cross, as flat arrays.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace aifactory {

// The route of flow i is hops[first_hop[i]] .. hops[first_hop[i + 1] - 1].
struct FlowSet {
  std::vector<double> capacity;  // of each link, B/s
  std::vector<double> bytes;
  std::vector<double> start;   // s; latency before the first byte arrives belongs here
  std::vector<double> weight;  // empty = all 1
  std::vector<std::uint32_t> first_hop = {0};
  std::vector<std::uint32_t> hops;
  // How many flows like this one cross a link like that, by hop; empty = 1 (see models/fabric/symmetry.h).
  std::vector<double> crossings;

  [[nodiscard]] std::size_t size() const { return bytes.size(); }
  [[nodiscard]] std::span<const std::uint32_t> route(std::size_t flow) const {
    return {hops.data() + first_hop[flow], first_hop[flow + 1] - first_hop[flow]};
  }
  [[nodiscard]] std::span<const double> crossings_of(std::size_t flow) const {
    return crossings.empty() ? std::span<const double>()
                             : std::span<const double>(crossings.data() + first_hop[flow], route(flow).size());
  }
  [[nodiscard]] double weight_of(std::size_t flow) const { return weight.empty() ? 1.0 : weight[flow]; }
  void add(std::span<const std::uint32_t> route, double flow_bytes, double flow_start);
};

// What is wrong with a set of flows, each entry naming the flow or link; empty if it can be solved. A flow without
// links (a rank sending to itself) is allowed and takes no time.
std::vector<std::string> problems_of(const FlowSet& flows);

}  // namespace aifactory
