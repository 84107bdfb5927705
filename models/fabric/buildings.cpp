#include "models/fabric/buildings.h"

#include <algorithm>

#include "models/fabric/clos.h"

namespace aifactory {
namespace {

class Buildings final : public Topology {
 public:
  Buildings(const TopologySpec& spec, const ClosShape& shape)
      : per_building_(shape.hosts), between_(spec.between_buildings) {
    for (std::uint32_t h = 0; h < spec.hosts; ++h) {
      network_.add_vertex(0);
    }
    const std::uint32_t cores = std::max(1u, shape.cores);
    tops_ = shape.spines * cores;
    // Gateways take from every top switch its share of what leaves the building.
    const BytesPerSecond share = spec.between_buildings * (static_cast<double>(spec.buildings - 1) / tops_);
    std::vector<VertexId> gateways;
    for (std::uint32_t b = 0; b < spec.buildings; ++b) {
      planes_.emplace_back(network_, shape, spec.port, spec.switch_latency, CableKind::kCopper,
                           [&](std::uint32_t h) { return b * per_building_ + h; });
      if (spec.buildings == 1) {
        break;
      }
      gateways.push_back(network_.add_vertex(4));
      first_gateway_.push_back(static_cast<LinkId>(network_.links()));
      for (std::uint32_t t = 0; t < tops_; ++t) {
        network_.add_cable(planes_[b].top_switch(t / cores, t % cores), gateways[b], share, spec.switch_latency,
                           CableKind::kOptical);
      }
    }
    first_haul_ = static_cast<LinkId>(network_.links());
    for (std::uint32_t a = 0; a < gateways.size(); ++a) {
      for (std::uint32_t b = a + 1; b < spec.buildings; ++b) {
        network_.add_cable(gateways[a], gateways[b], spec.between_buildings, kFibreDelayPerKm * spec.distance_km,
                           CableKind::kLongHaul);
      }
    }
  }

  [[nodiscard]] std::uint32_t route_count(VertexId a, VertexId b) const override {
    return building_of(a) == building_of(b) ? planes_[building_of(a)].route_count(a % per_building_, b % per_building_)
                                            : tops_;
  }
  void append_route(VertexId a, VertexId b, std::uint32_t choice, std::vector<LinkId>& route) const override {
    const std::uint32_t from = building_of(a);
    const std::uint32_t to = building_of(b);
    if (from == to) {
      planes_[from].append_route(a % per_building_, b % per_building_, choice, route);
      return;
    }
    const std::uint32_t cores = tops_ / planes_[from].shape().spines;
    planes_[from].append_up(a % per_building_, choice / cores, choice % cores, route);
    route.push_back(first_gateway_[from] + 2 * choice);
    const std::uint32_t low = std::min(from, to);
    const auto buildings = static_cast<std::uint32_t>(planes_.size());
    const LinkId haul = first_haul_ + 2 * (low * buildings - low * (low + 1) / 2 + std::max(from, to) - low - 1);
    route.push_back(from < to ? haul : reverse(haul));
    route.push_back(reverse(first_gateway_[to] + 2 * choice));
    planes_[to].append_down(b % per_building_, choice / cores, choice % cores, route);
  }
  [[nodiscard]] std::uint32_t deterministic_choice(VertexId a, VertexId b) const override {
    return building_of(a) == building_of(b)
               ? planes_[building_of(a)].deterministic_choice(a % per_building_, b % per_building_)
               : b % tops_;
  }
  [[nodiscard]] BytesPerSecond bisection() const override {
    const auto buildings = static_cast<std::uint32_t>(planes_.size());
    if (buildings == 1) {
      return planes_.front().bisection();
    }
    const std::uint32_t half = buildings / 2;
    return between_ * (static_cast<double>(half) * static_cast<double>(buildings - half));
  }
  [[nodiscard]] int diameter() const override {
    const int climb = planes_.front().shape().three_tiers() ? 3 : 2;
    return planes_.size() == 1 ? planes_.front().diameter() : 2 * climb + 3;
  }

 private:
  [[nodiscard]] std::uint32_t building_of(VertexId host) const { return host / per_building_; }

  std::uint32_t per_building_, tops_ = 0;
  BytesPerSecond between_;
  std::vector<ClosPlane> planes_;
  std::vector<LinkId> first_gateway_;
  LinkId first_haul_ = 0;
};

}  // namespace

std::unique_ptr<Topology> make_buildings(const TopologySpec& spec) {
  const std::uint32_t hosts = spec.hosts / spec.buildings;
  ClosShape shape = clos_shape(hosts, 2, spec.radix, spec.oversubscription);
  if (shape.hosts == 0 || spec.radix == 0) {
    shape = clos_shape(hosts, 3, spec.radix, spec.oversubscription);
  }
  return std::make_unique<Buildings>(spec, shape);
}

}  // namespace aifactory
