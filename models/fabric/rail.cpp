#include "models/fabric/rail.h"

#include "models/fabric/clos.h"

namespace aifactory {
namespace {

class Rail final : public Topology {
 public:
  Rail(const TopologySpec& spec, const ClosShape& shape) : domain_(spec.domain) {
    const std::uint32_t nodes = shape.hosts;
    for (std::uint32_t h = 0; h < spec.hosts; ++h) {
      network_.add_vertex(0);
    }
    for (std::uint32_t n = 0; n < nodes; ++n) {
      network_.add_vertex(1);  // the node's NVLink switches as one
    }
    for (std::uint32_t h = 0; h < spec.hosts; ++h) {
      network_.add_cable(h, spec.hosts + h / domain_, spec.scale_up, spec.switch_latency, CableKind::kBackplane);
    }
    for (std::uint32_t r = 0; r < domain_; ++r) {
      rails_.emplace_back(network_, shape, spec.port, spec.switch_latency, CableKind::kOptical,
                          [&](std::uint32_t node) { return node * domain_ + r; });
    }
  }

  [[nodiscard]] std::uint32_t route_count(VertexId a, VertexId b) const override {
    if (a == b) {
      return 0;
    }
    return a / domain_ == b / domain_ ? 1 : rails_[b % domain_].route_count(a / domain_, b / domain_);
  }
  void append_route(VertexId a, VertexId b, std::uint32_t choice, std::vector<LinkId>& route) const override {
    const std::uint32_t rail = b % domain_;
    const VertexId relay = a / domain_ == b / domain_ ? b : a / domain_ * domain_ + rail;
    if (relay != a) {
      route.push_back(2 * a);
      route.push_back(reverse(2 * relay));
    }
    if (relay != b) {
      rails_[rail].append_route(a / domain_, b / domain_, choice, route);
    }
  }
  [[nodiscard]] std::uint32_t deterministic_choice(VertexId a, VertexId b) const override {
    return a / domain_ == b / domain_ ? 0 : rails_[b % domain_].deterministic_choice(a / domain_, b / domain_);
  }
  [[nodiscard]] BytesPerSecond bisection() const override {
    return rails_.front().bisection() * static_cast<double>(domain_);
  }
  [[nodiscard]] int diameter() const override { return (domain_ > 1 ? 2 : 0) + rails_.front().diameter(); }

 private:
  std::uint32_t domain_;
  std::vector<ClosPlane> rails_;
};

}  // namespace

std::unique_ptr<Topology> make_rail(const TopologySpec& spec) {
  const std::uint32_t nodes = spec.hosts / spec.domain;
  ClosShape shape = clos_shape(nodes, 2, spec.radix, spec.oversubscription);
  if (shape.hosts == 0) {
    shape = clos_shape(nodes, 3, spec.radix, spec.oversubscription);
  }
  return std::make_unique<Rail>(spec, shape);
}

}  // namespace aifactory
