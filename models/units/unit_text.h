// Text to quantities and back: "8 TB/s", "1.05 GW", "3.5 USD/Mtoken", "12 MUSD/MW", "45 degC", "85 %".
//
// Grammar
//   quantity = number [magnitude] unit          a number alone is a quantity only if dimensionless is wanted
//   number   = as in JSON, plus an optional leading '+'; a space between number and unit is optional
//   magnitude= "thousand" | "million" | "billion" | "trillion"               "50 billion USD", "800 million"
//   unit     = product { ("/" | "per") product }   left to right
//   product  = factor { ("-" | "*") factor }       binds tighter than '/': "USD/kW-month" is USD/(kW month)
//   factor   = [prefix] symbol | "1"
// Prefixes are those that make sense with the symbol (see unit_table.cpp): p n u m k M G T P E Z, Ki Mi Gi Ti Pi Ei for
// bits and bytes, and for USD and tokens k M B T with B = 1e9. `b` is a bit, `B` a byte; `FLOPS` is FLOP/s, `FLOPs` is
// FLOP; `bps` is bit/s. Years are of 8,760 hours, months of 730 (kYear / 12). `t` is a tonne. CO2 may follow a mass
// ("gCO2/kWh"). Counted things ("requests/s", "USD/GPU") are dimensionless.
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "models/units/dimension.h"
#include "models/units/quantity.h"

namespace aifactory {

// Why a text is not a quantity of the wanted dimension: what() quotes the text, names the dimension wanted and what was
// found instead, how to mend it where that can be guessed, and the examples in allowed(). The caller adds file and
// pointer. For instance: "5 TB": expected data rate, got data size; did you mean "5 TB/s"? (units such as GB/s, ...)
class UnitError : public std::invalid_argument {
 public:
  UnitError(const std::string& message, std::vector<std::string> allowed)
      : std::invalid_argument(message), allowed_(std::move(allowed)) {}
  [[nodiscard]] const std::vector<std::string>& allowed() const { return allowed_; }  // as example_units()

 private:
  std::vector<std::string> allowed_;
};

// degC has an offset, so it names a point on the scale and not a difference: an approach or a rise is given in K.
enum class Temperature { kAbsolute, kDifference };

// SI value = value * multiply / divide + offset. Both factors are products of exact constants, so that "412 ms" is the
// double nearest 0.412.
struct Unit {
  Dimension dimension;
  double multiply = 1.0;
  double divide = 1.0;
  double offset = 0.0;  // only for degC alone
};

// The meaning of a unit expression such as "USD/Mtoken" (without a number). Throws UnitError.
[[nodiscard]] Unit parse_unit(std::string_view unit);

// The SI value of a text. Throws UnitError if it is not a finite quantity of the wanted dimension.
[[nodiscard]] double parse_quantity(std::string_view text, const Dimension& wanted,
                                    Temperature temperature = Temperature::kAbsolute);
template <class Q>
[[nodiscard]] Q parse(std::string_view text, Temperature temperature = Temperature::kAbsolute) {
  return Q(parse_quantity(text, dimension_of<Q>(), temperature));
}

// The SI value of a number whose unit is given beside it. Throws UnitError like parse_quantity. "" is dimensionless.
[[nodiscard]] double from_unit(double value, std::string_view unit, const Dimension& wanted,
                               Temperature temperature = Temperature::kAbsolute);
// The other way: the number with the fewest digits that from_unit turns back into the same double, or, where rounding
// leaves none, the nearest. Throws UnitError if the unit is not of the dimension.
[[nodiscard]] double in_unit(double si, std::string_view unit, const Dimension& dimension);
template <int... E>
[[nodiscard]] double in_unit(Quantity<E...> quantity, std::string_view unit) {
  return in_unit(quantity.value(), unit, Dimension{{E...}});
}

// For reading: four significant digits (never fewer than the integer part) and the prefix that suits: "1.05 GW",
// "412 ms", "2.1 USD/Mtoken". `style` picks another family of units for the dimension ("KiB", "bit", "bit/s", "Wh",
// "Hz", "pJ/bit", "USD/year") or an exact unit ("%", "degC", "USD/MWh"); "" is the usual family.
[[nodiscard]] std::string format_quantity(double si, const Dimension& dimension, std::string_view style = "");
template <int... E>
[[nodiscard]] std::string format(Quantity<E...> quantity, std::string_view style = "") {
  return format_quantity(quantity.value(), Dimension{{E...}}, style);
}

// For exchange: in_unit() and the unit, "3.5 USD/Mtoken".
[[nodiscard]] std::string format_in(double si, std::string_view unit, const Dimension& dimension);
template <int... E>
[[nodiscard]] std::string format_in(Quantity<E...> quantity, std::string_view unit) {
  return format_in(quantity.value(), unit, Dimension{{E...}});
}

// "power", "price per token", ...; for rare dimensions the base units, "J/s/s".
[[nodiscard]] std::string dimension_name(const Dimension& dimension);
// The dimension in base units: "J/s", "USD/token", "1/s"; "" if dimensionless.
[[nodiscard]] std::string base_unit(const Dimension& dimension);
// Up to six units in which people give this dimension; for rare dimensions the base units.
[[nodiscard]] std::vector<std::string> example_units(const Dimension& dimension);

}  // namespace aifactory
