#include "models/fabric/dragonfly.h"

#include <algorithm>

namespace aifactory {
namespace {

DragonflyShape shape_with(std::uint32_t hosts, std::uint32_t radix) {
  DragonflyShape shape;
  shape.half = radix / 2;
  const std::uint32_t per_group = shape.half * shape.half;
  if (per_group == 0) {
    return {};
  }
  shape.groups = (hosts + per_group - 1) / per_group;
  if (shape.groups > per_group + 1) {
    return {};
  }
  shape.cables_per_pair = shape.groups > 1 ? per_group / (shape.groups - 1) : 0;
  shape.hosts = hosts;
  return shape;
}

class Dragonfly final : public Topology {
 public:
  Dragonfly(const TopologySpec& spec, const DragonflyShape& shape) : shape_(shape), port_(spec.port) {
    const std::uint32_t half = shape.half;
    const std::uint32_t per_tier = shape.groups * half;
    network_.reserve(shape.hosts + std::size_t{2} * per_tier, 2 * (shape.hosts + std::size_t{per_tier} * half * 2));
    for (std::uint32_t h = 0; h < shape.hosts; ++h) {
      network_.add_vertex(0);
    }
    for (std::uint32_t i = 0; i < per_tier; ++i) {
      network_.add_vertex(1);
    }
    for (std::uint32_t i = 0; i < per_tier; ++i) {
      network_.add_vertex(2);
    }
    const VertexId leaf = shape.hosts;
    const VertexId spine = leaf + per_tier;
    for (std::uint32_t h = 0; h < shape.hosts; ++h) {
      network_.add_cable(h, leaf + h / half, spec.port, spec.switch_latency, CableKind::kCopper);
    }
    first_leaf_ = static_cast<LinkId>(network_.links());
    for (std::uint32_t l = 0; l < per_tier; ++l) {
      for (std::uint32_t s = 0; s < half; ++s) {
        network_.add_cable(leaf + l, spine + l / half * half + s, spec.port, spec.switch_latency, CableKind::kOptical);
      }
    }
    first_global_ = static_cast<LinkId>(network_.links());
    for (std::uint32_t a = 0; a < shape.groups; ++a) {
      for (std::uint32_t b = a + 1; b < shape.groups; ++b) {
        for (std::uint32_t t = 0; t < shape.cables_per_pair; ++t) {
          network_.add_cable(spine + a * half + spine_of(a, b, t), spine + b * half + spine_of(b, a, t), spec.port,
                             spec.switch_latency, CableKind::kOptical);
        }
      }
    }
  }

  [[nodiscard]] std::uint32_t route_count(VertexId a, VertexId b) const override {
    if (a == b) {
      return 0;
    }
    if (leaf_of(a) == leaf_of(b)) {
      return 1;
    }
    return group_of(a) == group_of(b) ? shape_.half : shape_.cables_per_pair;
  }
  void append_route(VertexId a, VertexId b, std::uint32_t choice, std::vector<LinkId>& route) const override {
    route.push_back(2 * a);
    const std::uint32_t from = group_of(a);
    const std::uint32_t to = group_of(b);
    if (leaf_of(a) != leaf_of(b)) {
      const std::uint32_t up = from == to ? choice : spine_of(from, to, choice);
      const std::uint32_t down = from == to ? choice : spine_of(to, from, choice);
      route.push_back(leaf_up(leaf_of(a), up));
      if (from != to) {
        const std::uint32_t low = std::min(from, to);
        const std::uint32_t pair = low * shape_.groups - low * (low + 1) / 2 + std::max(from, to) - low - 1;
        const LinkId cable = first_global_ + 2 * (pair * shape_.cables_per_pair + choice);
        route.push_back(from < to ? cable : reverse(cable));
      }
      route.push_back(reverse(leaf_up(leaf_of(b), down)));
    }
    route.push_back(reverse(2 * b));
  }
  [[nodiscard]] BytesPerSecond bisection() const override {
    const double hosts_half = static_cast<double>(shape_.hosts) / 2.0;
    if (shape_.groups == 1) {
      return port_ * hosts_half;
    }
    const std::uint32_t half = shape_.groups / 2;
    const double global = static_cast<double>(half) * static_cast<double>(shape_.groups - half) *
                          static_cast<double>(shape_.cables_per_pair);
    return port_ * std::min(hosts_half, global);
  }
  [[nodiscard]] int diameter() const override { return shape_.groups > 1 ? 5 : shape_.hosts > shape_.half ? 4 : 2; }

 private:
  [[nodiscard]] std::uint32_t leaf_of(VertexId host) const { return host / shape_.half; }
  [[nodiscard]] std::uint32_t group_of(VertexId host) const { return leaf_of(host) / shape_.half; }
  [[nodiscard]] LinkId leaf_up(std::uint32_t leaf, std::uint32_t spine) const {
    return first_leaf_ + 2 * (leaf * shape_.half + spine);
  }
  // The spine of `group` that holds cable t towards `peer`: peers in turn, one port of each spine after the other.
  [[nodiscard]] std::uint32_t spine_of(std::uint32_t group, std::uint32_t peer, std::uint32_t t) const {
    const std::uint32_t position = peer < group ? peer : peer - 1;
    return (position * shape_.cables_per_pair + t) % shape_.half;
  }

  DragonflyShape shape_;
  BytesPerSecond port_;
  LinkId first_leaf_ = 0, first_global_ = 0;
};

}  // namespace

DragonflyShape dragonfly_shape(std::uint32_t hosts, std::uint32_t radix) {
  if (radix != 0) {
    return shape_with(hosts, radix);
  }
  for (std::uint32_t k = 2; k <= 4096; k += 2) {
    const DragonflyShape shape = shape_with(hosts, k);
    if (shape.hosts != 0) {
      return shape;
    }
  }
  return {};
}

std::unique_ptr<Topology> make_dragonfly(const TopologySpec& spec) {
  return std::make_unique<Dragonfly>(spec, dragonfly_shape(spec.hosts, spec.radix));
}

}  // namespace aifactory
