#include "models/power/boundary.h"

#include <gtest/gtest.h>

#include <stdexcept>

namespace aifactory {
namespace {

System rack_of_72() {
  System system;
  system.accelerator.tdp = Watts(1200.0);
  system.accelerators_per_rack = 72;
  system.rack_power = Watts(132e3);
  system.network_power_fraction = 0.12;
  return system;
}

TEST(PowerChain, EachBoundaryMultipliesTheOneBefore) {
  const PowerChain chain(rack_of_72(), {1.10, 1.25, 1.08});
  EXPECT_DOUBLE_EQ(chain.at(PowerBoundary::kChip).value(), 1200.0);
  EXPECT_NEAR(chain.at(PowerBoundary::kRack).value(), 132e3 / 72, 1e-9);
  EXPECT_NEAR(chain.at(PowerBoundary::kCriticalIt).value(), 132e3 / 72 * 1.12, 1e-9);
  EXPECT_NEAR(chain.at(PowerBoundary::kAverageFacility).value(), 132e3 / 72 * 1.12 * 1.10, 1e-9);
  EXPECT_NEAR(chain.at(PowerBoundary::kPeakFacility).value(), 132e3 / 72 * 1.12 * 1.25, 1e-9);
  EXPECT_NEAR(chain.at(PowerBoundary::kContracted).value(), 132e3 / 72 * 1.12 * 1.25 * 1.08, 1e-9);
  Watts product = chain.steps()[0].watts;
  for (std::size_t i = 1; i < kPowerBoundaryCount; ++i) {
    product *= chain.steps()[i].multiplier;
    EXPECT_DOUBLE_EQ(product.value(), chain.steps()[i].watts.value());
    EXPECT_FALSE(chain.steps()[i].note.empty());
  }
}

TEST(PowerChain, SameLoadSeenAtAnotherBoundaryAndBack) {
  const PowerChain chain(rack_of_72(), {1.10, 1.25, 1.08});
  const Watts contracted = chain.convert(Watts(1e9), PowerBoundary::kAverageFacility, PowerBoundary::kContracted);
  EXPECT_NEAR(contracted.value(), 1e9 * 1.25 / 1.10 * 1.08, 1.0);
  EXPECT_NEAR(chain.convert(contracted, PowerBoundary::kContracted, PowerBoundary::kAverageFacility).value(), 1e9, 1.0);
}

TEST(PowerChain, RefusesAPeakBelowTheAverage) {
  EXPECT_THROW(PowerChain(rack_of_72(), FacilityOverheads{1.2, 1.1, 1.0}), std::invalid_argument);
  EXPECT_THROW(PowerChain(rack_of_72(), FacilityOverheads{0.9, 1.1, 1.0}), std::invalid_argument);
  EXPECT_THROW(PowerChain(System{}, FacilityOverheads{1.1, 1.1, 1.0}), std::invalid_argument);
}

TEST(Racks, WholeRacksOnlyAndNoneLostToRounding) {
  const PowerChain chain(rack_of_72(), {1.0, 1.0, 1.0});
  EXPECT_EQ(whole_racks_that_fit(Watts(132e3 * 1000), PowerBoundary::kRack, chain), 1000);
  EXPECT_EQ(whole_racks_that_fit(Watts(132e3 * 1000 - 1.0), PowerBoundary::kRack, chain), 999);
  EXPECT_EQ(whole_racks_that_fit(Watts(132e3 * 1000), PowerBoundary::kRack, chain, 1.3), 1300);
  EXPECT_EQ(whole_racks_that_fit(Watts(1e3), PowerBoundary::kRack, chain), 0);
  EXPECT_EQ(whole_racks_that_fit(Watts(-1e9), PowerBoundary::kRack, chain), 0);
}

TEST(Racks, TheWiderTheBoundaryTheFewer) {
  const PowerChain chain(rack_of_72(), {1.10, 1.25, 1.08});
  std::int64_t before = whole_racks_that_fit(Watts(1e9), PowerBoundary::kChip, chain);
  for (std::size_t i = 1; i < kPowerBoundaryCount; ++i) {
    const std::int64_t racks = whole_racks_that_fit(Watts(1e9), static_cast<PowerBoundary>(i), chain);
    EXPECT_LT(racks, before);
    before = racks;
  }
}

}  // namespace
}  // namespace aifactory
