// Calendar days of the proleptic Gregorian calendar, years 1 to 9999.
//
// A Date is the number of days since 1970-01-01 (UTC, no leap seconds). Durations between dates are Seconds of 86,400
// per day; years between dates are calendar years, so 2025-09-01 to 2028-09-01 is exactly 3.
#pragma once

#include <chrono>
#include <compare>
#include <optional>
#include <string>
#include <string_view>

#include "models/units/quantity.h"

namespace aifactory {

class Date {
 public:
  constexpr Date() = default;  // 1970-01-01
  constexpr explicit Date(std::chrono::sys_days day) : day_(day) {}
  // Throws std::out_of_range if there is no such day, e.g. 2025-02-29.
  Date(int year, unsigned month, unsigned day);

  [[nodiscard]] static constexpr Date from_days(int since_1970) {
    return Date(std::chrono::sys_days(std::chrono::days(since_1970)));
  }
  [[nodiscard]] constexpr int days_since_1970() const { return static_cast<int>(day_.time_since_epoch().count()); }

  [[nodiscard]] int year() const;
  [[nodiscard]] unsigned month() const;        // 1..12
  [[nodiscard]] unsigned day() const;          // 1..31
  [[nodiscard]] unsigned day_of_year() const;  // 1..366

  // Months and years keep the day of the month, or take the month's last day if it is shorter (31 January + 1 month is
  // 28 or 29 February). All three throw std::out_of_range beyond the years 1 to 9999.
  [[nodiscard]] Date plus_days(int days) const;
  [[nodiscard]] Date plus_months(int months) const;
  [[nodiscard]] Date plus_years(int years) const;

  [[nodiscard]] std::string to_string() const;  // "2025-09-24"

  friend constexpr auto operator<=>(Date, Date) = default;
  friend constexpr bool operator==(Date, Date) = default;

 private:
  std::chrono::sys_days day_{};
};

// "YYYY-MM-DD", "YYYY-MM" (its first day) or "YYYY" (1 January); nothing else, and only days that exist.
[[nodiscard]] std::optional<Date> parse_date(std::string_view text);

[[nodiscard]] constexpr Seconds operator-(Date to, Date from) {
  return kDay * static_cast<double>(to.days_since_1970() - from.days_since_1970());
}

// Whole anniversaries of `from` passed by `to`, plus the fraction of the way to the next; negative if `to` is earlier.
[[nodiscard]] double years_between(Date from, Date to);

}  // namespace aifactory
