#include "models/fabric/torus.h"

#include <algorithm>

namespace aifactory {
namespace {

using Position = std::array<std::uint32_t, 3>;

class Torus final : public Topology {
 public:
  explicit Torus(const TopologySpec& spec) : size_(torus_shape(spec.hosts)), port_(spec.port) {
    network_.reserve(spec.hosts, std::size_t{6} * spec.hosts);
    for (std::uint32_t h = 0; h < spec.hosts; ++h) {
      network_.add_vertex(0);
    }
    // Cable d of host h leads to its successor in dimension d; dimensions of one have none, of two one per pair.
    for (std::uint32_t d = 0; d < 3; ++d) {
      for (std::uint32_t h = 0; h < spec.hosts && size_[d] > 1; ++h) {
        const bool wraps = position(h)[d] + 1 == size_[d];
        if (size_[d] == 2 && wraps) {
          cable_.push_back(0);
          continue;
        }
        cable_.push_back(network_.add_cable(h, step(h, d, 1), spec.port, spec.switch_latency,
                                            wraps ? CableKind::kOptical : CableKind::kCopper));
      }
      if (size_[d] == 1) {
        cable_.resize(cable_.size() + spec.hosts);
      }
    }
  }

  // Orders of the dimensions to travel, times both ways round where they are equally long.
  [[nodiscard]] std::uint32_t route_count(VertexId a, VertexId b) const override {
    std::uint32_t dimensions = 0;
    std::uint32_t ways = 1;
    for (std::uint32_t d = 0; d < 3; ++d) {
      const std::uint32_t offset = forward(a, b, d);
      dimensions += offset != 0 ? 1 : 0;
      ways *= two_ways(offset, d) ? 2 : 1;
    }
    constexpr std::array<std::uint32_t, 4> kOrders = {1, 1, 2, 6};
    return a == b ? 0 : kOrders[dimensions] * ways;
  }

  void append_route(VertexId a, VertexId b, std::uint32_t choice, std::vector<LinkId>& route) const override {
    std::vector<std::uint32_t> order;
    for (std::uint32_t d = 0; d < 3; ++d) {
      if (forward(a, b, d) != 0) {
        order.push_back(d);
      }
    }
    std::array<bool, 3> backward{};
    for (const std::uint32_t d : order) {
      const std::uint32_t offset = forward(a, b, d);
      backward[d] = 2 * offset > size_[d];
      if (two_ways(offset, d)) {
        backward[d] = choice % 2 == 1;
        choice /= 2;
      }
    }
    for (; choice > 0; --choice) {
      std::next_permutation(order.begin(), order.end());
    }
    VertexId at = a;
    for (const std::uint32_t d : order) {
      while (position(at)[d] != position(b)[d]) {
        const VertexId next = step(at, d, backward[d] ? size_[d] - 1 : 1);
        route.push_back(link(at, next, d, backward[d]));
        at = next;
      }
    }
  }

  [[nodiscard]] BytesPerSecond bisection() const override {
    const double cuts = size_[2] > 2 ? 2.0 : 1.0;
    return port_ * (cuts * static_cast<double>(hosts() / size_[2]));
  }
  [[nodiscard]] int diameter() const override { return static_cast<int>(size_[0] / 2 + size_[1] / 2 + size_[2] / 2); }

 private:
  // The longest dimension varies slowest, so that consecutive halves are halves of the torus.
  [[nodiscard]] Position position(VertexId host) const {
    return {host % size_[0], host / size_[0] % size_[1], host / (size_[0] * size_[1])};
  }
  [[nodiscard]] VertexId step(VertexId host, std::uint32_t d, std::uint32_t by) const {
    Position p = position(host);
    p[d] = (p[d] + by) % size_[d];
    return p[0] + size_[0] * (p[1] + size_[1] * p[2]);
  }
  [[nodiscard]] std::uint32_t forward(VertexId a, VertexId b, std::uint32_t d) const {
    return (position(b)[d] + size_[d] - position(a)[d]) % size_[d];
  }
  [[nodiscard]] bool two_ways(std::uint32_t offset, std::uint32_t d) const {
    return size_[d] > 2 && 2 * offset == size_[d];
  }
  [[nodiscard]] LinkId link(VertexId from, VertexId to, std::uint32_t d, bool backward) const {
    const bool owns = size_[d] == 2 ? position(from)[d] == 0 : !backward;
    const VertexId owner = owns ? from : to;
    const LinkId cable = cable_[std::size_t{d} * hosts() + owner];
    return owns ? cable : reverse(cable);
  }

  Position size_;
  BytesPerSecond port_;
  std::vector<LinkId> cable_;  // by dimension, then host
};

}  // namespace

std::array<std::uint32_t, 3> torus_shape(std::uint32_t hosts) {
  std::array<std::uint32_t, 3> best = {1, 1, hosts};
  for (std::uint32_t x = 1; x * x * x <= hosts; ++x) {
    if (hosts % x != 0) {
      continue;
    }
    for (std::uint32_t y = x; x * y * y <= hosts; ++y) {
      if (hosts / x % y == 0 && hosts / x / y - x <= best[2] - best[0]) {
        best = {x, y, hosts / x / y};
      }
    }
  }
  return best;
}

std::unique_ptr<Topology> make_torus(const TopologySpec& spec) {
  return std::make_unique<Torus>(spec);
}

}  // namespace aifactory
