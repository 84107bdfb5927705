// SplitMix64 (Steele, Lea, Flood 2014): small, and the same numbers on every machine. For shapes, routing and orders;
// the data of kernels is made on the device.
#pragma once

#include <cstddef>
#include <cstdint>

namespace aifactory::probe {

class HostRandom {
 public:
  explicit HostRandom(std::uint64_t seed) : state_(seed) {}

  std::uint64_t next() {
    std::uint64_t z = (state_ += 0x9e3779b97f4a7c15ULL);
    z = (z ^ (z >> 30U)) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ (z >> 27U)) * 0x94d049bb133111ebULL;
    return z ^ (z >> 31U);
  }
  double unit() { return static_cast<double>(next() >> 11U) * 0x1.0p-53; }                          // [0, 1)
  std::size_t below(std::size_t n) { return static_cast<std::size_t>(next() % std::uint64_t{n}); }  // n << 2^64

 private:
  std::uint64_t state_;
};

}  // namespace aifactory::probe
