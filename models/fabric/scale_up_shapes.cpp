#include "models/fabric/scale_up_shapes.h"

namespace aifactory {
namespace {

// Every host has one link of scale_up / planes into each of `planes` switches.
class Domain final : public Topology {
 public:
  explicit Domain(const TopologySpec& spec) : planes_(spec.planes), bandwidth_(spec.scale_up) {
    network_.reserve(spec.hosts + planes_, std::size_t{2} * spec.hosts * planes_);
    for (std::uint32_t h = 0; h < spec.hosts; ++h) {
      network_.add_vertex(0);
    }
    for (std::uint32_t p = 0; p < planes_; ++p) {
      network_.add_vertex(1);
    }
    for (std::uint32_t h = 0; h < spec.hosts; ++h) {
      for (std::uint32_t p = 0; p < planes_; ++p) {
        network_.add_cable(h, spec.hosts + p, bandwidth_ / static_cast<double>(planes_), spec.switch_latency,
                           CableKind::kBackplane);
      }
    }
  }

  [[nodiscard]] std::uint32_t route_count(VertexId a, VertexId b) const override { return a == b ? 0 : planes_; }
  void append_route(VertexId a, VertexId b, std::uint32_t choice, std::vector<LinkId>& route) const override {
    route.push_back(2 * (a * planes_ + choice));
    route.push_back(reverse(2 * (b * planes_ + choice)));
  }
  [[nodiscard]] BytesPerSecond bisection() const override { return bandwidth_ * (static_cast<double>(hosts()) / 2.0); }
  [[nodiscard]] int diameter() const override { return 2; }

 private:
  std::uint32_t planes_;
  BytesPerSecond bandwidth_;
};

// One cable between every two hosts, scale_up / (hosts - 1) each.
class Mesh final : public Topology {
 public:
  explicit Mesh(const TopologySpec& spec) : link_(spec.scale_up / static_cast<double>(spec.hosts - 1)) {
    for (std::uint32_t h = 0; h < spec.hosts; ++h) {
      network_.add_vertex(0);
    }
    for (std::uint32_t a = 0; a < spec.hosts; ++a) {
      for (std::uint32_t b = a + 1; b < spec.hosts; ++b) {
        network_.add_cable(a, b, link_, spec.switch_latency, CableKind::kBackplane);
      }
    }
  }

  [[nodiscard]] std::uint32_t route_count(VertexId a, VertexId b) const override { return a == b ? 0 : 1; }
  void append_route(VertexId a, VertexId b, std::uint32_t, std::vector<LinkId>& route) const override {
    const std::uint32_t low = a < b ? a : b;
    const std::uint32_t high = a < b ? b : a;
    const LinkId cable = 2 * (low * hosts() - low * (low + 1) / 2 + high - low - 1);
    route.push_back(a < b ? cable : reverse(cable));
  }
  [[nodiscard]] BytesPerSecond bisection() const override {
    const std::uint32_t half = hosts() / 2;
    return link_ * (static_cast<double>(half) * static_cast<double>(hosts() - half));
  }
  [[nodiscard]] int diameter() const override { return 1; }

 private:
  BytesPerSecond link_;
};

}  // namespace

std::unique_ptr<Topology> make_domain(const TopologySpec& spec) {
  return std::make_unique<Domain>(spec);
}
std::unique_ptr<Topology> make_mesh(const TopologySpec& spec) {
  return std::make_unique<Mesh>(spec);
}

}  // namespace aifactory
