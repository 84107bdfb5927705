#include "models/fabric/topology.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <set>

#include "models/fabric/clos.h"
#include "models/fabric/structure.h"
#include "models/fabric/torus.h"

namespace aifactory {
namespace {

TopologySpec spec_of(const std::string& shape, std::uint32_t hosts, std::uint32_t radix = 0) {
  TopologySpec spec;
  spec.shape = shape;
  spec.hosts = hosts;
  spec.radix = radix;
  return spec;
}

TopologySpec buildings_of(std::uint32_t hosts, std::uint32_t buildings) {
  TopologySpec spec = spec_of("buildings", hosts);
  spec.buildings = buildings;
  spec.between_buildings = BytesPerSecond(100e9);
  spec.distance_km = 40.0;
  return spec;
}

std::vector<TopologySpec> samples() {
  TopologySpec oversubscribed = spec_of("clos3", 96, 8);
  oversubscribed.oversubscription = 3.0;
  TopologySpec rail = spec_of("rail", 64, 8);
  rail.domain = 8;
  TopologySpec planes = spec_of("domain", 72);
  planes.planes = 18;
  planes.scale_up = BytesPerSecond(900e9);
  return {spec_of("clos2", 32, 8),
          spec_of("clos3", 128, 8),
          oversubscribed,
          rail,
          planes,
          spec_of("mesh", 8),
          spec_of("dragonfly", 16, 4),
          spec_of("torus", 64),
          spec_of("torus", 2 * 3 * 4),
          buildings_of(32, 2),
          spec_of("dragonfly", 128, 8),
          spec_of("torus", 2)};
}

// Every route of every pair: starts and ends right, hangs together, no link twice, as short as the graph allows.
TEST(Topology, RoutesAreMinimalDistinctPaths) {
  for (const TopologySpec& spec : samples()) {
    const auto topology = make_topology(spec);
    const Network& network = topology->network();
    std::size_t longest = 0;
    for (VertexId a = 0; a < spec.hosts; ++a) {
      EXPECT_EQ(topology->route_count(a, a), 0u);
      for (VertexId b = 0; b < spec.hosts; ++b) {
        std::set<std::vector<LinkId>> seen;
        std::size_t length = 0;
        for (std::uint32_t choice = 0; choice < topology->route_count(a, b); ++choice) {
          std::vector<LinkId> route;
          topology->append_route(a, b, choice, route);
          ASSERT_FALSE(route.empty());
          ASSERT_EQ(network.from[route.front()], a) << spec.shape;
          ASSERT_EQ(network.to[route.back()], b) << spec.shape;
          for (std::size_t h = 1; h < route.size(); ++h) {
            ASSERT_EQ(network.to[route[h - 1]], network.from[route[h]]) << spec.shape;
          }
          ASSERT_TRUE(seen.insert(route).second) << spec.shape << " repeats a route";
          ASSERT_TRUE(length == 0 || length == route.size()) << spec.shape;
          length = route.size();
        }
        longest = std::max(longest, length);
        if (a != b) {
          ASSERT_LT(topology->deterministic_choice(a, b), topology->route_count(a, b));
        }
      }
    }
    EXPECT_EQ(static_cast<int>(longest), topology->diameter()) << spec.shape;
  }
}

TEST(Topology, DiameterAndBisectionOfTheGraphAgreeWithTheFormulas) {
  for (const TopologySpec& spec : samples()) {
    const auto topology = make_topology(spec);
    EXPECT_TRUE(connected(topology->network()));
    if (spec.shape != "rail") {  // its routes climb the right rail first; a shorter walk over two domains exists
      EXPECT_EQ(measured_diameter(topology->network()), topology->diameter()) << spec.shape;
    }
    const double measured = measured_bisection(topology->network()).value();
    EXPECT_NEAR(measured, topology->bisection().value(), 1e-4 * measured) << spec.shape << " " << spec.hosts;
  }
}

TEST(Topology, FatTreeOfRadixKHasTheTextbookCounts) {
  for (const std::uint32_t k : {4u, 8u, 16u}) {
    const auto topology = make_topology(spec_of("clos3", k * k * k / 4, k));
    EXPECT_EQ(topology->hosts(), k * k * k / 4);
    EXPECT_EQ(topology->network().switches(), 5 * k * k / 4);
    EXPECT_EQ(topology->network().links(), 2 * 3 * k * k * k / 4);
    EXPECT_DOUBLE_EQ(topology->bisection().value(), 50e9 * k * k * k / 8);
  }
}

TEST(Topology, SmallestRadixReachesHalfAMillionHosts) {
  const ClosShape shape = clos_shape(524288, 3, 0, 1.0);
  EXPECT_EQ(shape.hosts, 524288u);
  EXPECT_EQ(2 * shape.spines, 128u);
  EXPECT_EQ(shape.pods, 128u);
}

TEST(Topology, OversubscriptionDividesTheBisection) {
  TopologySpec spec = spec_of("clos2", 48, 16);
  const double full = make_topology(spec_of("clos2", 48, 16))->bisection().value();
  spec.oversubscription = 3.0;
  EXPECT_NEAR(make_topology(spec)->bisection().value() / full, 1.0 / 3.0, 1e-12);
}

TEST(Topology, LargeFatTreeIsBuiltInMilliseconds) {
  const auto begin = std::chrono::steady_clock::now();
  const auto topology = make_topology(spec_of("clos3", 8192, 32));
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  EXPECT_EQ(topology->network().switches(), 1280u);
  EXPECT_LT(seconds, 0.25);  // 50 ms on an idle machine, without sanitizers
}

TEST(Topology, TorusIsAsCubicAsItsSizeAllows) {
  EXPECT_EQ(torus_shape(4096), (std::array<std::uint32_t, 3>{16, 16, 16}));
  EXPECT_EQ(torus_shape(24), (std::array<std::uint32_t, 3>{2, 3, 4}));
  EXPECT_EQ(torus_shape(7), (std::array<std::uint32_t, 3>{1, 1, 7}));
}

TEST(Topology, FibreDelaysTrafficBetweenBuildings) {
  const auto topology = make_topology(buildings_of(32, 2));
  std::vector<LinkId> route;
  topology->append_route(0, 31, 0, route);
  double latency = 0.0;
  for (const LinkId link : route) {
    latency += static_cast<double>(topology->network().latency[link]);
  }
  EXPECT_NEAR(latency, 40.0 * 4.897e-6 + 500e-9 * static_cast<double>(route.size() - 1), 1e-7);
}

TEST(Structure, WithoutTheirOnlySwitchAllHostsAreLost) {
  TopologySpec spec;
  spec.shape = "domain";
  spec.hosts = 8;
  const auto domain = make_topology(spec);
  EXPECT_EQ(single_points_of_failure(domain->network()).hosts_at_worst, 8u);
}

TEST(Structure, AWiderSwitchThanThePartIsTwoTiersOfParts) {
  TopologySpec spec;
  spec.shape = "clos2";
  spec.hosts = 128 * 64;
  spec.radix = 128;
  const auto clos = make_topology(spec);
  FabricParts parts;
  parts.packet_switch.ports = 64;
  // 128 leaves and 64 spines of 128 ports: 4 + 2 parts each.
  EXPECT_EQ(bill_of(clos->network(), parts).switches, (128u + 64u) * 6u);
}

TEST(Structure, LeavesAreSinglePointsOfFailureOfSingleHomedHosts) {
  const auto clos = make_topology(spec_of("clos3", 128, 8));
  EXPECT_EQ(single_points_of_failure(clos->network()).switches, 32u);
  EXPECT_EQ(single_points_of_failure(clos->network()).hosts_at_worst, 4u);
  TopologySpec planes = spec_of("domain", 16);
  planes.planes = 2;
  EXPECT_EQ(single_points_of_failure(make_topology(planes)->network()).switches, 0u);
}

TEST(Structure, CutNetworksAreRecognised) {
  Network network = make_topology(spec_of("clos2", 8, 4))->network();
  EXPECT_TRUE(connected(network));
  network.capacity[0] = network.capacity[1] = 0.0;
  EXPECT_FALSE(connected(network));
  EXPECT_EQ(measured_diameter(network), -1);
}

TEST(Structure, BillCountsPartsOnce) {
  FabricParts parts;
  parts.packet_switch.ports = 8;
  parts.packet_switch.price = Usd(10000.0);
  parts.packet_switch.power = Watts(500.0);
  parts.nic.price = Usd(1000.0);
  parts.nic.power = Watts(20.0);
  parts.optic.price = Usd(500.0);
  parts.optic.power = Watts(10.0);
  parts.copper_cable = Usd(100.0);
  const auto topology = make_topology(spec_of("clos3", 128, 8));
  const FabricBill bill = bill_of(topology->network(), parts);
  EXPECT_EQ(bill.switches, 80u);
  EXPECT_EQ(bill.nics, 128u);
  EXPECT_EQ(bill.cables.copper, 128u);
  EXPECT_EQ(bill.cables.optical, 256u);
  EXPECT_EQ(bill.optics, 512u);
  EXPECT_DOUBLE_EQ(bill.price.value(), 80 * 10000.0 + 128 * 1000.0 + 512 * 500.0 + 128 * 100.0);
  EXPECT_DOUBLE_EQ(bill.power.value(), 80 * 500.0 + 128 * 20.0 + 512 * 10.0);
}

TEST(TopologyProblems, NameTheFieldAndTheReason) {
  using testing::ElementsAre;
  using testing::HasSubstr;
  EXPECT_THAT(problems_of(spec_of("ring", 8)), ElementsAre(HasSubstr("there is no topology \"ring\"")));
  EXPECT_THAT(problems_of(spec_of("clos2", 100, 4)), ElementsAre("radix: switches of 4 ports do not reach 100 hosts"));
  EXPECT_THAT(problems_of(spec_of("clos3", 1)), ElementsAre("hosts: at least two"));
  TopologySpec rail = spec_of("rail", 20);
  EXPECT_THAT(problems_of(rail), ElementsAre(HasSubstr("domain: must divide")));
  EXPECT_THROW(make_topology(rail), std::invalid_argument);
}

}  // namespace
}  // namespace aifactory
