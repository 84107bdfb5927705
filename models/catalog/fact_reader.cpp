// The fact around a value: members, band, founding, vintages; and the record of it.
#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "models/catalog/catalog.h"
#include "models/catalog/config_error.h"
#include "models/catalog/scalar.h"
#include "models/catalog/suggest.h"

namespace aifactory::detail {

namespace {

using nlohmann::json;

// The number, or nothing and a problem at the member.
std::optional<double> read_member(const Field& field, const json& fact, const char* member, const std::string* unit,
                                  ReadContext& context) {
  const auto found = fact.find(member);
  if (found == fact.end()) {
    return std::nullopt;
  }
  const ReadContext::Step step(context, member);
  const std::optional<Scalar> scalar = read_plain(field, *found, context, unit);
  return scalar ? std::optional(scalar->number) : std::nullopt;
}

void check_members(const json& fact, ReadContext& context) {
  static const std::vector<std::string> kMembers = {"value", "unit",     "low",        "high", "source",
                                                    "as_of", "evidence", "confidence", "note"};
  for (const auto& [key, member] : fact.items()) {
    if (std::find(kMembers.begin(), kMembers.end(), key) == kMembers.end()) {
      context.problem_in(key, fmt::format("unknown key \"{}\" in a fact", brief(key, 60)), suggestion(key, kMembers));
    }
  }
}

// What reading one fact gives: the record, and the elements of its value.
struct Reading {
  FactRecord record;
  std::vector<Scalar> scalars;
};

void read_elements(const Field& field, const json& value, const std::string* unit, ReadContext& context,
                   Reading& reading) {
  if (field.shape != FieldShape::kList) {
    if (std::optional<Scalar> scalar = read_plain(field, value, context, unit)) {
      reading.scalars.push_back(std::move(*scalar));
    }
    return;
  }
  if (!value.is_array()) {
    context.problem(fmt::format("expected {}, got {}", expectation(field), shown(value)));
    return;
  }
  if (value.size() < field.min_items || value.size() > field.max_items) {
    context.problem(fmt::format("has {} elements, expected {}", value.size(),
                                field.min_items == field.max_items ? fmt::format("{}", field.min_items)
                                : value.size() < field.min_items   ? fmt::format("at least {}", field.min_items)
                                                                   : fmt::format("at most {}", field.max_items)));
  }
  for (std::size_t i = 0; i < value.size(); ++i) {
    const ReadContext::Step step(context, i);
    if (std::optional<Scalar> scalar = read_plain(field, value[i], context, unit)) {
      reading.scalars.push_back(std::move(*scalar));
    }
  }
}

std::string written(const Field& field, const json& value, const std::string* unit) {
  if (value.is_array()) {
    return fmt::format("{} values{}", value.size(), field.unit.empty() ? "" : " of " + (unit ? *unit : field.unit));
  }
  std::string text = value.is_string() ? value.get<std::string>() : value.dump();
  return unit == nullptr || unit->empty() ? text : text + " " + *unit;
}

// One fact, bare or with members, at the context's pointer.
Reading read_fact(const Field& field, const json& value, ReadContext& context) {
  Reading reading;
  const bool stated = is_fact(value);
  const json& content = stated ? value.at("value") : value;
  std::string unit_text;
  const std::string* unit = nullptr;
  if (stated) {
    check_members(value, context);
    const auto member = value.find("unit");
    if (member != value.end()) {
      if (!member->is_string() || !field.is_number()) {
        context.problem_in("unit", field.is_number() ? "a unit is text" : "only numbers have a unit");
        return reading;
      }
      unit_text = member->get<std::string>();
      unit = &unit_text;
    }
    const ReadContext::Step step(context, "value");
    read_elements(field, content, unit, context, reading);
  } else {
    read_elements(field, content, unit, context, reading);
  }

  FactRecord& record = reading.record;
  record.numeric = field.is_number() && field.shape != FieldShape::kList && !reading.scalars.empty();
  if (record.numeric) {
    record.value = record.low = record.high = reading.scalars.front().number;
    record.unit = field.kind == FieldKind::kQuantity ? base_unit(field.dimension) : "";
    if (stated) {
      record.low = read_member(field, value, "low", unit, context).value_or(record.value);
      record.high = read_member(field, value, "high", unit, context).value_or(record.value);
      if (record.low > record.value || record.high < record.value) {
        context.problem(fmt::format("value lies outside its own band, {} to {}", with_unit(field, record.low),
                                    with_unit(field, record.high)),
                        "low <= value <= high");
      }
    }
  } else if (stated && (value.contains("low") || value.contains("high"))) {
    context.problem("only a single number has low and high");
  }
  if (std::optional<Founding> founding = founding_of(stated ? &value : nullptr, context)) {
    record.founding = std::move(*founding);
  }
  record.text = written(field, content, unit);
  return reading;
}

// The latest vintage not after the catalogue's date; the first if all are later; every one is read and checked.
Reading read_vintages(const Field& field, const json& vintages, ReadContext& context) {
  Reading chosen;
  std::optional<Date> previous;
  for (std::size_t i = 0; i < vintages.size(); ++i) {
    const ReadContext::Step step(context, i);
    if (!is_fact(vintages[i])) {
      context.problem(fmt::format("expected a fact with \"value\" and \"as_of\", got {}", shown(vintages[i])));
      continue;
    }
    Reading reading = read_fact(field, vintages[i], context);
    const std::optional<Date> date = parse_date(reading.record.founding.as_of);
    if (!date || !vintages[i].contains("as_of")) {
      context.problem_in("as_of", "a vintage needs its own \"as_of\" date");
      continue;
    }
    if (previous && !(*previous < *date)) {
      context.problem_in("as_of", "vintages are listed in increasing \"as_of\"");
    }
    const std::optional<Date> as_of = context.catalog->as_of();
    if (!previous || !as_of || !(*as_of < *date)) {
      chosen = std::move(reading);
    }
    previous = date;
  }
  return chosen;
}

}  // namespace

bool is_fact(const json& value) {
  return value.is_object() && value.contains("value");
}

bool is_vintages(const json& value) {
  return value.is_array() && !value.empty() && is_fact(value.front());
}

void read_value(const Field& field, const json& value, ReadContext& context,
                const std::function<void(const Scalar&)>& take) {
  Reading reading;
  if (context.entry() == nullptr) {
    if (value.is_object() && context.uncertain) {
      if (const std::unique_ptr<json> plain = context.uncertain(value, field, context)) {
        read_elements(field, *plain, nullptr, context, reading);
        for (const Scalar& scalar : reading.scalars) {
          take(scalar);
        }
        return;
      }
    }
    read_elements(field, value, nullptr, context, reading);
  } else {
    const std::size_t before = context.problems().reports();
    reading = is_vintages(value) ? read_vintages(field, value, context) : read_fact(field, value, context);
    if (context.log != nullptr && context.problems().reports() == before) {
      FactRecord& record = reading.record;
      record.kind = context.entry()->kind;
      record.id = context.entry()->id;
      record.pointer = context.pointer();
      record.mapped = field.mapped;
      context.log->add(std::move(record));
    }
  }
  for (const Scalar& scalar : reading.scalars) {
    take(scalar);
  }
}

}  // namespace aifactory::detail
