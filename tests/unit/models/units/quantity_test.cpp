#include "models/units/quantity.h"

#include <gtest/gtest.h>

#include <type_traits>

#include "models/units/dimension.h"

namespace aifactory {
namespace {

TEST(Quantity, DimensionsFollowTheArithmetic) {
  static_assert(std::is_same_v<decltype(TokensPerSecond() / Watts()), TokensPerJoule>);
  static_assert(std::is_same_v<decltype(Watts() * Seconds()), Joules>);
  static_assert(std::is_same_v<decltype(FlopsPerSecond() / BytesPerSecond()), FlopsPerByte>);
  static_assert(std::is_same_v<decltype(1.0 / Seconds()), Hertz>);
  static_assert(std::is_same_v<decltype(Usd() / Watts()), UsdPerWatt>);
  static_assert(std::is_same_v<decltype(Watts() / Watts()), double>);
  static_assert(sizeof(Watts) == sizeof(double));
}

TEST(Quantity, ArithmeticIsThatOfDoubles) {
  constexpr Watts power = Watts(3) + 2.0 * Watts(4) - Watts(1);
  static_assert(power.value() == 10.0);
  EXPECT_EQ((power * Seconds(2)).value(), 20.0);
  EXPECT_EQ(power / Watts(4), 2.5);
  EXPECT_EQ((-power).value(), -10.0);
  EXPECT_EQ(abs(-power), power);
  EXPECT_LT(Watts(1), Watts(2));
  EXPECT_EQ(min(Watts(1), Watts(2)), Watts(1));
  EXPECT_EQ(max(Watts(1), Watts(2)), Watts(2));
  EXPECT_EQ(Watts().value(), 0.0);
  EXPECT_FALSE(isfinite(Watts(1) / 0.0));
}

TEST(Quantity, DimensionIsKnownAtRunTime) {
  EXPECT_EQ(dimension_of<Watts>(), dimension_of<Joules>() / dimension_of<Seconds>());
  EXPECT_EQ(dimension_of<double>(), kDimensionless);
  EXPECT_EQ(dimension_of<Hertz>() * dimension_of<Seconds>(), kDimensionless);
}

}  // namespace
}  // namespace aifactory
