#include "models/fabric/clos.h"

#include <algorithm>
#include <cmath>

namespace aifactory {
namespace {

std::uint32_t divide_up(std::uint32_t a, std::uint32_t b) {
  return (a + b - 1) / b;
}

ClosShape shape_with(std::uint32_t hosts, int tiers, std::uint32_t radix, double oversubscription) {
  ClosShape shape;
  const double ports = static_cast<double>(radix);
  shape.spines = static_cast<std::uint32_t>(std::floor(ports / (1.0 + oversubscription)));
  shape.hosts_per_leaf =
      std::min(radix - shape.spines,
               static_cast<std::uint32_t>(std::floor(static_cast<double>(shape.spines) * oversubscription)));
  if (shape.spines == 0 || shape.hosts_per_leaf == 0) {
    return {};
  }
  if (tiers == 2) {
    shape.leaves = divide_up(hosts, shape.hosts_per_leaf);
    if (shape.leaves > radix) {
      return {};
    }
  } else {
    shape.leaves = radix / 2;
    shape.cores = radix - shape.leaves;
    shape.pods = divide_up(hosts, shape.hosts_per_leaf * shape.leaves);
    if (shape.pods > radix) {
      return {};
    }
  }
  shape.hosts = hosts;
  return shape;
}

class Clos final : public Topology {
 public:
  Clos(const ClosShape& shape, const TopologySpec& spec) : plane_(build(network_, shape, spec)) {}

  [[nodiscard]] std::uint32_t route_count(VertexId a, VertexId b) const override { return plane_.route_count(a, b); }
  void append_route(VertexId a, VertexId b, std::uint32_t choice, std::vector<LinkId>& route) const override {
    plane_.append_route(a, b, choice, route);
  }
  [[nodiscard]] std::uint32_t deterministic_choice(VertexId a, VertexId b) const override {
    return plane_.deterministic_choice(a, b);
  }
  [[nodiscard]] BytesPerSecond bisection() const override { return plane_.bisection(); }
  [[nodiscard]] int diameter() const override { return plane_.diameter(); }

 private:
  static ClosPlane build(Network& network, const ClosShape& shape, const TopologySpec& spec) {
    const std::size_t switches =
        std::size_t{shape.pods} * (shape.leaves + shape.spines) + std::size_t{shape.spines} * shape.cores;
    const std::size_t cables = shape.hosts + std::size_t{shape.pods} * shape.spines * (shape.leaves + shape.cores);
    network.reserve(shape.hosts + switches, 2 * cables);
    for (std::uint32_t h = 0; h < shape.hosts; ++h) {
      network.add_vertex(0);
    }
    return ClosPlane(network, shape, spec.port, spec.switch_latency, CableKind::kCopper,
                     [](std::uint32_t h) { return h; });
  }

  ClosPlane plane_;
};

}  // namespace

ClosShape clos_shape(std::uint32_t hosts, int tiers, std::uint32_t radix, double oversubscription) {
  if (radix != 0) {
    return shape_with(hosts, tiers, radix, oversubscription);
  }
  for (std::uint32_t k = 2; k <= 4096; k += 2) {
    const ClosShape shape = shape_with(hosts, tiers, k, oversubscription);
    if (shape.hosts != 0) {
      return shape;
    }
  }
  return {};
}

void ClosPlane::add_switches(Network& network, Seconds latency) {
  const std::uint32_t leaves = shape_.pods * shape_.leaves;
  spine_switch_ = static_cast<VertexId>(network.vertices());
  for (std::uint32_t i = 0; i < shape_.pods * shape_.spines; ++i) {
    network.add_vertex(2);
  }
  core_switch_ = static_cast<VertexId>(network.vertices());
  for (std::uint32_t i = 0; i < shape_.spines * shape_.cores; ++i) {
    network.add_vertex(3);
  }
  first_leaf_ = static_cast<LinkId>(network.links());
  for (std::uint32_t leaf = 0; leaf < leaves; ++leaf) {
    for (std::uint32_t spine = 0; spine < shape_.spines; ++spine) {
      network.add_cable(leaf_switch_ + leaf, spine_switch_ + (leaf / shape_.leaves) * shape_.spines + spine, port_,
                        latency, CableKind::kOptical);
    }
  }
  first_spine_ = static_cast<LinkId>(network.links());
  for (std::uint32_t pod = 0; pod < shape_.pods && shape_.three_tiers(); ++pod) {
    for (std::uint32_t spine = 0; spine < shape_.spines; ++spine) {
      for (std::uint32_t core = 0; core < shape_.cores; ++core) {
        network.add_cable(spine_switch_ + pod * shape_.spines + spine, top_switch(spine, core), port_, latency,
                          CableKind::kOptical);
      }
    }
  }
}

VertexId ClosPlane::top_switch(std::uint32_t group, std::uint32_t core) const {
  return shape_.three_tiers() ? core_switch_ + group * shape_.cores + core : spine_switch_ + group;
}

std::uint32_t ClosPlane::route_count(std::uint32_t a, std::uint32_t b) const {
  if (a == b) {
    return 0;
  }
  if (leaf_of(a) == leaf_of(b)) {
    return 1;
  }
  return pod_of(a) == pod_of(b) ? shape_.spines : shape_.spines * shape_.cores;
}

void ClosPlane::append_route(std::uint32_t a, std::uint32_t b, std::uint32_t choice, std::vector<LinkId>& route) const {
  const std::uint32_t from = leaf_of(a);
  const std::uint32_t to = leaf_of(b);
  route.push_back(host_up(a));
  if (from != to) {
    const std::uint32_t spine = choice % shape_.spines;
    route.push_back(leaf_up(from, spine));
    if (pod_of(a) != pod_of(b)) {
      const std::uint32_t core = choice / shape_.spines;
      route.push_back(spine_up(pod_of(a), spine, core));
      route.push_back(reverse(spine_up(pod_of(b), spine, core)));
    }
    route.push_back(reverse(leaf_up(to, spine)));
  }
  route.push_back(reverse(host_up(b)));
}

// D-mod-k (Zahavi et al., "Optimized InfiniBand fat-tree routing for shift all-to-all", 2010): the digits of the
// destination choose the switch of each tier on the way up, so every destination has one tree of its own.
std::uint32_t ClosPlane::deterministic_choice(std::uint32_t a, std::uint32_t b) const {
  if (leaf_of(a) == leaf_of(b)) {
    return 0;
  }
  const std::uint32_t spine = b % shape_.spines;
  return pod_of(a) == pod_of(b) ? spine : spine + (b / shape_.spines) % shape_.cores * shape_.spines;
}

void ClosPlane::append_up(std::uint32_t host, std::uint32_t group, std::uint32_t core,
                          std::vector<LinkId>& route) const {
  route.push_back(host_up(host));
  route.push_back(leaf_up(leaf_of(host), group));
  if (shape_.three_tiers()) {
    route.push_back(spine_up(pod_of(host), group, core));
  }
}

void ClosPlane::append_down(std::uint32_t host, std::uint32_t group, std::uint32_t core,
                            std::vector<LinkId>& route) const {
  if (shape_.three_tiers()) {
    route.push_back(reverse(spine_up(pod_of(host), group, core)));
  }
  route.push_back(reverse(leaf_up(leaf_of(host), group)));
  route.push_back(reverse(host_up(host)));
}

// The halves are joined by the hosts of the smaller one, by the leaf uplinks of either, and across pods by the spine
// uplinks of either.
BytesPerSecond ClosPlane::bisection() const {
  const double hosts = static_cast<double>(shape_.hosts);
  const double leaves = std::ceil(hosts / static_cast<double>(shape_.hosts_per_leaf));
  double ports = std::min(hosts, leaves * static_cast<double>(shape_.spines));
  if (shape_.three_tiers() && shape_.pods > 1) {
    ports = std::min(ports, static_cast<double>(shape_.pods) * static_cast<double>(shape_.spines) *
                                static_cast<double>(shape_.cores));
  }
  return port_ * (ports / 2.0);
}

int ClosPlane::diameter() const {
  if (shape_.hosts <= shape_.hosts_per_leaf) {
    return 2;
  }
  return shape_.three_tiers() && shape_.pods > 1 ? 6 : 4;
}

std::unique_ptr<Topology> make_clos(const TopologySpec& spec) {
  const int tiers = spec.shape == "clos2" ? 2 : 3;
  return std::make_unique<Clos>(clos_shape(spec.hosts, tiers, spec.radix, spec.oversubscription), spec);
}

}  // namespace aifactory
