// The shapes networks are built in, each a parametric network with the minimal routes between any two hosts.
//
// A topology answers three questions: what is connected to what (network()), how many equally short routes there are
// between two hosts (route_count()), and which links route number k takes (append_route()). Routes are computed, not
// stored. Which of them a flow takes is routing (models/fabric/routing.h).
//
// Variants: clos (2 or 3 tiers, with oversubscription), rail (Clos planes, one per GPU rank of a node, joined by NVLink
// domains), domain (one scale-up domain: every host on every switch plane), mesh (every host to every other: MI300),
// dragonfly (groups of leaf and spine switches, one global link between groups per spine pair; Dragonfly+), torus (3D
// with wrap-around through optical circuit switches: TPU pods), buildings (Clos networks joined over distance).
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "models/fabric/network.h"
#include "models/units/quantity.h"

namespace aifactory {

struct TopologySpec {
  std::string shape = "clos3";  // clos2, clos3, rail, domain, mesh, dragonfly, torus, buildings
  std::uint32_t hosts = 0;
  BytesPerSecond port{50e9};      // one way, of every port
  std::uint32_t radix = 0;        // ports of a switch; 0 = the smallest even number that reaches the hosts
  double oversubscription = 1.0;  // host over uplink capacity of a leaf (clos, rail, buildings)

  std::uint32_t domain = 8;        // hosts that share a scale-up domain (rail)
  BytesPerSecond scale_up{450e9};  // one way, per host into its domain (rail, domain, mesh)
  std::uint32_t planes = 1;        // parallel switch planes a host's bandwidth is spread over (domain)

  std::uint32_t buildings = 1;
  BytesPerSecond between_buildings{};  // one way, from each building to each other one
  double distance_km = 0.0;            // of fibre between buildings

  Seconds switch_latency{500e-9};  // port to port, with its cable
};

class Topology {
 public:
  virtual ~Topology() = default;

  [[nodiscard]] const Network& network() const { return network_; }
  [[nodiscard]] std::uint32_t hosts() const { return network_.hosts; }

  // Equally short routes from a to b; 0 for a == b.
  [[nodiscard]] virtual std::uint32_t route_count(VertexId a, VertexId b) const = 0;
  // Appends the links of route `choice` < route_count(a, b), in travel order.
  virtual void append_route(VertexId a, VertexId b, std::uint32_t choice, std::vector<LinkId>& route) const = 0;
  // The route that destination-based deterministic routing takes (D-mod-k on a Clos): spreads permutations evenly.
  [[nodiscard]] virtual std::uint32_t deterministic_choice(VertexId a, VertexId b) const {
    return (a + b) % route_count(a, b);
  }

  // One way over the narrowest split into equal halves of consecutive hosts, by the shape's own formula; a max-flow
  // over the network agrees (models/fabric/structure.h). Exact for even numbers of units (pods, groups, planes).
  [[nodiscard]] virtual BytesPerSecond bisection() const = 0;
  [[nodiscard]] virtual int diameter() const = 0;  // links on the longest minimal route between hosts

 protected:
  Network network_;
};

// What is wrong with a specification ("radix: ..."); empty if it can be built.
std::vector<std::string> problems_of(const TopologySpec& spec);

// Throws std::invalid_argument with the first problem.
std::unique_ptr<Topology> make_topology(const TopologySpec& spec);

// Every shape there is, in the order of the table.
std::vector<std::string_view> topology_shapes();

}  // namespace aifactory
