// Random flows over real topologies: shapes, sizes, routings, weights, starts, empty flows and flows to oneself.
#pragma once

#include <random>
#include <vector>

#include "models/fabric/flow_set.h"
#include "models/fabric/routing.h"
#include "models/fabric/topology.h"

namespace aifactory {

class Draw {
 public:
  explicit Draw(unsigned seed) : random_(seed) {}
  std::size_t below(std::size_t n) { return std::uniform_int_distribution<std::size_t>(0, n - 1)(random_); }
  bool chance(double p) { return std::uniform_real_distribution<double>(0.0, 1.0)(random_) < p; }
  double between(double a, double b) { return std::uniform_real_distribution<double>(a, b)(random_); }

 private:
  std::mt19937 random_;
};

inline TopologySpec random_topology(Draw& draw) {
  const auto shapes = topology_shapes();
  for (;;) {
    TopologySpec spec;
    spec.shape = shapes[draw.below(shapes.size())];
    spec.hosts = static_cast<std::uint32_t>(4 + draw.below(60));
    spec.domain = draw.chance(0.5) ? 2 : 4;
    spec.planes = static_cast<std::uint32_t>(1 + draw.below(3));
    spec.oversubscription = draw.chance(0.5) ? 1.0 : draw.between(1.0, 4.0);
    spec.buildings = static_cast<std::uint32_t>(1 + draw.below(3));
    spec.between_buildings = BytesPerSecond(draw.between(10e9, 200e9));
    spec.distance_km = draw.between(0.0, 50.0);
    if (spec.shape == "rail") {
      spec.hosts = spec.domain * static_cast<std::uint32_t>(2 + draw.below(12));
    } else if (spec.shape == "buildings") {
      spec.hosts = spec.buildings * static_cast<std::uint32_t>(2 + draw.below(16));
    }
    if (problems_of(spec).empty()) {
      return spec;
    }
  }
}

// `count` flows between random hosts; few hosts receive most of them. Links are degraded here and there.
inline FlowSet random_flows_over(const Topology& topology, std::size_t count, Draw& draw, Routing routing) {
  FlowSet flows;
  flows.capacity = topology.network().capacity;
  for (double& capacity : flows.capacity) {
    capacity *= draw.chance(0.05) ? draw.between(0.1, 1.0) : 1.0;
  }
  const bool weighted = draw.chance(0.5);
  const bool ties = draw.chance(0.3);
  const std::uint32_t hosts = topology.hosts();
  for (std::size_t f = 0; f < count; ++f) {
    const auto a = static_cast<VertexId>(draw.below(hosts));
    const auto b = static_cast<VertexId>(draw.chance(0.3) ? draw.below(1 + hosts / 8) : draw.below(hosts));
    const double bytes = draw.chance(0.03) ? 0.0 : ties ? 64e6 : draw.between(1.0, 128e6);
    const double start = ties ? 1e-3 * static_cast<double>(draw.below(2)) : draw.between(0.0, 4e-3);
    auto routes = routes_of(topology, routing, a, b, f, 7, 4);
    if (routes.empty()) {
      routes.emplace_back();  // to itself
    }
    for (const auto& route : routes) {
      flows.add(route, bytes / static_cast<double>(routes.size()), start);
      if (weighted) {
        flows.weight.push_back(draw.between(0.25, 4.0));
      }
      if (draw.chance(0.1)) {  // the same once more, over the same links
        flows.add(route, bytes, start);
        if (weighted) {
          flows.weight.push_back(1.0);
        }
      }
    }
  }
  return flows;
}

}  // namespace aifactory
