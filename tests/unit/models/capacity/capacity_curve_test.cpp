#include "models/capacity/capacity_curve.h"

#include <gtest/gtest.h>

#include <stdexcept>

namespace aifactory {
namespace {

OperatingPoint point(double offered, double completed, double tpot_ms, double within, double watts) {
  OperatingPoint p;
  p.offered = Hertz(offered);
  p.completed = Hertz(completed);
  p.output = TokensPerSecond(100 * completed);
  p.tpot_p50 = Seconds(tpot_ms * 1e-3);
  p.ttft_p50 = Seconds(0.1 + tpot_ms * 1e-3);
  p.within_slo = within;
  p.accelerator_power = Watts(watts);
  return p;
}

CapacityCurve curve() {
  return CapacityCurve(
      8, {point(0, 0, 10, 1, 100), point(4, 4, 20, 1, 500), point(8, 8, 30, 0.8, 800), point(12, 9, 60, 0, 900)});
}

Accelerator capped_accelerator() {
  Accelerator accelerator;
  accelerator.tdp = Watts(1000);
  accelerator.power.idle_fraction = 0.1;
  accelerator.power.cap_exponent = 0.5;
  return accelerator;
}

TEST(CapacityCurve, InterpolatesBetweenPoints) {
  const OperatingPoint p = curve().at(Hertz(6));
  EXPECT_DOUBLE_EQ(p.completed.value(), 6);
  EXPECT_DOUBLE_EQ(p.output.value(), 600);
  EXPECT_DOUBLE_EQ(p.tpot_p50.value(), 0.025);
  EXPECT_DOUBLE_EQ(p.accelerator_power.value(), 650);
}

TEST(CapacityCurve, WorkBeyondTheLastPointIsNotServed) {
  const OperatingPoint p = curve().at(Hertz(24));
  EXPECT_DOUBLE_EQ(p.offered.value(), 24);
  EXPECT_DOUBLE_EQ(p.completed.value(), 9);
}

TEST(CapacityCurve, IdlePointHoldsAtZero) {
  EXPECT_DOUBLE_EQ(curve().at(Hertz(0)).accelerator_power.value(), 100);
}

TEST(CapacityCurve, SloCapacityIsWhereAttainmentCrossesTheShare) {
  EXPECT_DOUBLE_EQ(curve().slo_capacity(0.9).value(), 6);
  EXPECT_DOUBLE_EQ(curve().slo_capacity(0.4).value(), 10);
  EXPECT_DOUBLE_EQ(CapacityCurve(1, {point(1, 1, 1, 0.2, 1)}).slo_capacity(0.9).value(), 0);
}

TEST(CapacityCurve, RefusesLoadsThatDoNotIncrease) {
  EXPECT_THROW(CapacityCurve(1, {point(2, 2, 1, 1, 1), point(2, 2, 1, 1, 1)}), std::invalid_argument);
}

TEST(CapacityCurve, CapScalesWorkAndLatencyByTheThroughputItLeaves) {
  const Accelerator accelerator = capped_accelerator();
  const CapacityCurve capped = curve().capped(accelerator, Watts(400));
  ASSERT_EQ(capped.points().size(), 4u);
  EXPECT_DOUBLE_EQ(capped.points()[0].accelerator_power.value(), 100);  // the cap does not bind at idle
  const double speed = throughput_under_cap(accelerator.power, Watts(800), Watts(400));
  ASSERT_LT(speed, 1.0);
  const OperatingPoint& p = capped.points()[2];
  EXPECT_DOUBLE_EQ(p.offered.value(), 8 * speed);
  EXPECT_DOUBLE_EQ(p.completed.value(), 8 * speed);
  EXPECT_DOUBLE_EQ(p.tpot_p50.value(), 0.030 / speed);
  EXPECT_DOUBLE_EQ(p.accelerator_power.value(), 400);
  EXPECT_LT(p.within_slo, 0.8);  // slower tokens keep fewer promises
}

TEST(CapacityCurve, CapNeverRaisesServedWorkOrPower) {
  const Accelerator accelerator = capped_accelerator();
  const CapacityCurve free = curve();
  for (const double watts : {150.0, 300.0, 600.0, 1000.0}) {
    const CapacityCurve capped = free.capped(accelerator, Watts(watts));
    for (double load = 0; load <= 16; load += 0.5) {
      EXPECT_LE(capped.at(Hertz(load)).completed.value(), free.at(Hertz(load)).completed.value() + 1e-12);
      EXPECT_LE(capped.at(Hertz(load)).accelerator_power.value(), watts);
    }
  }
}

}  // namespace
}  // namespace aifactory
