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

// Why a text is not a quantity of the wanted dimension. what() is a full sentence that quotes the text, says what is
// wrong and how to mend it, and ends with the examples in allowed(); the caller adds file and pointer.
class UnitError : public std::invalid_argument {
 public:
  UnitError(const std::string& message, std::vector<std::string> allowed)
      : std::invalid_argument(message), allowed_(std::move(allowed)) {}
  [[nodiscard]] const std::vector<std::string>& allowed() const { return allowed_; }  // three to six unit strings

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
// The other way: the number that, with that unit, is the SI value.
[[nodiscard]] double in_unit(double si_value, std::string_view unit, const Dimension& dimension);
template <class Q>
[[nodiscard]] double in_unit(Q quantity, std::string_view unit) {
  return in_unit(quantity.value(), unit, dimension_of<Q>());
}

// For reading: four significant digits and the prefix that suits, "1.05 GW", "412 ms", "2.1 USD/Mtoken". `style` picks
// another family of units for the dimension ("Wh" for energy, "bit/s" for a data rate, "USD/year" for spending, "%")
// or any exact unit; "" is the usual one.
[[nodiscard]] std::string format_quantity(double si_value, const Dimension& dimension, std::string_view style = "");
template <class Q>
[[nodiscard]] std::string format(Q quantity, std::string_view style = "") {
  return format_quantity(quantity.value(), dimension_of<Q>(), style);
}

// For exchange: the shortest number that parse_quantity turns back into the same double, in the named unit:
// "3.5 USD/Mtoken".
[[nodiscard]] std::string format_in(double si_value, std::string_view unit, const Dimension& dimension);
template <class Q>
[[nodiscard]] std::string format_in(Q quantity, std::string_view unit) {
  return format_in(quantity.value(), unit, dimension_of<Q>());
}

// "power", "price per token", ...; for rare dimensions the base units, "J/s/s".
[[nodiscard]] std::string dimension_name(const Dimension& dimension);
// The dimension in base units: "J/s", "USD/token", "1" if dimensionless.
[[nodiscard]] std::string base_unit(const Dimension& dimension);
// Three to six units in which people give this dimension.
[[nodiscard]] std::vector<std::string> example_units(const Dimension& dimension);

}  // namespace aifactory
