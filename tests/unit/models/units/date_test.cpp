#include "models/units/date.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <stdexcept>

namespace aifactory {
namespace {

TEST(Date, ReadsDaysMonthsAndYears) {
  EXPECT_EQ(parse_date("1970-01-01"), Date());
  EXPECT_EQ(parse_date("2025-09-24"), Date(2025, 9, 24));
  EXPECT_EQ(parse_date("2025-09"), Date(2025, 9, 1));
  EXPECT_EQ(parse_date("2025"), Date(2025, 1, 1));
  EXPECT_EQ(parse_date("2000-02-29"), Date(2000, 2, 29));
  EXPECT_EQ(Date(2000, 3, 1).days_since_1970(), 11017);
}

TEST(Date, RefusesWhatIsNoDay) {
  for (const char* text :
       {"",         "25",         "2025-",       "2025-9",     "2025-09-", "2025-09-1",  "2025-13",
        "2025-00",  "2025-02-29", "1900-02-29",  "2025-04-31", "0000",     "2025/09/24", "2025-09-24T00",
        "20250924", "abcd",       "2025-09-24 ", "+025",       "-001",     "202a-01-01"}) {
    EXPECT_FALSE(parse_date(text)) << text;
  }
  EXPECT_THROW(Date(2025, 257, 1), std::out_of_range);
  EXPECT_THROW(Date(2025, 1, 257), std::out_of_range);
}

TEST(Date, MonthsAndYearsKeepTheDayOrTakeTheLast) {
  EXPECT_EQ(Date(2025, 1, 31).plus_months(1), Date(2025, 2, 28));
  EXPECT_EQ(Date(2024, 1, 31).plus_months(1), Date(2024, 2, 29));
  EXPECT_EQ(Date(2025, 11, 30).plus_months(3), Date(2026, 2, 28));
  EXPECT_EQ(Date(2025, 1, 15).plus_months(-1), Date(2024, 12, 15));
  EXPECT_EQ(Date(2024, 2, 29).plus_years(1), Date(2025, 2, 28));
  EXPECT_EQ(Date(2025, 9, 24).plus_days(365), Date(2026, 9, 24));
  EXPECT_THROW((void)Date(9999, 12, 31).plus_days(1), std::out_of_range);
  EXPECT_THROW((void)Date(9999, 12, 1).plus_months(1), std::out_of_range);
  EXPECT_THROW((void)Date(1, 1, 1).plus_years(-1), std::out_of_range);
  EXPECT_THROW((void)Date().plus_years(2147483647), std::out_of_range);
}

TEST(Date, DifferencesAreSecondsAndCalendarYears) {
  EXPECT_EQ((Date(2025, 3, 1) - Date(2025, 2, 1)).value(), 28 * 86400.0);
  EXPECT_DOUBLE_EQ(years_between(Date(2025, 9, 1), Date(2028, 9, 1)), 3.0);
  EXPECT_DOUBLE_EQ(years_between(Date(2023, 1, 1), Date(2023, 7, 2)), 182.0 / 365.0);
  EXPECT_DOUBLE_EQ(years_between(Date(2024, 1, 1), Date(2024, 7, 2)), 183.0 / 366.0);
  EXPECT_DOUBLE_EQ(years_between(Date(2028, 9, 1), Date(2025, 9, 1)), -3.0);
  EXPECT_DOUBLE_EQ(years_between(Date(9999, 1, 1), Date(9999, 12, 31)), 364.0 / 365.0);
  EXPECT_EQ(Date(2024, 12, 31).day_of_year(), 366u);
}

RC_GTEST_PROP(DateProperty, PrintingAndReadingAreInverse, ()) {
  const Date date = Date::from_days(*rc::gen::inRange(-719162, 2932896));
  RC_ASSERT(parse_date(date.to_string()) == date);
  RC_ASSERT(Date(date.year(), date.month(), date.day()) == date);
}

RC_GTEST_PROP(DateProperty, YearsBetweenGrowWithTheLaterDate, ()) {
  const Date from = Date::from_days(*rc::gen::inRange(0, 40000));
  const Date to = Date::from_days(*rc::gen::inRange(0, 40000));
  RC_ASSERT(years_between(from, to) < years_between(from, to.plus_days(1)));
}

}  // namespace
}  // namespace aifactory
