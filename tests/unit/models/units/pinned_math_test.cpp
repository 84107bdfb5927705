#include "models/units/pinned_math.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <cstring>
#include <initializer_list>
#include <limits>

namespace aifactory {
namespace {

// Two ULP of the C library, whose own error is below one.
void expect_close(double pinned_value, double reference, const char* name, double x) {
  EXPECT_LE(std::abs(pinned_value - reference), 2 * std::numeric_limits<double>::epsilon() * std::abs(reference))
      << name << "(" << x << ")";
}

TEST(PinnedMath, AgreesWithTheMathematicalFunctions) {
  for (const double x : {1e-8, 0.1, 0.5, 0.9, 1.0, 1.5, 2.0, 3.7, 10.0, 88.8, 300.0}) {
    expect_close(pinned::exp(x), std::exp(x), "exp", x);
    expect_close(pinned::exp(-x), std::exp(-x), "exp", -x);
    expect_close(pinned::exp2(x), std::exp2(x), "exp2", x);
    expect_close(pinned::expm1(x), std::expm1(x), "expm1", x);
    expect_close(pinned::log(x), std::log(x), "log", x);
    expect_close(pinned::log2(x), std::log2(x), "log2", x);
    expect_close(pinned::log10(x), std::log10(x), "log10", x);
    expect_close(pinned::log1p(x), std::log1p(x), "log1p", x);
    expect_close(pinned::pow(x, 0.85), std::pow(x, 0.85), "pow", x);
    expect_close(pinned::pow(1.1, x), std::pow(1.1, x), "pow", x);
    expect_close(pinned::sin(x), std::sin(x), "sin", x);
    expect_close(pinned::cos(x), std::cos(x), "cos", x);
    expect_close(pinned::tan(x), std::tan(x), "tan", x);
    expect_close(pinned::tanh(x), std::tanh(x), "tanh", x);
    expect_close(pinned::atan(x), std::atan(x), "atan", x);
  }
}

TEST(PinnedMath, CoarseLogIsWithinABillionthAndExactAtPowersOfTwo) {
  for (double x = 1e-300; x < 1e300; x *= 1.37) {
    EXPECT_NEAR(pinned::coarse_log2(x), std::log2(x), 1.5e-9) << x;
  }
  for (int e = -1022; e <= 1023; ++e) {
    EXPECT_EQ(pinned::coarse_log2(std::ldexp(1.0, e)), e);
  }
  EXPECT_EQ(pinned::coarse_log2(5e-324), -1074.0);
  EXPECT_EQ(pinned::coarse_log2(0.0), -std::numeric_limits<double>::infinity());
}

TEST(PinnedMath, KeepsTheSpecialValues) {
  EXPECT_EQ(pinned::exp(0.0), 1.0);
  EXPECT_EQ(pinned::log(1.0), 0.0);
  EXPECT_EQ(pinned::pow(2.0, 10.0), 1024.0);
  EXPECT_EQ(pinned::pow(0.0, 0.0), 1.0);
  EXPECT_TRUE(std::isinf(pinned::log(0.0)));
  EXPECT_TRUE(std::isnan(pinned::log(-1.0)));
  EXPECT_TRUE(std::isinf(pinned::exp(1000.0)));
  EXPECT_EQ(pinned::exp(-1000.0), 0.0);
}

// The bits are part of the promise: a change of library or of how it is called must be seen here.
TEST(PinnedMath, GivesTheRecordedBits) {
#ifndef __x86_64__
  GTEST_SKIP() << "the recorded bits are those of x86-64";
#endif
  std::uint64_t digest = 1469598103934665603u;  // FNV-1a
  const auto add = [&](double value) {
    std::uint64_t bits = 0;
    std::memcpy(&bits, &value, sizeof bits);
    digest = (digest ^ bits) * 1099511628211u;
  };
  for (int i = 1; i <= 2000; ++i) {
    const double x = i * 0.0137;
    for (double (*function)(double) :
         {pinned::exp, pinned::exp2, pinned::expm1, pinned::log, pinned::log2, pinned::log10, pinned::log1p,
          pinned::sin, pinned::cos, pinned::tan, pinned::tanh, pinned::atan}) {
      add(function(x));
    }
    add(pinned::pow(x, 0.73));
  }
  EXPECT_EQ(digest, 9694970788278755432u);
}

}  // namespace
}  // namespace aifactory
