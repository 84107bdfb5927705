#include "sim/fabric/routed_flows.h"

#include <gtest/gtest.h>

#include <optional>
#include <utility>

namespace aifactory {
namespace {

constexpr double kPort = 50e9;

std::unique_ptr<Topology> fat_tree() {
  TopologySpec spec;
  spec.shape = "clos3";
  spec.hosts = 128;
  spec.radix = 8;
  return make_topology(spec);
}

struct Bench {
  explicit Bench(Routing routing) : topology(fat_tree()), flows(simulation, *topology, routing, 1) {}
  void send(VertexId a, VertexId b, double bytes) {
    flows.start(a, b, Bytes(bytes), [this] { end = simulation.now().seconds().value(); });
  }
  LinkId hop(VertexId a, VertexId b, std::size_t index) const {
    std::vector<LinkId> route;
    topology->append_route(a, b, topology->deterministic_choice(a, b), route);
    return route.at(index);
  }

  engine::Simulation simulation;
  std::unique_ptr<Topology> topology;
  RoutedFlows flows;
  std::optional<double> end;
};

TEST(RoutedFlows, AFailedUplinkIsRoutedAroundWithoutLoss) {
  Bench run(Routing::kDeterministic);
  run.send(0, 127, kPort);  // one second alone
  const LinkId uplink = run.hop(0, 127, 1);
  run.simulation.after(Seconds(0.4), [&] { run.flows.fail(uplink); });
  run.simulation.run();
  ASSERT_TRUE(run.end);
  EXPECT_NEAR(*run.end, 1.0, 1e-8);  // another way is as wide
  EXPECT_EQ(run.flows.reroutes(), 1u);
}

TEST(RoutedFlows, WithoutAnotherWayATransferWaitsForTheRepair) {
  Bench run(Routing::kDeterministic);
  run.send(0, 127, kPort);
  const LinkId port = run.hop(0, 127, 0);
  run.simulation.after(Seconds(0.4), [&] {
    run.flows.fail(reverse(port));  // either direction names the cable
    EXPECT_EQ(run.flows.waiting(), 1u);
  });
  run.simulation.after(Seconds(2.4), [&] { run.flows.repair(port); });
  run.simulation.run();
  ASSERT_TRUE(run.end);
  EXPECT_NEAR(*run.end, 3.0, 1e-8);
  EXPECT_EQ(run.flows.in_flight(), 0u);
}

TEST(RoutedFlows, OverlappingOutagesLastUntilTheLastRepair) {
  Bench run(Routing::kDeterministic);
  run.send(0, 127, kPort);
  const LinkId port = run.hop(0, 127, 0);
  for (const auto& [from, until] : {std::pair{0.4, 2.4}, std::pair{0.6, 0.8}}) {
    run.simulation.after(Seconds(from), [&] { run.flows.fail(port); });
    run.simulation.after(Seconds(until), [&] { run.flows.repair(port); });
  }
  run.simulation.run();
  ASSERT_TRUE(run.end);
  EXPECT_NEAR(*run.end, 3.0, 1e-8);
}

TEST(RoutedFlows, ATransferThatStartsCutOffIsSentAfterTheRepair) {
  Bench run(Routing::kSprayed);
  const LinkId port = run.hop(0, 127, 0);
  run.flows.fail(port);
  run.send(0, 127, kPort);
  EXPECT_EQ(run.flows.waiting(), 1u);
  run.simulation.after(Seconds(1.0), [&] { run.flows.repair(port); });
  run.simulation.run();
  ASSERT_TRUE(run.end);
  EXPECT_NEAR(*run.end, 2.0, 1e-8);
}

TEST(RoutedFlows, ASignalWithoutBytesWaitsForTheRepairToo) {
  Bench run(Routing::kDeterministic);
  const LinkId port = run.hop(0, 127, 0);
  run.flows.fail(port);
  run.send(0, 127, 0.0);
  EXPECT_EQ(run.flows.waiting(), 1u);
  run.simulation.after(Seconds(1.0), [&] { run.flows.repair(port); });
  run.simulation.run();
  ASSERT_TRUE(run.end);
  EXPECT_GE(*run.end, 1.0);
  EXPECT_EQ(run.flows.waiting(), 0u);
}

TEST(RoutedFlows, ALostSwitchTakesItsCablesAndReturnsThemButNotThoseThatFailedThemselves) {
  Bench run(Routing::kDeterministic);
  const LinkId uplink = run.hop(0, 127, 1);
  const VertexId spine = run.topology->network().to[uplink];
  run.flows.fail(uplink);
  run.flows.fail_switch(spine);
  run.flows.fail_switch(spine);
  run.flows.repair_switch(spine);
  run.send(0, 127, kPort);
  run.simulation.after(Seconds(0.5), [&] { run.flows.fail_switch(spine); });
  run.simulation.run();
  ASSERT_TRUE(run.end);
  EXPECT_NEAR(*run.end, 1.0, 1e-8);
  EXPECT_EQ(run.flows.reroutes(), 0u);  // the failed uplink kept it away from the spine
}

TEST(RoutedFlows, ADegradedPortIsAStraggler) {
  Bench run(Routing::kDeterministic);
  run.flows.degrade(run.hop(0, 127, 0), 0.25);
  run.send(0, 127, kPort);
  run.simulation.run();
  ASSERT_TRUE(run.end);
  EXPECT_NEAR(*run.end, 4.0, 1e-8);
}

// Every transfer of a random permutation arrives whatever fails and returns in between.
TEST(RoutedFlows, NothingIsLostOverFailuresAndRepairs) {
  for (const Routing routing : {Routing::kDeterministic, Routing::kHashed, Routing::kSprayed}) {
    engine::Simulation simulation;
    const auto topology = fat_tree();
    RoutedFlows flows(simulation, *topology, routing, 3);
    int arrived = 0;
    for (VertexId h = 0; h < 128; ++h) {
      flows.start(h, (h * 5 + 11) % 128, Bytes(1e9), [&] { ++arrived; });
    }
    const Network& network = topology->network();
    for (int k = 0; k < 40; ++k) {
      const auto link = static_cast<LinkId>((k * 97) % static_cast<int>(network.links()));
      simulation.after(Seconds(0.001 * k), [&flows, link] { flows.fail(link); });
      simulation.after(Seconds(0.001 * k + 0.02), [&flows, link] { flows.repair(link); });
    }
    const auto spine = static_cast<VertexId>(network.vertices() - 1);
    simulation.after(Seconds(0.005), [&] { flows.fail_switch(spine); });
    simulation.after(Seconds(0.015), [&] { flows.repair_switch(spine); });
    simulation.run();
    EXPECT_EQ(arrived, 128);
    EXPECT_EQ(flows.in_flight(), 0u);
  }
}

}  // namespace
}  // namespace aifactory
