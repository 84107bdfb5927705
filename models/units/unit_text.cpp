#include "models/units/unit_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <optional>
#include <system_error>

#include "models/units/unit_expression.h"
#include "models/units/unit_families.h"
#include "models/units/unit_table.h"

namespace aifactory {
namespace {

using detail::UnitExpression;

constexpr std::size_t kLongestText = 120;

// The text in double quotes, cut if long, with anything unprintable as hex.
std::string quoted(std::string_view text) {
  constexpr std::size_t kShown = 60;
  std::string result = "\"";
  for (const char c : text.substr(0, kShown)) {
    const auto byte = static_cast<unsigned char>(c);
    result += byte < 0x20 || byte == 0x7f ? fmt::format("\\x{:02x}", byte) : std::string(1, c);
  }
  return result + (text.size() > kShown ? "...\"" : "\"");
}

std::string joined(const std::vector<std::string>& items, std::string_view separator) {
  return fmt::format("{}", fmt::join(items, separator));
}

[[noreturn]] void fail(std::string_view text, const Dimension& wanted, const std::string& problem,
                       const std::vector<std::string>& fixes = {}) {
  std::string message = fmt::format("{}: expected {}, {}", quoted(text), dimension_name(wanted), problem);
  if (!fixes.empty()) {
    message += fmt::format("; did you mean {}?", joined(fixes, " or "));
  }
  const std::vector<std::string> allowed = example_units(wanted);
  message += fmt::format(" ({} {})", wanted == kDimensionless ? "for example" : "units such as", joined(allowed, ", "));
  throw UnitError(message, allowed);
}

// Length of the JSON number (with an optional '+') that the text starts with; 0 if it does not.
std::size_t number_length(std::string_view text) {
  std::size_t at = 0;
  const auto digits = [&] {
    const std::size_t first = at;
    while (at < text.size() && text[at] >= '0' && text[at] <= '9') {
      ++at;
    }
    return at - first;
  };
  const auto next_is = [&](std::string_view any) { return at < text.size() && any.find(text[at]) != any.npos; };
  if (next_is("+-")) {
    ++at;
  }
  const bool leading_zero = next_is("0");
  const std::size_t whole = digits();
  if (whole == 0 || (leading_zero && whole > 1)) {
    return 0;
  }
  if (next_is(".")) {
    ++at;
    if (digits() == 0) {
      return 0;
    }
  }
  const std::size_t before_exponent = at;
  if (next_is("eE")) {
    ++at;
    if (next_is("+-")) {
      ++at;
    }
    if (digits() == 0) {
      at = before_exponent;  // "5 EB" without its space
    }
  }
  return at;
}

struct Magnitude {
  std::string_view word;
  double factor;
};
constexpr std::array kMagnitudes = {Magnitude{"thousand", 1e3}, Magnitude{"million", 1e6}, Magnitude{"billion", 1e9},
                                    Magnitude{"trillion", 1e12}};

std::string_view without_leading_spaces(std::string_view text) {
  const std::size_t first = text.find_first_not_of(' ');
  return first == text.npos ? std::string_view() : text.substr(first);
}

// Takes a magnitude word off the front of `rest`, if it is there, and returns its factor.
double take_magnitude(std::string_view& rest) {
  for (const Magnitude& magnitude : kMagnitudes) {
    const std::string_view after = rest.substr(std::min(magnitude.word.size(), rest.size()));
    if (rest.substr(0, magnitude.word.size()) == magnitude.word && (after.empty() || after.front() == ' ')) {
      rest = without_leading_spaces(after);
      return magnitude.factor;
    }
  }
  return 1.0;
}

// Units close to `unit` that have the wanted dimension: what the writer may have meant.
std::vector<std::string> likely_units(std::string_view unit, const UnitExpression& read, const Dimension& wanted) {
  constexpr std::size_t kMostFixes = 3;
  std::vector<std::string> fitting;
  const auto try_unit = [&](const std::string& candidate) {
    const UnitExpression fix = detail::read_unit(candidate);
    if (fix.unit && fix.unit->dimension == wanted && fitting.size() < kMostFixes) {
      fitting.push_back(candidate);
    }
  };
  // A slip in one symbol can have several readings, bits or bytes say; of the others the first that fits will do.
  for (const std::string& similar : detail::similar_units(read.unknown)) {
    std::string candidate(unit);
    try_unit(candidate.replace(candidate.find(read.unknown), read.unknown.size(), similar));
  }
  std::string packed(unit);
  std::erase(packed, ' ');
  std::vector<std::string> edits = {packed, std::string(unit.substr(0, unit.empty() ? 0 : unit.size() - 1)),
                                    std::string(unit.substr(0, unit.rfind('/')))};
  for (const std::string_view ending : {"/s", "h", "/Mtoken", "/kWh", "/kW", "/year", "USD"}) {
    edits.push_back(fmt::format("{}{}", unit, ending));
  }
  for (std::size_t i = 0; i < edits.size() && fitting.empty(); ++i) {
    try_unit(edits[i]);
  }
  return fitting;
}

// The SI value of `number` in `unit`; `text` is what the error quotes.
double to_si(double number, std::string_view unit, const Dimension& wanted, Temperature temperature,
             std::string_view text) {
  const UnitExpression read = unit.empty() ? UnitExpression{Unit{}, {}, {}} : detail::read_unit(unit);
  if (!read.unit || !(read.unit->dimension == wanted)) {
    std::vector<std::string> fixes;
    for (const std::string& fix : likely_units(unit, read, wanted)) {
      fixes.push_back(fmt::format("\"{} {}\"", number, fix));
    }
    fail(text, wanted,
         !read.unit     ? read.problem
         : unit.empty() ? "found no unit"
                        : fmt::format("found {}", dimension_name(read.unit->dimension)),
         fixes);
  }
  if (read.unit->offset != 0.0 && temperature == Temperature::kDifference) {
    fail(text, wanted, "found a point on the scale; a temperature difference is given in K");
  }
  const double scaled = number * read.unit->multiply / read.unit->divide;
  if (!std::isfinite(scaled) || (number != 0.0 && std::abs(scaled) < std::numeric_limits<double>::min())) {
    fail(text, wanted, "found a number too large or too small to represent");
  }
  return scaled + read.unit->offset;
}

}  // namespace

Unit parse_unit(std::string_view unit) {
  const UnitExpression read = detail::read_unit(unit.substr(0, kLongestText));
  if (!read.unit || unit.size() > kLongestText) {
    throw UnitError(fmt::format("{}: {}", quoted(unit), read.unit ? "too long" : read.problem), {});
  }
  return *read.unit;
}

double parse_quantity(std::string_view text, const Dimension& wanted, Temperature temperature) {
  if (text.empty()) {
    fail(text, wanted, "found nothing");
  }
  if (text.size() > kLongestText) {
    fail(text, wanted, fmt::format("found {} characters", text.size()));
  }
  const std::size_t length = number_length(text);
  if (length == 0) {
    fail(text, wanted, "found no number at its start");
  }
  std::string_view digits = text.substr(0, length);
  if (digits.front() == '+') {
    digits.remove_prefix(1);  // from_chars knows no plus sign
  }
  double number = 0.0;
  if (std::from_chars(digits.data(), digits.data() + digits.size(), number).ec != std::errc()) {
    fail(text, wanted, "found a number too large or too small to represent");
  }
  std::string_view rest = text.substr(length);
  if (!rest.empty() && (rest.front() == ',' || rest.front() == '_' || rest.front() == '.')) {
    fail(text, wanted, fmt::format("found '{}' in the number; digits are not grouped", rest.front()));
  }
  const std::string_view after_spaces = without_leading_spaces(rest);
  if (after_spaces.empty() && !rest.empty()) {
    fail(text, wanted, "found spaces at the end");
  }
  rest = after_spaces;
  number *= take_magnitude(rest);
  return to_si(number, rest, wanted, temperature, text);
}

double from_unit(double value, std::string_view unit, const Dimension& wanted, Temperature temperature) {
  const std::string text = fmt::format("{} {}", value, unit.substr(0, kLongestText + 1));
  if (!std::isfinite(value) || unit.size() > kLongestText) {
    fail(text, wanted, "found no finite number with a unit");
  }
  return to_si(value, unit, wanted, temperature, text);
}

std::string dimension_name(const Dimension& dimension) {
  const detail::UnitFamily* family = detail::find_family(dimension);
  return family != nullptr ? std::string(family->name) : base_unit(dimension);
}

std::string base_unit(const Dimension& dimension) {
  constexpr std::array<std::string_view, Dimension::kBases> kNames = {"s",     "B", "FLOP", "J", "USD",
                                                                      "token", "L", "g",    "K"};
  std::string above;
  std::string below;
  for (std::size_t i = 0; i < Dimension::kBases; ++i) {
    for (int n = 0; n < dimension.exponents[i]; ++n) {
      above += fmt::format("{}{}", above.empty() ? "" : "-", kNames[i]);
    }
    for (int n = 0; n < -dimension.exponents[i]; ++n) {
      below += fmt::format("/{}", kNames[i]);
    }
  }
  return (above.empty() && !below.empty() ? "1" : above) + below;
}

std::vector<std::string> example_units(const Dimension& dimension) {
  const detail::UnitFamily* family = detail::find_family(dimension);
  if (family == nullptr) {
    return {base_unit(dimension)};
  }
  const std::vector<std::string_view>& units = family->examples.empty() ? family->ladder : family->examples;
  return {units.begin(), units.end()};
}

}  // namespace aifactory
