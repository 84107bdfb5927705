// Simulated time: signed 64-bit nanoseconds, for instants and for durations alike.
//
// Integers make the order of events exact and the same everywhere; a nanosecond resolves a kernel launch and 2^63 ns
// are 292 years. Models compute durations in Seconds (double); they become SimTime here and nowhere else, rounded to
// the nearest nanosecond.
#pragma once

#include <cmath>
#include <compare>
#include <cstdint>
#include <limits>
#include <stdexcept>

#include "models/units/quantity.h"

namespace aifactory::engine {

class SimTime {
 public:
  constexpr SimTime() = default;
  // Implicit, so that `after(Seconds(0.5), ...)` and `now() < kHour` read as they mean. Ties round away from zero;
  // throws std::overflow_error for NaN and beyond +-292 years.
  SimTime(Seconds seconds) : nanoseconds_(round_to_nanoseconds(seconds.value())) {}

  [[nodiscard]] static constexpr SimTime from_nanoseconds(std::int64_t nanoseconds) { return SimTime(nanoseconds); }
  // Later than anything that happens.
  [[nodiscard]] static constexpr SimTime max() { return SimTime(std::numeric_limits<std::int64_t>::max()); }

  [[nodiscard]] constexpr std::int64_t nanoseconds() const { return nanoseconds_; }
  [[nodiscard]] constexpr Seconds seconds() const { return Seconds(static_cast<double>(nanoseconds_) / 1e9); }

  constexpr SimTime& operator+=(SimTime other) {
    nanoseconds_ += other.nanoseconds_;
    return *this;
  }
  constexpr SimTime& operator-=(SimTime other) {
    nanoseconds_ -= other.nanoseconds_;
    return *this;
  }
  friend constexpr SimTime operator+(SimTime a, SimTime b) { return a += b; }
  friend constexpr SimTime operator-(SimTime a, SimTime b) { return a -= b; }
  friend constexpr SimTime operator*(SimTime a, std::int64_t n) { return SimTime(a.nanoseconds_ * n); }
  friend constexpr SimTime operator*(std::int64_t n, SimTime a) { return a * n; }
  friend constexpr std::int64_t operator/(SimTime a, SimTime b) { return a.nanoseconds_ / b.nanoseconds_; }
  friend constexpr SimTime operator%(SimTime a, SimTime b) { return SimTime(a.nanoseconds_ % b.nanoseconds_); }
  friend constexpr auto operator<=>(SimTime, SimTime) = default;
  friend constexpr bool operator==(SimTime, SimTime) = default;

 private:
  constexpr explicit SimTime(std::int64_t nanoseconds) : nanoseconds_(nanoseconds) {}

  static std::int64_t round_to_nanoseconds(double seconds) {
    const double nanoseconds = seconds * 1e9;
    if (!(std::abs(nanoseconds) < 0x1p63)) {
      throw std::overflow_error("a simulated time must be finite and within 292 years");
    }
    return std::llround(nanoseconds);
  }

  std::int64_t nanoseconds_ = 0;
};

}  // namespace aifactory::engine
