#include <fmt/format.h>

#include <array>
#include <charconv>
#include <cmath>

#include "models/units/unit_families.h"
#include "models/units/unit_text.h"

namespace aifactory {
namespace {

double to_double(const std::string& digits) {
  double value = 0.0;
  std::from_chars(digits.data(), digits.data() + digits.size(), value);
  return value;
}

// Rounded to four significant digits, or to a whole number where that keeps more.
double rounded(double value) {
  constexpr double kIntegersExact = 0x1p53;
  const double magnitude = std::abs(value);
  if (magnitude >= 1000.0 && magnitude < kIntegersExact) {
    return std::nearbyint(value);
  }
  return std::isfinite(value) ? to_double(fmt::format("{:.3e}", value)) : value;
}

std::string with_unit(double value, std::string_view unit) {
  if (unit.empty() || unit.front() == '/') {
    return fmt::format("{}{}", value, unit);
  }
  return fmt::format("{} {}", value, unit);
}

Unit unit_of(std::string_view unit, const Dimension& dimension) {
  const Unit result = unit.empty() ? Unit{} : parse_unit(unit);
  if (!(result.dimension == dimension)) {
    throw UnitError(fmt::format("\"{}\" is a unit of {}, not of {}", unit, dimension_name(result.dimension),
                                dimension_name(dimension)),
                    example_units(dimension));
  }
  return result;
}

double plain_in_unit(double si, const Unit& unit) {
  return (si - unit.offset) * unit.divide / unit.multiply;
}

// The largest unit that shows at least one of it; the unscaled one for what has no scale: zero and infinity.
std::string_view most_readable(double si, const detail::UnitFamily& family) {
  const bool scaled = si != 0.0 && std::isfinite(si);
  std::string_view best = family.ladder.front();
  for (const std::string_view name : family.ladder) {
    const Unit unit = unit_of(name, family.dimension);
    if (scaled ? std::abs(rounded(plain_in_unit(si, unit))) >= 1.0 : unit.multiply == unit.divide) {
      best = name;
    }
  }
  return best;
}

}  // namespace

double in_unit(double si, std::string_view unit, const Dimension& dimension) {
  const Unit known = unit_of(unit, dimension);
  const double nearest = plain_in_unit(si, known);
  if (!std::isfinite(nearest)) {
    return nearest;
  }
  // Fewest digits first: the division may land one rounding away from the number that was once read.
  const std::array candidates = {to_double(fmt::format("{:.14e}", nearest)), to_double(fmt::format("{:.15e}", nearest)),
                                 nearest, std::nextafter(nearest, -INFINITY), std::nextafter(nearest, INFINITY)};
  for (const double candidate : candidates) {
    if (candidate * known.multiply / known.divide + known.offset == si) {
      return candidate;
    }
  }
  return nearest;
}

std::string format_in(double si, std::string_view unit, const Dimension& dimension) {
  return with_unit(in_unit(si, unit, dimension), unit);
}

std::string format_quantity(double si, const Dimension& dimension, std::string_view style) {
  const detail::UnitFamily* family = detail::find_family(dimension, style);
  if (family == nullptr) {
    const std::string unit = style.empty() ? base_unit(dimension) : std::string(style);
    return with_unit(rounded(plain_in_unit(si, unit_of(unit, dimension))), unit);
  }
  const std::string_view best = most_readable(si, *family);
  return with_unit(rounded(plain_in_unit(si, unit_of(best, dimension))), best);
}

}  // namespace aifactory
