#include "models/fabric/collective.h"

#include <gtest/gtest.h>

#include <chrono>
#include <cmath>

namespace aifactory {
namespace {

System hopper_system() {
  System system;
  system.accelerator.family = "hopper";
  system.accelerator.scale_up_bandwidth = BytesPerSecond(450e9);
  system.accelerator.scale_up_domain = 8;
  system.accelerator.in_network_reduction = true;
  system.accelerator.scale_out_bandwidth = BytesPerSecond(50e9);
  return system;
}

constexpr Collective kAll[] = {Collective::kAllReduce, Collective::kAllGather, Collective::kReduceScatter,
                               Collective::kAllToAll,  Collective::kBroadcast, Collective::kSendRecv};

TEST(Collective, RingAllReduceOnIdealLinksIsTheClosedForm) {
  for (const int ranks : {2, 3, 64, 512, 4096, 500000}) {
    NetworkLevel level;
    level.ranks = ranks;
    level.bandwidth = BytesPerSecond(50e9);
    level.latency = Seconds(1e-6);
    // Beyond a few ranks a tree's logarithmic latency wins; forbid it to see the ring.
    level.law.all_reduce.protocols[2] = {Seconds(0.0), Seconds(1e-6), 1.0};
    const double n = ranks;
    const double expected = 2.0 * (n - 1.0) * 1e-6 + 2.0 * (n - 1.0) / n * std::exp2(30) / 50e9;
    const double time = collective_time(Collective::kAllReduce, Bytes(std::exp2(30)), {level}).value();
    EXPECT_NEAR(time, expected, 1e-12 * expected) << ranks;
  }
}

TEST(Collective, HalfAMillionRanksCostMicrosecondsToPrice) {
  const auto levels = levels_for(hopper_system(), 500000);
  const auto begin = std::chrono::steady_clock::now();
  const double time = collective_time(Collective::kAllReduce, Bytes(std::exp2(30)), levels).value();
  EXPECT_LT(std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count(), 1e-3);
  EXPECT_GT(time, 2.0 * std::exp2(30) / 450e9);
}

TEST(Collective, OneRankOrNoBytesTakeNoTime) {
  for (const Collective operation : kAll) {
    for (const CollectiveStack stack : {CollectiveStack::kLibrary, CollectiveStack::kEngine}) {
      EXPECT_EQ(collective_time(operation, Bytes(1e6), levels_for(hopper_system(), 1), stack).value(), 0.0);
      EXPECT_EQ(collective_time(operation, Bytes(0.0), levels_for(hopper_system(), 8), stack).value(), 0.0);
      EXPECT_EQ(collective_time(operation, Bytes(1e6), {}, stack).value(), 0.0);
    }
  }
}

TEST(Collective, MoreBytesAreNeverFaster) {
  for (const Collective operation : kAll) {
    for (const int ranks : {2, 4, 8, 16, 1024, 100000}) {
      double before = 0.0;
      for (double bytes = 1.0; bytes < 1e11; bytes *= 1.7) {
        const double time = collective_time(operation, Bytes(bytes), levels_for(hopper_system(), ranks)).value();
        EXPECT_GE(time, before);
        before = time;
      }
    }
  }
}

// Switches that reduce make eight ranks faster than four; without them more ranks never are.
TEST(Collective, MoreRanksAreNeverFasterWithoutInNetworkReduction) {
  System system = hopper_system();
  system.accelerator.in_network_reduction = false;
  for (const Collective operation : kAll) {
    for (const double bytes : {1e3, 1e6, 1e9}) {
      double before = 0.0;
      for (const int ranks : {2, 3, 4, 8, 16, 64, 512, 4096, 32768}) {
        const double time = collective_time(operation, Bytes(bytes), levels_for(system, ranks)).value();
        EXPECT_GE(time, before * (1.0 - 1e-12)) << ranks;
        before = time;
      }
    }
  }
}

TEST(Collective, NeverBeatsTheLinks) {
  for (const int ranks : {2, 8, 64, 1024}) {
    const auto levels = levels_for(hopper_system(), ranks);
    const double n = ranks;
    const double bytes = 1e9;
    const double link = 450e9;
    EXPECT_GE(collective_time(Collective::kAllGather, Bytes(bytes), levels).value(), (n - 1.0) / n * bytes / link);
    EXPECT_GE(collective_time(Collective::kAllToAll, Bytes(bytes), levels).value(), (n - 1.0) / n * bytes / link);
    // With reduction in the switches every rank still sends and receives the buffer once.
    EXPECT_GE(collective_time(Collective::kAllReduce, Bytes(bytes), levels).value(), bytes / link);
  }
}

TEST(Collective, PublishedSmallMessageLatencyIsWhatHopperMeasures) {
  // 8 KiB over NCCL 2.29 on 8 H100: all-reduce 16.0, all-gather 10.6 us (AIConfigurator); tuning.cc gives 15.0
  // and 10.8.
  const auto levels = levels_for(hopper_system(), 8);
  EXPECT_NEAR(collective_time(Collective::kAllReduce, Bytes(8192), levels).value(), 16.0e-6, 1.6e-6);
  EXPECT_NEAR(collective_time(Collective::kAllGather, Bytes(8192), levels).value(), 10.6e-6, 1.1e-6);
}

TEST(Collective, BusBandwidthFollowsNcclTests) {
  EXPECT_DOUBLE_EQ(bus_bandwidth(Collective::kAllReduce, Bytes(8e9), 8, Seconds(1.0)).value(), 14e9);
  EXPECT_DOUBLE_EQ(bus_bandwidth(Collective::kAllGather, Bytes(8e9), 8, Seconds(1.0)).value(), 7e9);
  EXPECT_DOUBLE_EQ(bus_bandwidth(Collective::kSendRecv, Bytes(8e9), 2, Seconds(1.0)).value(), 8e9);
  EXPECT_EQ(bus_bandwidth(Collective::kAllReduce, Bytes(8e9), 1, Seconds(1.0)).value(), 0.0);
}

TEST(Collective, ObservedLimitsChooseTheProtocolAndStayMonotone) {
  NetworkLevel level;
  level.ranks = 4;
  level.bandwidth = BytesPerSecond(100e9);
  AlgorithmLaw& ring = level.law.all_gather;
  ring.protocols[0] = {Seconds(5e-6), Seconds(1e-6), 0.1};
  ring.protocols[0].up_to = Bytes(1e4);
  ring.protocols[2] = {Seconds(1e-6), Seconds(1e-7), 1.0};  // faster throughout, yet used only above the limit
  const auto time = [&](double bytes) {
    return collective_time(Collective::kAllGather, Bytes(bytes), {level}).value();
  };
  EXPECT_NEAR(time(1e3), 8e-6 + 750.0 / 10e9, 1e-15);
  EXPECT_GE(time(1.1e4), time(1e4));
  EXPECT_NEAR(time(1e9), 1.3e-6 + 0.75e9 / 100e9, 1e-12);
}

TEST(Collective, ASenderDoesNotWaitForWhatNetworkBuffersTake) {
  NetworkLevel level;
  level.ranks = 2;
  level.bandwidth = BytesPerSecond(1e9);
  level.law.all_reduce.protocols[2] = {Seconds(1e-6), Seconds(0.0), 1.0};
  level.law.send_recv.protocols[2] = {Seconds(1e-6), Seconds(0.0), 1.0};
  level.law.send_credit = Bytes(1e6);
  const auto time = [&](double bytes) { return collective_time(Collective::kSendRecv, Bytes(bytes), {level}).value(); };
  EXPECT_NEAR(time(5e5), 1e-6, 1e-15);
  EXPECT_NEAR(time(3e6), 1e-6 + 2e-3, 1e-12);
}

TEST(Collective, BandwidthBuildsUpSlowlyWhenOneChainFillsItsPipe) {
  NetworkLevel level;
  level.ranks = 2;
  level.bandwidth = BytesPerSecond(1e9);
  level.law.all_gather.protocols[2] = {Seconds(100e-6), Seconds(0.0), 1.0, 0.5};
  const double transfer = 0.5 * 1e6 / 1e9;
  const double expected = std::pow(std::sqrt(100e-6) + std::sqrt(transfer), 2.0);
  EXPECT_NEAR(collective_time(Collective::kAllGather, Bytes(1e6), {level}).value(), expected, 1e-9);
}

TEST(Collective, DealtOutExpertsMeetMoreRanksThanDrawnOnes) {
  ExpertExchange exchange{1024.0, 8.0, Bytes(14336.0), true, false, false};
  const auto levels = levels_for(hopper_system(), 8);
  const double drawn = exchange_time(exchange, levels).value();
  exchange.balanced = true;
  EXPECT_GT(exchange_time(exchange, levels).value(), 1.2 * drawn);
}

TEST(Collective, CongestionOfTheScaleOutNetworkReachesCollectives) {
  System system = hopper_system();
  const Bytes bytes(1e9);
  const auto beyond = [&] { return collective_time(Collective::kAllToAll, bytes, levels_for(system, 64)).value(); };
  const auto inside = [&] { return collective_time(Collective::kAllToAll, bytes, levels_for(system, 8)).value(); };
  const double quiet = beyond();
  const double local = inside();
  system.oversubscription = 2.0;
  EXPECT_GT(beyond(), 1.9 * quiet);
  EXPECT_LT(beyond(), 2.0 * quiet);  // latencies stay
  system.oversubscription = 1.0;
  system.scale_out_routing = ScaleOutRouting::kHashed;
  EXPECT_GT(beyond(), 3.0 * quiet);  // 32 flows on 32 uplinks: the fullest carries between 3 and 4
  EXPECT_LT(beyond(), 4.0 * quiet);
  EXPECT_DOUBLE_EQ(inside(), local);
}

System with_sharp(System system) {
  system.scale_out_switch.ports = 64;
  system.scale_out_switch.latency = Seconds(130e-9);
  system.scale_out_switch.in_network_reduction = true;
  system.scale_out_switch.reduction_bandwidth = BytesPerSecond(47.5e9);
  system.scale_out_reduction = true;
  return system;
}

TEST(Collective, SwitchesBeyondTheDomainHalveTheTrafficOfLargeAllReduces) {
  for (const int groups : {4, 32, 1024, 4096}) {
    System plain = hopper_system();
    plain.accelerator.scale_up_domain = 1;  // one port each: nothing but the network
    const System reducing = with_sharp(plain);
    const auto time = [&](const System& system) {
      return collective_time(Collective::kAllReduce, Bytes(64e9), levels_for(system, groups)).value();
    };
    const double n = groups;
    const double ratio = time(plain) / time(reducing);
    // A ring moves 2 (n-1)/n of the buffer, the switches it once at 95 % of the port; ring and tree pay their
    // latencies.
    EXPECT_GT(ratio, 0.95 * 2.0 * (n - 1.0) / n * 0.99) << groups;
    EXPECT_LT(ratio, 2.2) << groups;
    const double bus = bus_bandwidth(Collective::kAllReduce, Bytes(64e9), groups, Seconds(time(reducing))).value();
    EXPECT_LE(bus, 2.0 * (n - 1.0) / n * 47.5e9);
    EXPECT_GE(bus, 2.0 * (n - 1.0) / n * 47.5e9 * 0.99);
  }
}

TEST(Collective, SwitchReductionIsItsClosedForm) {
  System system = with_sharp(hopper_system());
  system.accelerator.in_network_reduction = false;
  CollectiveLaw law = published_collective_law("hopper");
  const double bytes = 1e9;
  const auto time = [&](int ranks) {
    return collective_time(Collective::kAllReduce, Bytes(bytes), levels_for(system, ranks, law)).value();
  };
  const ProtocolLaw& direct = law.scale_up.direct.protocols[2];
  const double inside = 2.0 * 7.0 / 8.0 * bytes / (450e9 * direct.efficiency);
  const double beyond = bytes / (8.0 * 47.5e9);
  const double start = direct.start.value() + 2.0 * direct.step.value() + 31e-6;
  // 64 nodes hang off one switch per rail; 2,048 off two tiers, 2,049 off three.
  EXPECT_NEAR(time(64 * 8), start + 130e-9 + std::max(inside, beyond), 1e-12);
  EXPECT_NEAR(time(2048 * 8), start + 3.0 * 130e-9 + std::max(inside, beyond), 1e-12);
  EXPECT_NEAR(time(2049 * 8), start + 5.0 * 130e-9 + std::max(inside, beyond), 1e-12);
}

TEST(Collective, SwitchReductionIsNeverSlowerThanWithoutAndOnlyWhereOffered) {
  for (const bool nvls : {false, true}) {
    System plain = hopper_system();
    plain.accelerator.in_network_reduction = nvls;
    const System reducing = with_sharp(plain);
    for (const Collective operation : kAll) {
      for (const int ranks : {8, 16, 64, 1024, 100000}) {
        for (double bytes = 1.0; bytes < 1e11; bytes *= 7.0) {
          const double with = collective_time(operation, Bytes(bytes), levels_for(reducing, ranks)).value();
          const double without = collective_time(operation, Bytes(bytes), levels_for(plain, ranks)).value();
          EXPECT_LE(with, without);
          if (operation != Collective::kAllReduce || ranks == 8) {
            EXPECT_EQ(with, without);
          } else {
            EXPECT_GE(with, bytes / (8.0 * 50e9));
          }
        }
      }
    }
  }
}

TEST(Collective, TreesOfSwitchesFillAClos) {
  const SwitchReduction switches{64, BytesPerSecond(0.0), Seconds(0.0)};
  EXPECT_EQ(switches.tiers(2), 1);
  EXPECT_EQ(switches.tiers(64), 1);
  EXPECT_EQ(switches.tiers(65), 2);
  EXPECT_EQ(switches.tiers(65536), 3);
  EXPECT_EQ(switches.tiers(65537), 4);
}

TEST(Collective, APairThatCannotFillTheLinksHoldsTwoRanksBackNotEight) {
  CollectiveLaw law = published_collective_law("hopper");
  const auto time = [&](int ranks) {
    ExpertExchange exchange{1024.0, 8.0, Bytes(14336.0), true, true, true};
    return exchange_time(exchange, levels_for(hopper_system(), ranks, law)).value();
  };
  const double two = time(2);
  const double eight = time(8);
  const double start = law.scale_up.combine.start.value();
  law.scale_up.combine.pair = BytesPerSecond(450e9 * law.scale_up.combine.efficiency / 4.0);
  EXPECT_NEAR(time(2), start + 4.0 * (two - start), 1e-12);
  EXPECT_DOUBLE_EQ(time(8), eight);
}

TEST(Collective, EnginesAreChosenByName) {
  CollectiveLaw law = published_collective_law("hopper");
  EngineLaw slow = law.engines.front();
  slow.name = "vllm_eager";
  slow.floor = Seconds(20e-6);
  law.engines.push_back(slow);
  const auto time = [&](const CollectiveLaw& l) {
    return collective_time(Collective::kAllReduce, Bytes(1024), levels_for(hopper_system(), 8, l),
                           CollectiveStack::kEngine)
        .value();
  };
  EXPECT_LT(time(law), 10e-6);
  EXPECT_DOUBLE_EQ(time(with_engine(law, "vLLM_Eager")), 20e-6);
  EXPECT_DOUBLE_EQ(time(with_engine(law, "unheard-of")), time(law));
}

}  // namespace
}  // namespace aifactory
