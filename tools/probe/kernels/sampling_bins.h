// The arithmetic of top-p sampling: bins of the distance to the best logit, ordering of floats as integers, the draw.
// For host and device; the unit tests run them on the host.
#pragma once

#include <cstdint>

#include "tools/probe/kernels/paging.h"

namespace aifactory::probe {

inline constexpr int kBins = 256;
inline constexpr float kBinsPerUnit = 8.0F;  // coarse: 256 bins over 32 units; e^-32 of the best is nothing
inline constexpr unsigned kHalfBits = 14;
inline constexpr unsigned long long kMassOne = 1ULL << (2 * kHalfBits);  // of the best token: exp(0)

// Halves of a mass of which 2^18 add up in 32 bits: the best token's, 2^28, has 2^14 in the high one.
PROBE_HD std::uint32_t low_half(unsigned long long mass) {
  return static_cast<std::uint32_t>(mass & ((1ULL << kHalfBits) - 1));
}
PROBE_HD std::uint32_t high_half(unsigned long long mass) {
  return static_cast<std::uint32_t>(mass >> kHalfBits);
}
PROBE_HD unsigned long long joined(std::uint32_t low, std::uint32_t high) {
  return low + (static_cast<unsigned long long>(high) << kHalfBits);
}

PROBE_HD int clamp_bin(float at) {
  return at < 0.0F ? 0 : at >= static_cast<float>(kBins - 1) ? kBins - 1 : static_cast<int>(at);
}
PROBE_HD int coarse_bin(float below) {
  return clamp_bin(below * kBinsPerUnit);
}
PROBE_HD int fine_bin(float below, int coarse) {
  return clamp_bin((below * kBinsPerUnit - static_cast<float>(coarse)) * static_cast<float>(kBins));
}

// The first bin with which the mass reaches `wanted`; the last bin if it never does. `above` becomes the mass before
// it.
PROBE_HD int nucleus_edge(const unsigned long long* bins, unsigned long long wanted, unsigned long long& above) {
  above = 0;
  for (int i = 0; i < kBins - 1; ++i) {
    if (above + bins[i] >= wanted) {
      return i;
    }
    above += bins[i];
  }
  return kBins - 1;
}

// Larger for larger floats (of their bits), then for smaller tokens.
PROBE_HD unsigned long long max_key(std::uint32_t bits, std::uint32_t token) {
  const std::uint32_t ordered = (bits & 0x80000000U) != 0U ? ~bits : bits | 0x80000000U;
  return (static_cast<unsigned long long>(ordered) << 32U) | (0xffffffffU - token);
}
PROBE_HD std::uint32_t value_bits_of_key(unsigned long long key) {
  const auto ordered = static_cast<std::uint32_t>(key >> 32U);
  return (ordered & 0x80000000U) != 0U ? ordered & 0x7fffffffU : ~ordered;
}
PROBE_HD std::uint32_t token_of_key(unsigned long long key) {
  return 0xffffffffU - static_cast<std::uint32_t>(key);
}

// Uniform in [0, total) from the finaliser of SplitMix64; total < 2^60.
PROBE_HD unsigned long long scaled_draw(std::uint64_t seed, unsigned long long total) {
  std::uint64_t z = (seed + 1) * 0x9e3779b97f4a7c15ULL;
  z = (z ^ (z >> 30U)) * 0xbf58476d1ce4e5b9ULL;
  z = (z ^ (z >> 27U)) * 0x94d049bb133111ebULL;
  z ^= z >> 31U;
  return total == 0 ? 0 : z % total;
}

}  // namespace aifactory::probe
