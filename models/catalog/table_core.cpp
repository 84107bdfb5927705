#include "models/catalog/table_core.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "models/catalog/catalog.h"
#include "models/catalog/field_table.h"
#include "models/catalog/scalar.h"
#include "models/catalog/suggest.h"

namespace aifactory {

namespace {

using nlohmann::json;

void read_fields(const TableCore& table, void* target, const json& value, ReadContext& context,
                 const std::vector<std::string>& other_keys);

bool has_required(const TableCore& table) {
  return !table.discriminator.empty() ||
         std::any_of(table.fields.begin(), table.fields.end(), [](const Field& field) { return field.required; });
}

void store(const Field& field, void* target, const detail::Scalar& scalar, ReadContext& context) {
  if (target == nullptr) {
    return;
  }
  if (field.set_text) {
    field.set_text(target, scalar.text, context);
  } else if (field.set_number) {
    field.set_number(target, scalar.number, context);
  }
}

void read_map(const Field& field, void* target, const json& value, ReadContext& context) {
  if (!value.is_object()) {
    context.problem(fmt::format("expected {}, got {}", detail::expectation(field), detail::shown(value)));
    return;
  }
  if (value.size() < field.min_items) {
    context.problem(fmt::format("has {} members, expected at least {}", value.size(), field.min_items));
  }
  Field element = field;
  element.shape = FieldShape::kOne;
  for (const auto& [key, member] : value.items()) {
    const ReadContext::Step step(context, key);
    std::size_t index = 0;
    if (field.shape == FieldShape::kMapByChoice) {
      const auto choice = std::find(field.choices.begin(), field.choices.end(), key);
      if (choice == field.choices.end()) {
        context.problem(fmt::format("unknown key \"{}\"", brief(key, 60)), suggestion(key, field.choices));
        continue;
      }
      index = static_cast<std::size_t>(choice - field.choices.begin());
    } else if (!is_id(key)) {
      context.problem(fmt::format("key \"{}\" is not an id", brief(key, 60)));
      continue;
    } else if (!detail::check_allowed(field, key, context)) {
      continue;
    }
    const std::string name = key;
    detail::read_value(element, member, context, [&](const detail::Scalar& scalar) {
      if (target != nullptr && field.set_keyed) {
        field.set_keyed(target, name, index, scalar.number);
      }
    });
  }
}

void read_object_list(const Field& field, void* target, const json& value, ReadContext& context) {
  if (!value.is_array()) {
    context.problem(fmt::format("expected {}, got {}", detail::expectation(field), detail::shown(value)),
                    value.is_object() ? "wrap it in [ ]" : "");
    return;
  }
  if (value.size() < field.min_items || value.size() > field.max_items) {
    context.problem(fmt::format("has {} elements, expected {}", value.size(),
                                value.size() < field.min_items ? fmt::format("at least {}", field.min_items)
                                                               : fmt::format("at most {}", field.max_items)));
  }
  std::map<std::string, std::string> seen;  // unique value -> pointer of the element that has it
  for (std::size_t i = 0; i < value.size(); ++i) {
    const ReadContext::Step step(context, i);
    read_object(*field.object, target == nullptr ? nullptr : field.open(target), value[i], context);
    if (field.unique_key.empty() || !value[i].is_object()) {
      continue;
    }
    const auto key = value[i].find(field.unique_key);
    if (key != value[i].end() && key->is_string()) {
      const auto [first, inserted] = seen.emplace(key->get<std::string>(), context.pointer());
      if (!inserted) {
        context.problem_in(field.unique_key,
                           fmt::format("{} is already used by {}", detail::shown(*key), first->second));
      }
    }
  }
}

void read_field(const Field& field, void* target, const json& value, ReadContext& context) {
  if (target != nullptr && field.clear) {
    field.clear(target);
  }
  if (field.kind == FieldKind::kCustom) {
    if (context.entry() != nullptr) {
      const auto founding = detail::founding_of(detail::is_fact(value) ? &value : nullptr, context);
      if (founding && context.log != nullptr) {
        FactRecord record;
        record.kind = context.entry()->kind;
        record.id = context.entry()->id;
        record.pointer = context.pointer();
        record.text = brief(value.dump(), 80);
        record.founding = *founding;
        context.log->add(std::move(record));
      }
    }
    field.read_custom(target, value, context);
  } else if (field.kind == FieldKind::kObject && field.shape == FieldShape::kList) {
    read_object_list(field, target, value, context);
  } else if (field.kind == FieldKind::kObject) {
    if (!value.is_object()) {
      context.problem(fmt::format("expected {}, got {}", detail::expectation(field), detail::shown(value)));
      return;
    }
    read_object(*field.object, target == nullptr ? nullptr : field.open(target), value, context);
  } else if (field.shape == FieldShape::kMapByChoice || field.shape == FieldShape::kMapById) {
    read_map(field, target, value, context);
  } else {
    detail::read_value(field, value, context,
                       [&](const detail::Scalar& scalar) { store(field, target, scalar, context); });
  }
}

void read_absent(const Field& field, void* target, ReadContext& context) {
  const ReadContext::Step step(context, field.name);
  if (field.required) {
    context.problem(fmt::format("\"{}\" is missing", field.name), "give " + detail::expectation(field));
    return;
  }
  if (!field.default_text.empty() && context.log != nullptr) {
    context.log->add(DefaultRecord{context.file(), context.pointer(), field.default_text, field.default_reason});
  }
  if (!field.default_json.empty()) {
    if (const auto scalar = detail::read_plain(field, json::parse(field.default_json), context)) {
      store(field, target, *scalar, context);
    }
  } else if (field.kind == FieldKind::kObject && field.shape == FieldShape::kOne && !field.optional &&
             !has_required(*field.object)) {
    read_fields(*field.object, target == nullptr ? nullptr : field.open(target), json::object(), context, {});
  }
}

// `other_keys` are known but not fields: the header of an entry, the discriminator of a variant.
void read_fields(const TableCore& table, void* target, const json& value, ReadContext& context,
                 const std::vector<std::string>& other_keys) {
  const std::size_t before = context.problems().reports();
  for (const auto& [key, member] : value.items()) {
    if (std::find(other_keys.begin(), other_keys.end(), key) != other_keys.end()) {
      continue;
    }
    const ReadContext::Step step(context, key);
    if (const Field* field = table.find(key)) {
      read_field(*field, target, member, context);
      continue;
    }
    std::vector<std::string> names;
    for (const Field& field : table.fields) {
      names.push_back(field.name);
    }
    names.insert(names.end(), other_keys.begin(), other_keys.end());
    context.problem(fmt::format("unknown key \"{}\"", brief(key, 60)),
                    context.problems().full() ? "" : suggestion(key, names));
  }
  for (const Field& field : table.fields) {
    if (!value.contains(field.name)) {
      read_absent(field, target, context);
    }
  }
  if (target != nullptr && context.problems().reports() == before) {
    for (const auto& check : table.checks) {
      check(target, context);
    }
  }
}

void read_variant(const TableCore& table, void* target, const json& value, ReadContext& context) {
  std::vector<std::string> names;
  for (const TableCore::Alternative& alternative : table.alternatives) {
    names.push_back(alternative.name);
  }
  Field choice;
  choice.name = table.discriminator;
  choice.kind = FieldKind::kChoice;
  choice.choices = names;
  const auto key = value.find(table.discriminator);
  if (key == value.end()) {
    context.problem_in(table.discriminator, fmt::format("\"{}\" is missing", table.discriminator),
                       "give " + detail::expectation(choice));
    return;
  }
  std::optional<detail::Scalar> chosen;
  {
    const ReadContext::Step step(context, table.discriminator);
    chosen = detail::read_plain(choice, *key, context);
  }
  if (chosen) {
    const TableCore::Alternative& alternative = table.alternatives[static_cast<std::size_t>(chosen->number)];
    read_fields(*alternative.table, target == nullptr ? nullptr : alternative.emplace(target), value, context,
                {table.discriminator});
  }
}

}  // namespace

const Field* TableCore::find(std::string_view field) const {
  const auto found =
      std::find_if(fields.begin(), fields.end(), [&](const Field& candidate) { return candidate.name == field; });
  return found == fields.end() ? nullptr : &*found;
}

std::string TableCore::schema_id() const {
  return name + "/" + std::to_string(version);
}

void read_object(const TableCore& table, void* target, const json& value, ReadContext& context) {
  if (!value.is_object()) {
    context.problem(fmt::format("expected an object, got {}", detail::shown(value)));
  } else if (!table.discriminator.empty()) {
    read_variant(table, target, value, context);
  } else {
    read_fields(table, target, value, context, {});
  }
}

void read_entry(const TableCore& table, void* target, const Catalog& catalog, const Entry& entry, Problems& problems,
                ReadLog* log) {
  static const std::vector<std::string> kHeader = {"schema", "id", "name", "aliases", "facts"};
  ReadContext context(problems, catalog, entry, log);
  for (const Entry::Layer& layer : entry.layers) {
    problems.attach(layer.file, layer.text);
  }
  if (log != nullptr) {
    log->add_entry(entry.kind, entry.id, entry.hash());
  }
  if (target != nullptr && table.set_id) {
    table.set_id(target, entry.id);
    table.set_name(target, entry.name);
  }
  read_fields(table, target, *entry.json, context, kHeader);
}

bool read_entry_named(const TableCore& table, void* target, std::string_view kind, std::string_view id_or_alias,
                      ReadContext& asker) {
  const std::shared_ptr<const Entry> entry =
      asker.catalog->find(kind, id_or_alias, asker.problems(), asker.file(), asker.pointer());
  if (entry == nullptr) {
    return false;
  }
  if (entry->schema != table.schema_id()) {
    asker.problem(
        fmt::format("\"{}\" is a {}, expected a {}", brief(id_or_alias, 60), entry->schema, table.schema_id()));
    return false;
  }
  const std::size_t before = asker.problems().reports();
  read_entry(table, target, *asker.catalog, *entry, asker.problems(), asker.log);
  return asker.problems().reports() == before;
}

bool is_id(std::string_view text) {
  const auto letter = [](char c) { return c >= 'a' && c <= 'z'; };
  if (text.empty() || text.size() > 64 || !letter(text.front()) || text == "nan" || text == "inf" || text == "null") {
    return false;
  }
  return std::all_of(text.begin(), text.end(),
                     [&](char c) { return letter(c) || (c >= '0' && c <= '9') || c == '_' || c == '.' || c == '-'; });
}

namespace detail {

void set_dimension(Field& field, const Dimension& dimension) {
  field.dimension = dimension;
  if (parse_unit(field.unit).dimension != dimension) {
    throw std::logic_error(
        fmt::format("field {}: \"{}\" is no unit of {}", field.name, field.unit, dimension_name(dimension)));
  }
}

void set_unit_only(Field& field) {
  field.dimension = parse_unit(field.unit).dimension;
}

std::string json_text(double value) {
  return json(value).dump();
}
std::string json_text(bool value) {
  return json(value).dump();
}
std::string json_text(std::string_view value) {
  return json(value).dump();
}

}  // namespace detail

}  // namespace aifactory
