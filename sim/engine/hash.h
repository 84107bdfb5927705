// The two hashes whose values are part of results: names to numbers, and event sequences to a fingerprint.
#pragma once

#include <bit>
#include <cstdint>
#include <string_view>

namespace aifactory::engine {

// Finaliser of SplitMix64 (Steele, Lea & Flood, OOPSLA 2014): a bijection in which every input bit moves every output
// bit.
[[nodiscard]] constexpr std::uint64_t mix(std::uint64_t x) {
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9U;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebU;
  return x ^ (x >> 31);
}

// FNV-1a, 64 bit (Fowler, Noll & Vo), finalised by mix() because FNV spreads the last characters badly.
[[nodiscard]] constexpr std::uint64_t hash(std::string_view text, std::uint64_t seed = 0) {
  std::uint64_t h = 0xcbf29ce484222325U ^ mix(seed);
  for (const char c : text) {
    h = (h ^ static_cast<unsigned char>(c)) * 0x100000001b3U;
  }
  return mix(h);
}

// A 64-bit digest of what happened, in order. Two runs with equal fingerprints executed the same events; a golden
// fingerprint tells "the behaviour changed" from "a number drifted".
class Fingerprint {
 public:
  constexpr void add(std::uint64_t time, std::uint64_t what) {
    state_ =
        (std::rotl(state_, 25) ^ (time * 0x9e3779b97f4a7c15U) ^ (what * 0xc2b2ae3d27d4eb4fU)) * 0xff51afd7ed558ccdU;
  }
  [[nodiscard]] constexpr std::uint64_t value() const { return mix(state_); }

 private:
  std::uint64_t state_ = 0x243f6a8885a308d3U;
};

}  // namespace aifactory::engine
