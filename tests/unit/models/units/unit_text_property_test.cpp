// Laws of reading and printing that hold for every quantity, checked on random ones.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cmath>
#include <limits>
#include <string>
#include <string_view>

#include "models/units/unit_text.h"

namespace aifactory {
namespace {

struct NamedUnit {
  std::string_view name;
  Dimension dimension;
};

const std::vector<NamedUnit>& units() {
  static const std::vector<NamedUnit> kUnits = [] {
    std::vector<NamedUnit> result;
    for (const std::string_view name :
         {"W",        "GW",    "kWh",        "MJ",      "TB/s",         "Gbit/s",  "GiB",      "TFLOP/s", "ms",
          "year",     "month", "USD/Mtoken", "USD/kWh", "USD/kW-month", "MUSD/MW", "BUSD",     "USD/h",   "L/kWh",
          "gCO2/kWh", "USD/t", "%",          "1/s",     "requests/min", "pJ/bit",  "Mtoken/s", "token/J", "K"}) {
      result.push_back({name, parse_unit(name).dimension});
    }
    return result;
  }();
  return kUnits;
}

// A decimal number of at most 12 digits, between 1e-9 and 1e12 in magnitude, or zero.
double decimal() {
  const auto digits = *rc::gen::inRange<std::int64_t>(-999'999'999'999, 1'000'000'000'000);
  const auto shift = *rc::gen::inRange(0, 10);
  return std::stod(fmt::format("{}e-{}", digits, shift));
}

RC_GTEST_PROP(UnitTextProperty, WhatWasWrittenIsPrintedAgain, ()) {
  const NamedUnit unit = *rc::gen::elementOf(units());
  const std::string text = fmt::format("{} {}", decimal(), unit.name);
  RC_ASSERT(format_in(parse_quantity(text, unit.dimension), unit.name, unit.dimension) == text);
}

RC_GTEST_PROP(UnitTextProperty, PrintedExactlyReadsBackWithinOneRounding, ()) {
  const NamedUnit unit = *rc::gen::elementOf(units());
  const double value = decimal() / 3.0;
  const double back = parse_quantity(format_in(value, unit.name, unit.dimension), unit.dimension);
  RC_ASSERT(std::abs(back - value) <= std::numeric_limits<double>::epsilon() * std::abs(value));
}

RC_GTEST_PROP(UnitTextProperty, PrintedForReadingKeepsFourDigits, ()) {
  const NamedUnit unit = *rc::gen::elementOf(units());
  const double value = decimal();
  const double back = parse_quantity(format_quantity(value, unit.dimension), unit.dimension);
  RC_ASSERT(std::abs(back - value) <= 5.001e-4 * std::abs(value));
}

RC_GTEST_PROP(UnitTextProperty, AnyTextIsReadOrRefusedNeverMore, ()) {
  const std::string alphabet = "0123456789.eE+-/*% kMGTBbitsWhUSDtokenper$\n\xff";
  const std::string text = *rc::gen::container<std::string>(rc::gen::elementOf(alphabet));
  const Dimension wanted = (*rc::gen::elementOf(units())).dimension;
  try {
    RC_ASSERT(std::isfinite(parse_quantity("1" + text, wanted)));
  } catch (const UnitError& error) {
    RC_ASSERT(!error.allowed().empty());
  }
}

}  // namespace
}  // namespace aifactory
