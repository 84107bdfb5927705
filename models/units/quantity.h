// Physical quantities with compile-time dimensions.
//
// A Quantity is a double in SI base units tagged with integer exponents over the base dimensions of an AI factory:
// second, byte, FLOP, joule, USD, token, and (where a model needs them) litre, gram CO2e and kelvin. Multiplying and
// dividing add exponents, so `TokensPerSecond / Watts` *is* `TokensPerJoule`, and adding a Watts to a Joules does not
// compile. Counts (accelerators, requests, racks) are dimensionless doubles or integers.
#pragma once

#include <cmath>
#include <compare>
#include <type_traits>

namespace aifactory {

template <int Second, int Byte, int Flop, int Joule, int Usd, int Token, int Litre = 0, int Gram = 0, int Kelvin = 0>
class Quantity {
 public:
  constexpr Quantity() = default;
  constexpr explicit Quantity(double magnitude) : value_(magnitude) {}

  // The magnitude in SI base units (s, B, FLOP, J, USD, token, L, g, K).
  [[nodiscard]] constexpr double value() const { return value_; }

  constexpr Quantity operator-() const { return Quantity(-value_); }
  constexpr Quantity& operator+=(Quantity other) {
    value_ += other.value_;
    return *this;
  }
  constexpr Quantity& operator-=(Quantity other) {
    value_ -= other.value_;
    return *this;
  }
  constexpr Quantity& operator*=(double factor) {
    value_ *= factor;
    return *this;
  }
  constexpr Quantity& operator/=(double divisor) {
    value_ /= divisor;
    return *this;
  }

  friend constexpr Quantity operator+(Quantity a, Quantity b) { return Quantity(a.value_ + b.value_); }
  friend constexpr Quantity operator-(Quantity a, Quantity b) { return Quantity(a.value_ - b.value_); }
  friend constexpr Quantity operator*(Quantity a, double factor) { return Quantity(a.value_ * factor); }
  friend constexpr Quantity operator*(double factor, Quantity a) { return Quantity(factor * a.value_); }
  friend constexpr Quantity operator/(Quantity a, double divisor) { return Quantity(a.value_ / divisor); }
  friend constexpr auto operator<=>(Quantity, Quantity) = default;
  friend constexpr bool operator==(Quantity, Quantity) = default;

 private:
  double value_ = 0.0;
};

namespace detail {
template <class Q>
struct IsQuantity : std::false_type {};
template <int... E>
struct IsQuantity<Quantity<E...>> : std::true_type {};

// A product or quotient whose dimensions cancel is a plain double.
template <int... E>
constexpr auto make_quantity(double value) {
  if constexpr (((E == 0) && ...)) {
    return value;
  } else {
    return Quantity<E...>(value);
  }
}
}  // namespace detail

template <int... A, int... B>
constexpr auto operator*(Quantity<A...> a, Quantity<B...> b) {
  return detail::make_quantity<(A + B)...>(a.value() * b.value());
}
template <int... A, int... B>
constexpr auto operator/(Quantity<A...> a, Quantity<B...> b) {
  return detail::make_quantity<(A - B)...>(a.value() / b.value());
}
template <int... A>
constexpr auto operator/(double a, Quantity<A...> b) {
  return detail::make_quantity<(-A)...>(a / b.value());
}

template <int... A>
constexpr Quantity<A...> min(Quantity<A...> a, Quantity<A...> b) {
  return b < a ? b : a;
}
template <int... A>
constexpr Quantity<A...> max(Quantity<A...> a, Quantity<A...> b) {
  return a < b ? b : a;
}
template <int... A>
constexpr Quantity<A...> abs(Quantity<A...> a) {
  return a.value() < 0 ? -a : a;
}
template <int... A>
bool isfinite(Quantity<A...> a) {
  return std::isfinite(a.value());
}

//                        s   B   F   J   $   tok L   g   K
using Seconds = Quantity<1, 0, 0, 0, 0, 0>;
using Bytes = Quantity<0, 1, 0, 0, 0, 0>;
using Flops = Quantity<0, 0, 1, 0, 0, 0>;
using Joules = Quantity<0, 0, 0, 1, 0, 0>;
using Usd = Quantity<0, 0, 0, 0, 1, 0>;
using Tokens = Quantity<0, 0, 0, 0, 0, 1>;
using Litres = Quantity<0, 0, 0, 0, 0, 0, 1>;
using Grams = Quantity<0, 0, 0, 0, 0, 0, 0, 1>;  // of CO2 equivalent
using Kelvins = Quantity<0, 0, 0, 0, 0, 0, 0, 0, 1>;

using Hertz = Quantity<-1, 0, 0, 0, 0, 0>;  // also requests, failures or events per second
using BytesPerSecond = Quantity<-1, 1, 0, 0, 0, 0>;
using FlopsPerSecond = Quantity<-1, 0, 1, 0, 0, 0>;
using Watts = Quantity<-1, 0, 0, 1, 0, 0>;
using WattsPerSecond = Quantity<-2, 0, 0, 1, 0, 0>;  // ramp rate
using TokensPerSecond = Quantity<-1, 0, 0, 0, 0, 1>;
using TokensPerJoule = Quantity<0, 0, 0, -1, 0, 1>;
using BytesPerToken = Quantity<0, 1, 0, 0, 0, -1>;
using FlopsPerByte = Quantity<0, -1, 1, 0, 0, 0>;  // arithmetic intensity
using JoulesPerByte = Quantity<0, -1, 0, 1, 0, 0>;
using JoulesPerFlop = Quantity<0, 0, -1, 1, 0, 0>;
using UsdPerToken = Quantity<0, 0, 0, 0, 1, -1>;
using UsdPerSecond = Quantity<-1, 0, 0, 0, 1, 0>;
using UsdPerWatt = Quantity<1, 0, 0, -1, 1, 0>;   // capital per watt of capacity
using UsdPerJoule = Quantity<0, 0, 0, -1, 1, 0>;  // energy price
using LitresPerJoule = Quantity<0, 0, 0, -1, 0, 0, 1>;
using GramsPerJoule = Quantity<0, 0, 0, -1, 0, 0, 0, 1>;
using UsdPerLitre = Quantity<0, 0, 0, 0, 1, 0, -1>;
using UsdPerGram = Quantity<0, 0, 0, 0, 1, 0, 0, -1>;

inline constexpr Seconds kHour{3600.0};
inline constexpr Seconds kDay{86400.0};
inline constexpr Seconds kYear{8760.0 * 3600.0};  // the accounting year of 8,760 hours, used throughout

}  // namespace aifactory
