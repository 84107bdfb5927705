#include "models/catalog/scalar.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <nlohmann/json.hpp>

#include "models/catalog/catalog.h"
#include "models/catalog/config_error.h"
#include "models/catalog/suggest.h"

namespace aifactory::detail {

namespace {

using nlohmann::json;

constexpr std::int64_t kLargestExactInteger = std::int64_t{1} << 53;  // beyond it doubles skip integers

// Whether a JSON number lies beyond 2^53, compared in its own type: 2^53 + 1 has no double of its own.
bool beyond_exact(const json& value) {
  if (value.is_number_unsigned()) {
    return value.get<std::uint64_t>() > static_cast<std::uint64_t>(kLargestExactInteger);
  }
  if (value.is_number_integer()) {
    return value.get<std::int64_t>() < -kLargestExactInteger;
  }
  return std::abs(value.get<double>()) > static_cast<double>(kLargestExactInteger);
}

bool in_range(const Field& field, double value, ReadContext& context) {
  const Bounds& bounds = field.bounds;
  const bool low = bounds.low_excluded ? value > bounds.low : value >= bounds.low;
  const bool high = bounds.high_excluded ? value < bounds.high : value <= bounds.high;
  if (low && high) {
    return true;
  }
  const std::string_view relation =
      low ? (bounds.high_excluded ? "below" : "at most") : (bounds.low_excluded ? "above" : "at least");
  context.problem(fmt::format("must be {} {}, got {}", relation, with_unit(field, low ? bounds.high : bounds.low),
                              with_unit(field, value)));
  return false;
}

void wrong_type(const Field& field, const json& value, ReadContext& context, std::string hint = {}) {
  if (value.is_null()) {
    hint = "leave the key out if it is unknown";
  }
  context.problem(fmt::format("expected {}, got {}", expectation(field), shown(value)), std::move(hint));
}

std::optional<double> read_quantity(const Field& field, const json& value, ReadContext& context,
                                    const std::string* unit) {
  try {
    if (value.is_string()) {
      if (unit != nullptr) {
        context.problem(fmt::format("states a unit in {} and beside it", shown(value)), "keep one");
        return std::nullopt;
      }
      return parse_quantity(value.get_ref<const std::string&>(), field.dimension, field.temperature);
    }
    if (value.is_number() && (unit != nullptr || field.dimension == kDimensionless)) {
      return from_unit(value.get<double>(), unit == nullptr ? "" : *unit, field.dimension, field.temperature);
    }
  } catch (const UnitError& error) {
    context.problem(brief(error.what(), 600));
    return std::nullopt;
  }
  wrong_type(field, value, context,
             value.is_number() ? fmt::format("give the unit: \"{} {}\"?", shown(value), field.unit) : "");
  return std::nullopt;
}

std::optional<double> read_integer(const Field& field, const json& value, ReadContext& context) {
  if (!value.is_number()) {
    wrong_type(field, value, context);
    return std::nullopt;
  }
  if (beyond_exact(value)) {
    context.problem(fmt::format("integer {} is beyond 2^53 and cannot be held exactly", shown(value)));
    return std::nullopt;
  }
  const double number = value.get<double>();
  if (number != std::floor(number)) {
    wrong_type(field, value, context);
    return std::nullopt;
  }
  return number;
}

std::optional<double> read_number(const Field& field, const json& value, ReadContext& context,
                                  const std::string* unit) {
  switch (field.kind) {
    case FieldKind::kInteger:
      return read_integer(field, value, context);
    case FieldKind::kNumber:
    case FieldKind::kQuantity:
      return read_quantity(field, value, context, unit);
    case FieldKind::kBoolean:
      if (!value.is_boolean()) {
        wrong_type(field, value, context, value.is_string() ? "without quotes" : "");
        return std::nullopt;
      }
      return value.get<bool>() ? 1.0 : 0.0;
    default:
      break;
  }
  if (!value.is_string()) {
    wrong_type(field, value, context, value.is_number() ? "in quotes" : "");
    return std::nullopt;
  }
  const std::string& text = value.get_ref<const std::string&>();
  if (field.kind == FieldKind::kDate) {
    const std::optional<Date> date = parse_date(text);
    if (!date) {
      context.problem(fmt::format("{} is no date", shown(value)), "write YYYY, YYYY-MM or YYYY-MM-DD");
      return std::nullopt;
    }
    return static_cast<double>(date->days_since_1970());
  }
  const auto choice = std::find(field.choices.begin(), field.choices.end(), text);
  if (choice == field.choices.end()) {
    context.problem(fmt::format("{} is not a choice here", shown(value)), suggestion(text, field.choices));
    return std::nullopt;
  }
  return static_cast<double>(choice - field.choices.begin());
}

std::optional<std::string> read_text(const Field& field, const json& value, ReadContext& context) {
  if (!value.is_string()) {
    wrong_type(field, value, context, value.is_number() ? "in quotes" : "");
    return std::nullopt;
  }
  const std::string& text = value.get_ref<const std::string&>();
  if (text.empty()) {
    context.problem("is empty", fmt::format("give {}, or leave the key out", expectation(field)));
    return std::nullopt;
  }
  switch (field.kind) {
    case FieldKind::kId:
      if (!is_id(text)) {
        context.problem(fmt::format("{} is not an id", shown(value)),
                        "lower-case letters, digits, _ . -, a letter first, at most 64");
        return std::nullopt;
      }
      return check_allowed(field, text, context) ? std::optional(text) : std::nullopt;
    case FieldKind::kPath:
      if (text.find('\0') != std::string::npos) {
        context.problem("path contains a zero byte");
        return std::nullopt;
      }
      return context.resolved(text);
    case FieldKind::kReference: {
      if (context.catalog == nullptr) {
        return text;
      }
      const auto entry =
          context.catalog->find(field.reference, text, context.problems(), context.file(), context.pointer());
      return entry == nullptr ? std::nullopt : std::optional(entry->id);
    }
    default:
      return text;
  }
}

}  // namespace

std::string with_unit(const Field& field, double in_si) {
  if (field.kind == FieldKind::kQuantity && field.dimension != kDimensionless) {
    return field.temperature == Temperature::kDifference ? fmt::format("{} K", in_si)
                                                         : format_quantity(in_si, field.dimension);
  }
  return fmt::format("{}", in_si);
}

std::string shown(const json& value) {
  switch (value.type()) {
    case json::value_t::string:
      return "\"" + brief(value.get_ref<const std::string&>(), 60) + "\"";
    case json::value_t::object:
      return "an object";
    case json::value_t::array:
      return "an array";
    default:
      return value.dump();
  }
}

std::string expectation(const Field& field) {
  std::string one;
  switch (field.kind) {
    case FieldKind::kQuantity:
      one = fmt::format("a quantity such as \"1 {}\"", field.unit);
      break;
    case FieldKind::kNumber:
      one = "a number";
      break;
    case FieldKind::kInteger:
      one = "an integer";
      break;
    case FieldKind::kBoolean:
      one = "true or false";
      break;
    case FieldKind::kText:
      one = "text";
      break;
    case FieldKind::kId:
      one = "an id";
      break;
    case FieldKind::kChoice:
      one = fmt::format("one of: {}", fmt::join(field.choices, ", "));
      break;
    case FieldKind::kDate:
      one = "a date (YYYY-MM-DD)";
      break;
    case FieldKind::kPath:
      one = "the path of a file";
      break;
    case FieldKind::kReference:
      one = fmt::format("an id from `aifactory show {}`", field.reference);
      break;
    case FieldKind::kObject:
    case FieldKind::kCustom:
      one = "an object";
      break;
  }
  switch (field.shape) {
    case FieldShape::kOne:
      return one;
    case FieldShape::kList:
      return "a list of " + one;
    case FieldShape::kMapByChoice:
      return fmt::format("an object of {} by {}", one, fmt::join(field.choices, ", "));
    case FieldShape::kMapById:
      return fmt::format("an object of {} by id", one);
  }
  return one;
}

bool check_allowed(const Field& field, const std::string& id, ReadContext& context) {
  if (!field.allowed) {
    return true;
  }
  const std::vector<std::string> allowed = field.allowed(context);
  if (std::find(allowed.begin(), allowed.end(), id) != allowed.end()) {
    return true;
  }
  context.problem(fmt::format("unknown {} \"{}\"", field.name, brief(id, 60)), suggestion(id, allowed));
  return false;
}

std::optional<Scalar> read_plain(const Field& field, const json& value, ReadContext& context, const std::string* unit) {
  Scalar scalar;
  if (field.kind == FieldKind::kText || field.kind == FieldKind::kId || field.kind == FieldKind::kPath ||
      field.kind == FieldKind::kReference) {
    std::optional<std::string> text = read_text(field, value, context);
    if (!text) {
      return std::nullopt;
    }
    scalar.text = std::move(*text);
    return scalar;
  }
  const std::optional<double> number = read_number(field, value, context, unit);
  if (!number || (field.is_number() && !in_range(field, *number, context))) {
    return std::nullopt;
  }
  scalar.number = *number;
  return scalar;
}

}  // namespace aifactory::detail
