// Collectives as flows against their closed forms.
#include "sim/fabric/collective_flows.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

namespace aifactory {
namespace {

constexpr double kPort = 50e9;

std::unique_ptr<Topology> fat_tree(std::uint32_t hosts) {
  TopologySpec spec;
  spec.shape = "clos3";
  spec.hosts = hosts;
  spec.switch_latency = Seconds(0.0);
  return make_topology(spec);
}

FabricJob job(FabricCollective collective, std::uint32_t ranks, double bytes) {
  FabricJob result;
  result.collective = collective;
  result.bytes = Bytes(bytes);
  result.ranks.resize(ranks);
  std::iota(result.ranks.begin(), result.ranks.end(), 0u);
  return result;
}

FabricNetwork over(const Topology& topology, Routing routing = Routing::kDeterministic) {
  FabricNetwork network;
  network.topology = &topology;
  network.routing = routing;
  return network;
}

TEST(CollectiveFlows, RingAllReduceIsTheClosedForm) {
  for (const std::uint32_t n : {16u, 128u, 1024u}) {
    const auto topology = fat_tree(n);
    const double expected = 2.0 * (n - 1.0) / n * 1e9 / kPort;
    EXPECT_NEAR(duration(job(FabricCollective::kRingAllReduce, n, 1e9), over(*topology)).value(), expected,
                1e-12 * expected);
    EXPECT_NEAR(duration(job(FabricCollective::kRingAllGather, n, 1e9), over(*topology)).value(), expected / 2.0,
                1e-12 * expected);
  }
}

TEST(CollectiveFlows, AllToAllOnAFullFatTreeFillsEveryPort) {
  const auto topology = fat_tree(128);
  const double expected = 127.0 / 128.0 * 1e9 / kPort;
  // Destination trees carry all-to-all without collision; sprayed it is even as well.
  EXPECT_NEAR(duration(job(FabricCollective::kAllToAll, 128, 1e9), over(*topology)).value(), expected, 1e-9);
  EXPECT_GE(duration(job(FabricCollective::kAllToAll, 128, 1e9), over(*topology, Routing::kHashed)).value(),
            expected * (1.0 - 1e-12));
}

// One NIC port per rank under switches that reduce: the law of models/fabric against flows over the switches.
TEST(CollectiveFlows, SwitchesThatReduceAreTheLawsClosedForm) {
  for (const auto& [shape, n] : {std::pair("clos2", 2u), std::pair("clos2", 100u), std::pair("clos3", 1000u)}) {
    for (const double stream : {0.0, 0.95 * kPort}) {
      TopologySpec spec;
      spec.shape = shape;
      spec.hosts = n;
      spec.radix = 16;
      const auto topology = make_topology(spec);
      FabricNetwork network = over(*topology);
      network.reduction = {16, BytesPerSecond(stream), spec.switch_latency};
      NetworkLevel level;
      level.ranks = static_cast<int>(n);
      level.bandwidth = BytesPerSecond(kPort);
      level.latency = Seconds(1.0);  // so that neither ring nor tree is taken
      level.switch_reduction = network.reduction;
      const double flows = duration(job(FabricCollective::kInNetworkAllReduce, n, 1e9), network).value();
      const double law = collective_time(Collective::kAllReduce, Bytes(1e9), {level}).value();
      // Up to a root and down again; a link's latency is that of the switch or port it leads to, a cable more than law.
      EXPECT_NEAR(flows - law, spec.switch_latency.value(), 1e-12) << n;
      EXPECT_GE(law, 1e9 / kPort);
      const double ring = 2.0 * (n - 1.0) / n * 1e9 / kPort;
      if (n >= 100 && stream == 0.0) {
        EXPECT_NEAR(law / ring, n / (n - 1.0) / 2.0, 1e-3) << n;  // half the traffic of a ring
      }
    }
  }
}

TEST(CollectiveFlows, OversubscriptionDoesNotSlowATreeThatCrossesEachUplinkOnce) {
  TopologySpec spec;
  spec.shape = "clos2";
  spec.hosts = 128;
  spec.oversubscription = 4.0;
  spec.switch_latency = Seconds(0.0);
  const auto topology = make_topology(spec);
  FabricNetwork network = over(*topology);
  network.reduction.radix = 64;
  EXPECT_NEAR(duration(job(FabricCollective::kInNetworkAllReduce, 128, 1e9), network).value(), 1e9 / kPort, 1e-9);
}

TEST(CollectiveFlows, OnlySwitchesThatReduceDoSoAndForAFewJobsAtOnce) {
  const auto topology = fat_tree(128);
  FabricNetwork network = over(*topology);
  const FabricJob reduce = job(FabricCollective::kInNetworkAllReduce, 128, 1e9);
  EXPECT_THROW(duration(reduce, network), std::invalid_argument);
  network.reduction.radix = 64;
  network.reduction_trees = 2;
  const double alone = duration(reduce, network).value();
  const std::vector<FabricJob> three(3, reduce);
  EXPECT_NEAR(contended_durations(std::span(three).first(2), network)[1].value(), 2.0 * alone, 4e-9);
  EXPECT_THROW(contended_durations(three, network), std::invalid_argument);
  // Hosts joined directly have no switch to reduce in.
  TopologySpec spec;
  spec.shape = "mesh";
  spec.hosts = 8;
  const auto mesh = make_topology(spec);
  FabricNetwork direct = over(*mesh);
  direct.reduction.radix = 64;
  EXPECT_THROW(duration(job(FabricCollective::kInNetworkAllReduce, 8, 1e9), direct), std::invalid_argument);
}

TEST(CollectiveFlows, TreeIsAtMostTwiceTheBufferPerPort) {
  const auto topology = fat_tree(128);
  const double time =
      duration(job(FabricCollective::kTreeAllReduce, 128, 1e9), over(*topology, Routing::kSprayed)).value();
  EXPECT_GE(time, 1e9 / kPort);        // every rank sends the buffer
  EXPECT_LE(time, 2.0 * 1e9 / kPort);  // inner node of one tree, leaf of the other: 3/2 S in, 3/2 S out at most
}

TEST(CollectiveFlows, PatGathersEverything) {
  for (const std::uint32_t n : {2u, 7u, 8u, 100u}) {
    const auto topology = fat_tree(n);
    double received = 0.0;
    for (const FabricPhase& phase : phases_of(job(FabricCollective::kPatAllGather, n, 1.0 * n), over(*topology))) {
      received += phase.flows.bytes[0];
    }
    EXPECT_NEAR(received, n - 1.0, 1e-9) << n;
  }
}

TEST(CollectiveFlows, HierarchicalKeepsTheNetworkToItsShare) {
  TopologySpec spec;
  spec.shape = "rail";
  spec.hosts = 256;
  spec.domain = 8;
  spec.switch_latency = Seconds(0.0);
  const auto topology = make_topology(spec);
  const double time = duration(job(FabricCollective::kHierarchicalAllReduce, 256, 8e9), over(*topology)).value();
  const double inside = 2.0 * 7.0 / 8.0 * 8e9 / 450e9;
  const double across = 2.0 * 31.0 / 32.0 * 1e9 / kPort;
  EXPECT_NEAR(time, inside + across, 1e-9);
  const double direct = duration(job(FabricCollective::kAllToAll, 256, 8e9), over(*topology)).value();
  const double rail = duration(job(FabricCollective::kRailAllToAll, 256, 8e9), over(*topology)).value();
  EXPECT_GE(direct, 31.0 / 32.0 * 8e9 / kPort * (1.0 - 1e-9));
  EXPECT_GE(rail, 31.0 / 32.0 * 8e9 / kPort);
}

TEST(CollectiveFlows, DispatchSaturatesWithTopK) {
  const auto topology = fat_tree(64);
  FabricJob few = job(FabricCollective::kExpertDispatch, 8, 1e9);
  FabricJob many = job(FabricCollective::kExpertDispatch, 64, 1e9);
  const double t8 = duration(few, over(*topology)).value();
  const double t64 = duration(many, over(*topology)).value();
  EXPECT_NEAR(t8, 8.0 * (1.0 - std::pow(7.0 / 8.0, 8.0)) * 7.0 / 8.0 * 1e9 / kPort, 1e-6);
  EXPECT_LT(t64 / t8, 1.7);
}

TEST(CollectiveFlows, FailuresAreRoutedAroundAndDegradedLinksHoldEveryoneUp) {
  const auto topology = fat_tree(128);
  FabricNetwork network = over(*topology);
  const FabricJob ring = job(FabricCollective::kRingAllReduce, 128, 1e9);
  const double healthy = duration(ring, network).value();
  network.capacity = topology->network().capacity;
  network.capacity[0] /= 4.0;  // the first host's uplink
  EXPECT_NEAR(duration(ring, network).value(), 4.0 * healthy, 1e-9);
  network.capacity = topology->network().capacity;
  std::vector<LinkId> route;
  topology->append_route(0, 127, topology->deterministic_choice(0, 127), route);
  network.capacity[route[2]] = 0.0;
  EXPECT_GE(duration(ring, network).value(), healthy * (1.0 - 1e-12));
  network.capacity[0] = 0.0;
  EXPECT_THROW(duration(ring, network), std::invalid_argument);
}

TEST(CollectiveFlows, JobsThatShareLinksSlowEachOther) {
  const auto topology = fat_tree(128);
  std::vector<FabricJob> jobs = {job(FabricCollective::kRingAllReduce, 128, 1e9),
                                 job(FabricCollective::kRingAllReduce, 128, 1e9)};
  const double alone = duration(jobs[0], over(*topology)).value();
  const auto both = contended_durations(jobs, over(*topology));
  EXPECT_NEAR(both[0].value(), 2.0 * alone, 4e-9);
  EXPECT_NEAR(both[1].value(), 2.0 * alone, 4e-9);
}

TEST(CollectiveFlows, AJobThatEndsLeavesItsShareToTheOthers) {
  const auto topology = fat_tree(128);
  const std::vector<FabricJob> jobs = {job(FabricCollective::kRingAllReduce, 128, 1e9),
                                       job(FabricCollective::kRingAllReduce, 128, 3e9)};
  const double alone = duration(jobs[0], over(*topology)).value();
  const auto both = contended_durations(jobs, over(*topology));
  EXPECT_NEAR(both[0].value(), 2.0 * alone, 4e-9);
  EXPECT_NEAR(both[1].value(), 4.0 * alone, 4e-9);
  const std::vector<FabricJob> hierarchical(2, job(FabricCollective::kHierarchicalAllReduce, 128, 1e9));
  EXPECT_NEAR(contended_durations(hierarchical, over(*topology))[1].value(),
              2.0 * duration(hierarchical[0], over(*topology)).value(), 4e-9);
}

}  // namespace
}  // namespace aifactory
