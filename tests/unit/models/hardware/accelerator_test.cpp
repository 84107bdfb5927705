#include "models/hardware/accelerator.h"

#include <gtest/gtest.h>

#include "models/hardware/system.h"

namespace aifactory {
namespace {

Accelerator sample() {
  Accelerator a;
  a.id = "sample";
  a.tdp = Watts{700.0};
  a.power = {0.1, 0.4, 1.4, 0.5, 0.55};
  return a;
}

TEST(PowerLaw, IdleDrawsTheIdleFraction) {
  EXPECT_DOUBLE_EQ(power_at(sample(), {}).value(), 70.0);
}

TEST(PowerLaw, FollowsItsEquation) {
  // 700 (0.1 + 0.9 (0.4 * 0.5 + 1.4 * sqrt(0.04)))
  EXPECT_NEAR(power_at(sample(), {0.04, 0.5}).value(), 700.0 * (0.1 + 0.9 * (0.2 + 0.28)), 1e-6);
}

TEST(PowerLaw, NeverExceedsTdpAndNeverFallsWithActivity) {
  Watts previous{0.0};
  for (int i = 0; i <= 100; ++i) {
    const Watts p = power_at(sample(), {0.01 * i, 0.01 * i});
    EXPECT_GE(p, previous);
    EXPECT_LE(p.value(), 700.0);
    previous = p;
  }
  EXPECT_DOUBLE_EQ(power_at(sample(), {1.0, 1.0}).value(), 700.0);
}

TEST(PowerLaw, ActivityIsClampedToPeak) {
  EXPECT_EQ(power_at(sample(), {0.0, 3.0}), power_at(sample(), {0.0, 1.0}));
  EXPECT_EQ(power_at(sample(), {-1.0, -1.0}), power_at(sample(), {}));
}

TEST(PowerCap, BindsOnlyBelowTheUncappedPower) {
  const PowerLaw law = sample().power;
  EXPECT_DOUBLE_EQ(throughput_under_cap(law, Watts{500.0}, Watts{700.0}), 1.0);
  EXPECT_DOUBLE_EQ(throughput_under_cap(law, Watts{500.0}, Watts{500.0}), 1.0);
  EXPECT_NEAR(throughput_under_cap(law, Watts{700.0}, Watts{350.0}), 0.6830201283771977, 1e-12);  // 0.5^0.55
  EXPECT_DOUBLE_EQ(throughput_under_cap(law, Watts{700.0}, Watts{0.0}), 0.0);
}

System rack() {
  System s;
  s.accelerator = sample();
  s.accelerators_per_rack = 32;
  s.rack_power = Watts{40000.0};
  s.host_idle_fraction = 0.4;
  return s;
}

TEST(RackPower, EqualsItsRatingAtTdp) {
  EXPECT_NEAR(rack_power_at(rack(), Watts{700.0}).value(), 40000.0, 1e-9);
}

TEST(RackPower, IdleHostsDrawTheirIdleShare) {
  const double host = 40000.0 - 32 * 700.0;
  EXPECT_NEAR(rack_power_at(rack(), Watts{70.0}).value(), 32 * 70.0 + 0.4 * host, 1e-9);
}

TEST(RackPower, HostsRiseLinearlyBetweenIdleAndTdp) {
  const double low = rack_power_at(rack(), Watts{70.0}).value();
  const double high = rack_power_at(rack(), Watts{700.0}).value();
  EXPECT_NEAR(rack_power_at(rack(), Watts{385.0}).value(), 0.5 * (low + high), 1e-9);
}

}  // namespace
}  // namespace aifactory
