// Transcendental functions that return the same bits on every machine of one architecture.
//
// The C library picks FMA or AVX2 variants of exp, log, pow, ... at run time and they differ in the last bit; one such
// bit is enough to reorder two events. These wrap the portable-C, FMA-free scalar functions of SLEEF, whose results do
// not depend on the processor. Error at most 1.0 ULP (SLEEF `u10`), over the whole domain; special values as in C99.
// Source: Shibata & Petrogalli, "SLEEF: A Portable Vectorized Library of C Standard Mathematical Functions", IEEE TPDS
// 31(6), 2020. Use std::sqrt, std::abs, std::floor, std::fmod directly: IEEE 754 defines those exactly.
#pragma once

namespace aifactory::pinned {

[[nodiscard]] double exp(double x);
[[nodiscard]] double exp2(double x);
[[nodiscard]] double expm1(double x);
[[nodiscard]] double log(double x);
[[nodiscard]] double log2(double x);
[[nodiscard]] double log10(double x);
// log2 to 1e-9 absolute, exact at powers of two, for a fifth of the time: where a result is interpolated or is only as
// good as a fit. Plain IEEE arithmetic, so the same bits everywhere. Positive finite x.
[[nodiscard]] double coarse_log2(double x);
[[nodiscard]] double log1p(double x);
[[nodiscard]] double pow(double base, double exponent);
[[nodiscard]] double sin(double radians);
[[nodiscard]] double cos(double radians);
[[nodiscard]] double tan(double radians);
[[nodiscard]] double tanh(double x);
[[nodiscard]] double atan(double x);  // radians

}  // namespace aifactory::pinned
