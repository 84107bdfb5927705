// Dimensions known at run time: the exponents of a Quantity as a value, for text that names its unit.
#pragma once

#include <array>
#include <cstddef>

#include "models/units/quantity.h"

namespace aifactory {

// Exponents over (second, byte, FLOP, joule, USD, token, litre, gram CO2e, kelvin), in the order of Quantity.
struct Dimension {
  static constexpr std::size_t kBases = 9;
  std::array<int, kBases> exponents{};

  friend constexpr bool operator==(const Dimension& a, const Dimension& b) {
    for (std::size_t i = 0; i < kBases; ++i) {
      if (a.exponents[i] != b.exponents[i]) {
        return false;
      }
    }
    return true;
  }
  friend constexpr Dimension operator*(Dimension a, const Dimension& b) {
    for (std::size_t i = 0; i < kBases; ++i) {
      a.exponents[i] += b.exponents[i];
    }
    return a;
  }
  friend constexpr Dimension operator/(Dimension a, const Dimension& b) {
    for (std::size_t i = 0; i < kBases; ++i) {
      a.exponents[i] -= b.exponents[i];
    }
    return a;
  }
};

inline constexpr Dimension kDimensionless{};

namespace detail {
template <class Q>
struct DimensionOf;
template <>
struct DimensionOf<double> {
  static constexpr Dimension value{};
};
template <int... E>
struct DimensionOf<Quantity<E...>> {
  static constexpr Dimension value{{E...}};
};
}  // namespace detail

// The dimension of a Quantity type, or of double (dimensionless).
template <class Q>
constexpr Dimension dimension_of() {
  return detail::DimensionOf<Q>::value;
}

}  // namespace aifactory
