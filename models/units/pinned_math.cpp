#include "models/units/pinned_math.h"

#include <sleef.h>

#include <bit>
#include <cstdint>

namespace aifactory::pinned {

// `cinz` and `purec`: compiled from plain C without FMA contraction, hence the same result with and without FMA.
double exp(double x) {
  return Sleef_cinz_expd1_u10purec(x);
}
double exp2(double x) {
  return Sleef_cinz_exp2d1_u10purec(x);
}
double expm1(double x) {
  return Sleef_cinz_expm1d1_u10purec(x);
}
double log(double x) {
  return Sleef_cinz_logd1_u10purec(x);
}
double log2(double x) {
  return Sleef_cinz_log2d1_u10purec(x);
}
double coarse_log2(double x) {
  constexpr std::uint64_t kMantissa = (std::uint64_t{1} << 52U) - 1;
  constexpr std::uint64_t kOne = std::uint64_t{1023} << 52U;
  const auto bits = std::bit_cast<std::uint64_t>(x);
  int exponent = static_cast<int>(bits >> 52U) - 1023;
  if (exponent <= -1023 || exponent > 1023) {
    return log2(x);  // zero, subnormal, negative, infinite, not a number
  }
  double mantissa = std::bit_cast<double>((bits & kMantissa) | kOne);  // 1 <= mantissa < 2
  if (mantissa > 1.4142135623730951) {
    mantissa *= 0.5;
    ++exponent;
  }
  // log2(m) = 2 / ln 2 (s + s^3 / 3 + s^5 / 5 + ...) with s = (m - 1) / (m + 1), |s| <= 0.172.
  constexpr double kScale = 2.8853900817779268;
  const double s = (mantissa - 1.0) / (mantissa + 1.0);
  const double q = s * s;
  const double series = 1.0 + q * (1.0 / 3.0 + q * (1.0 / 5.0 + q * (1.0 / 7.0 + q * (1.0 / 9.0))));
  return exponent + kScale * s * series;
}
double log10(double x) {
  return Sleef_cinz_log10d1_u10purec(x);
}
double log1p(double x) {
  return Sleef_cinz_log1pd1_u10purec(x);
}
double pow(double base, double exponent) {
  return Sleef_cinz_powd1_u10purec(base, exponent);
}
double sin(double radians) {
  return Sleef_cinz_sind1_u10purec(radians);
}
double cos(double radians) {
  return Sleef_cinz_cosd1_u10purec(radians);
}
double tan(double radians) {
  return Sleef_cinz_tand1_u10purec(radians);
}
double tanh(double x) {
  return Sleef_cinz_tanhd1_u10purec(x);
}
double atan(double x) {
  return Sleef_cinz_atand1_u10purec(x);
}

}  // namespace aifactory::pinned
