// Folded Clos networks ("fat trees") of two or three tiers.
#pragma once

#include "models/fabric/topology.h"

namespace aifactory {

// Ports of one leaf, pod and spine. Three tiers: pods of `leaves` leaf and `spines` spine switches, every leaf to every
// spine of its pod; spine s of every pod to each of the `cores` core switches of group s. Two tiers: a single pod.
struct ClosShape {
  std::uint32_t hosts = 0;
  std::uint32_t hosts_per_leaf = 0, leaves = 0, spines = 0;  // per pod
  std::uint32_t pods = 1, cores = 0;                         // cores per spine position; 0 with two tiers

  [[nodiscard]] bool three_tiers() const { return cores > 0; }
};

// The shape for a number of hosts on switches of one radix (0: the smallest even radix that fits). Returns hosts = 0 if
// the radix cannot reach them. Oversubscription at the leaf: hosts_per_leaf = spines * oversubscription.
ClosShape clos_shape(std::uint32_t hosts, int tiers, std::uint32_t radix, double oversubscription);

// The links of one Clos inside a larger network: its cables lie in one block, numbered leaf by leaf.
class ClosPlane {
 public:
  // Adds switches and cables under hosts that exist already: host h of the plane is vertex host_of(h).
  template <class HostOf>
  ClosPlane(Network& network, const ClosShape& shape, BytesPerSecond port, Seconds latency, CableKind host_cable,
            HostOf host_of);

  [[nodiscard]] std::uint32_t route_count(std::uint32_t a, std::uint32_t b) const;
  void append_route(std::uint32_t a, std::uint32_t b, std::uint32_t choice, std::vector<LinkId>& route) const;
  [[nodiscard]] std::uint32_t deterministic_choice(std::uint32_t a, std::uint32_t b) const;
  // Up to or down from core switch `core` of group `group`, for traffic that leaves the Clos there.
  void append_up(std::uint32_t host, std::uint32_t group, std::uint32_t core, std::vector<LinkId>& route) const;
  void append_down(std::uint32_t host, std::uint32_t group, std::uint32_t core, std::vector<LinkId>& route) const;

  [[nodiscard]] const ClosShape& shape() const { return shape_; }
  [[nodiscard]] VertexId top_switch(std::uint32_t group, std::uint32_t core) const;
  [[nodiscard]] BytesPerSecond bisection() const;
  [[nodiscard]] int diameter() const;

 private:
  [[nodiscard]] std::uint32_t leaf_of(std::uint32_t host) const { return host / shape_.hosts_per_leaf; }
  [[nodiscard]] std::uint32_t pod_of(std::uint32_t host) const { return leaf_of(host) / shape_.leaves; }
  [[nodiscard]] LinkId host_up(std::uint32_t host) const { return first_host_ + 2 * host; }
  [[nodiscard]] LinkId leaf_up(std::uint32_t leaf, std::uint32_t spine) const {
    return first_leaf_ + 2 * (leaf * shape_.spines + spine);
  }
  [[nodiscard]] LinkId spine_up(std::uint32_t pod, std::uint32_t spine, std::uint32_t core) const {
    return first_spine_ + 2 * ((pod * shape_.spines + spine) * shape_.cores + core);
  }
  void add_switches(Network& network, Seconds latency);

  ClosShape shape_;
  BytesPerSecond port_{};
  LinkId first_host_ = 0, first_leaf_ = 0, first_spine_ = 0;
  VertexId leaf_switch_ = 0, spine_switch_ = 0, core_switch_ = 0;
};

template <class HostOf>
ClosPlane::ClosPlane(Network& network, const ClosShape& shape, BytesPerSecond port, Seconds latency,
                     CableKind host_cable, HostOf host_of)
    : shape_(shape), port_(port) {
  leaf_switch_ = static_cast<VertexId>(network.vertices());
  for (std::uint32_t i = 0; i < shape.pods * shape.leaves; ++i) {
    network.add_vertex(1);
  }
  first_host_ = static_cast<LinkId>(network.links());
  for (std::uint32_t h = 0; h < shape.hosts; ++h) {
    network.add_cable(host_of(h), leaf_switch_ + leaf_of(h), port, latency, host_cable);
  }
  add_switches(network, latency);
}

std::unique_ptr<Topology> make_clos(const TopologySpec& spec);

}  // namespace aifactory
