#include "models/units/date.h"

#include <fmt/format.h>

#include <cstdint>
#include <stdexcept>

namespace aifactory {
namespace {

using std::chrono::year_month_day;

constexpr int kFirstYear = 1;
constexpr int kLastYear = 9999;
constexpr Date kFirstDate(std::chrono::sys_days(std::chrono::year(kFirstYear) / 1 / 1));
constexpr Date kLastDate(std::chrono::sys_days(std::chrono::year(kLastYear) / 12 / 31));

// The day, or the month's last day if the month is shorter.
Date clamped_to_month(int year, unsigned month, unsigned day) {
  const std::chrono::year_month month_of_year = std::chrono::year(year) / std::chrono::month(month);
  const unsigned last = static_cast<unsigned>((month_of_year / std::chrono::last).day());
  return Date(std::chrono::sys_days(month_of_year / std::chrono::day(day < last ? day : last)));
}

std::optional<unsigned> digits(std::string_view text) {
  unsigned number = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') {
      return std::nullopt;
    }
    number = 10 * number + static_cast<unsigned>(c - '0');
  }
  return number;
}

std::optional<Date> date_of(int year, unsigned month, unsigned day) {
  // The calendar types keep eight bits of month and day, so the ranges are checked before they are built.
  if (year < kFirstYear || year > kLastYear || month > 12 || day > 31) {
    return std::nullopt;
  }
  const year_month_day calendar{std::chrono::year(year), std::chrono::month(month), std::chrono::day(day)};
  if (!calendar.ok()) {
    return std::nullopt;
  }
  return Date(std::chrono::sys_days(calendar));
}

}  // namespace

Date::Date(int year, unsigned month, unsigned day) {
  const std::optional<Date> date = date_of(year, month, day);
  if (!date) {
    throw std::out_of_range(fmt::format("there is no day {}-{}-{}", year, month, day));
  }
  *this = *date;
}

int Date::year() const {
  return static_cast<int>(year_month_day(day_).year());
}
unsigned Date::month() const {
  return static_cast<unsigned>(year_month_day(day_).month());
}
unsigned Date::day() const {
  return static_cast<unsigned>(year_month_day(day_).day());
}
unsigned Date::day_of_year() const {
  return static_cast<unsigned>(days_since_1970() - Date(year(), 1, 1).days_since_1970() + 1);
}

Date Date::plus_days(int days) const {
  const std::int64_t sum = std::int64_t{days_since_1970()} + days;
  if (sum < kFirstDate.days_since_1970() || sum > kLastDate.days_since_1970()) {
    throw std::out_of_range(fmt::format("{} plus {} days leaves the calendar", to_string(), days));
  }
  return from_days(static_cast<int>(sum));
}

Date Date::plus_months(int months) const {
  const std::int64_t sum = std::int64_t{year()} * 12 + (month() - 1) + months;
  if (sum < kFirstYear * 12 || sum >= (kLastYear + 1) * 12) {
    throw std::out_of_range(fmt::format("{} plus {} months leaves the calendar", to_string(), months));
  }
  return clamped_to_month(static_cast<int>(sum / 12), static_cast<unsigned>(sum % 12) + 1, day());
}

Date Date::plus_years(int years) const {
  const std::int64_t sum = std::int64_t{year()} + years;
  if (sum < kFirstYear || sum > kLastYear) {
    throw std::out_of_range(fmt::format("{} plus {} years leaves the calendar", to_string(), years));
  }
  return clamped_to_month(static_cast<int>(sum), month(), day());
}

std::string Date::to_string() const {
  const year_month_day calendar{day_};
  return fmt::format("{:04}-{:02}-{:02}", static_cast<int>(calendar.year()), static_cast<unsigned>(calendar.month()),
                     static_cast<unsigned>(calendar.day()));
}

std::optional<Date> parse_date(std::string_view text) {
  const bool has_month = text.size() >= 7;
  const bool has_day = text.size() == 10;
  if (!(text.size() == 4 || text.size() == 7 || has_day) || (has_month && text[4] != '-') ||
      (has_day && text[7] != '-')) {
    return std::nullopt;
  }
  const std::optional<unsigned> year = digits(text.substr(0, 4));
  const std::optional<unsigned> month = has_month ? digits(text.substr(5, 2)) : 1;
  const std::optional<unsigned> day = has_day ? digits(text.substr(8, 2)) : 1;
  if (!year || !month || !day) {
    return std::nullopt;
  }
  return date_of(static_cast<int>(*year), *month, *day);
}

double years_between(Date from, Date to) {
  if (to < from) {
    return -years_between(to, from);
  }
  int whole = to.year() - from.year();
  if (from.plus_years(whole) > to) {
    --whole;
  }
  const Date last = from.plus_years(whole);
  const Date next = clamped_to_month(from.year() + whole + 1, from.month(), from.day());
  return whole + (to - last) / (next - last);
}

}  // namespace aifactory
