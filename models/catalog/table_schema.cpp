#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "models/catalog/json_reader.h"
#include "models/catalog/table_documents.h"

namespace aifactory {

namespace {

using nlohmann::json;

constexpr const char* kIdPattern = "^(?!(nan|inf|null)$)[a-z][a-z0-9_.-]{0,63}$";
constexpr const char* kDatePattern = "^[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?$";
constexpr const char* kNumberText = "[-+]?(0|[1-9][0-9]*)(\\.[0-9]+)?([eE][-+]?[0-9]+)?";

json with_bounds(json schema, const Bounds& bounds) {
  if (std::isfinite(bounds.low)) {
    schema[bounds.low_excluded ? "exclusiveMinimum" : "minimum"] = bounds.low;
  }
  if (std::isfinite(bounds.high)) {
    schema[bounds.high_excluded ? "exclusiveMaximum" : "maximum"] = bounds.high;
  }
  return schema;
}

json dimensionless(const Bounds& bounds) {
  const json text = {
      {"type", "string"},
      {"pattern", std::string("^\\s*") + kNumberText + "\\s*(%|thousand|million|billion|trillion)?\\s*$"}};
  return {{"anyOf", json::array({with_bounds({{"type", "number"}}, bounds), text})}};
}

json quantity(const Field& field) {
  if (field.dimension == kDimensionless) {
    const json text = {{"type", "string"}, {"pattern", std::string("^\\s*") + kNumberText}};
    return {{"anyOf", json::array({with_bounds({{"type", "number"}}, field.bounds), text})}};
  }
  return {{"type", "string"},
          {"pattern", std::string("^\\s*") + kNumberText + "\\s*[A-Za-z%$].*$"},
          {"examples", json::array({"1 " + field.unit})}};
}

json plain(const Field& field) {
  switch (field.kind) {
    case FieldKind::kQuantity:
      return quantity(field);
    case FieldKind::kNumber:
      return dimensionless(field.bounds);
    case FieldKind::kInteger:
      return with_bounds({{"type", "integer"}}, field.bounds);
    case FieldKind::kBoolean:
      return {{"type", "boolean"}};
    case FieldKind::kId:
      return {{"type", "string"}, {"pattern", kIdPattern}};
    case FieldKind::kChoice:
      return {{"type", "string"}, {"enum", field.choices}};
    case FieldKind::kDate:
      return {{"type", "string"}, {"pattern", kDatePattern}};
    case FieldKind::kText:
    case FieldKind::kPath:
    case FieldKind::kReference:
      return {{"type", "string"}, {"minLength", 1}};
    case FieldKind::kObject:
      return json_schema_fragment(*field.object);
    case FieldKind::kCustom:
      return json::parse(field.custom_schema);
  }
  return json::object();
}

// Which definition describes the members of a fact of this field.
std::string fact_definition(const Field& field) {
  switch (field.kind) {
    case FieldKind::kQuantity:
      return field.shape == FieldShape::kList ? "list_fact" : "quantity_fact";
    case FieldKind::kNumber:
    case FieldKind::kInteger:
      return field.shape == FieldShape::kList ? "list_fact" : "number_fact";
    default:
      return field.shape == FieldShape::kList ? "list_fact" : "other_fact";
  }
}

json or_fact(json value, const Field& field) {
  const json reference = {{"$ref", "#/definitions/" + fact_definition(field)}};
  const json vintages = {{"type", "array"}, {"items", reference}, {"minItems", 1}};
  json options = json::array();
  if (value.size() == 1 && value.contains("anyOf")) {
    options = value["anyOf"];
  } else {
    options.push_back(std::move(value));
  }
  options.push_back(reference);
  options.push_back(vintages);
  return {{"anyOf", std::move(options)}};
}

json object_of(const TableCore& table, bool facts);

json field_schema(const Field& field, bool facts) {
  const bool scalar = field.kind != FieldKind::kObject && field.kind != FieldKind::kCustom;
  json value = field.kind == FieldKind::kObject ? object_of(*field.object, facts) : plain(field);
  switch (field.shape) {
    case FieldShape::kOne:
      value = facts && scalar ? or_fact(std::move(value), field) : std::move(value);
      break;
    case FieldShape::kList: {
      json list = {{"type", "array"}, {"items", std::move(value)}};
      if (field.min_items > 0) {
        list["minItems"] = field.min_items;
      }
      if (field.max_items != std::numeric_limits<std::size_t>::max()) {
        list["maxItems"] = field.max_items;
      }
      value = facts && scalar ? or_fact(std::move(list), field) : std::move(list);
      break;
    }
    case FieldShape::kMapByChoice:
    case FieldShape::kMapById: {
      json element = facts ? or_fact(std::move(value), field) : std::move(value);
      json map = {{"type", "object"}, {"additionalProperties", false}, {"minProperties", field.min_items}};
      if (field.shape == FieldShape::kMapById) {
        map["patternProperties"][kIdPattern] = std::move(element);
      } else {
        for (const std::string& key : field.choices) {
          map["properties"][key] = element;
        }
      }
      map["properties"]["$comment"] = json::object();
      value = std::move(map);
      break;
    }
  }
  std::string description = field.doc;
  if (!field.default_text.empty()) {
    description += ". Default " + field.default_text + ": " + field.default_reason;
  }
  value["description"] = description;
  if (!field.default_json.empty()) {
    value["default"] = json::parse(field.default_json);
  }
  return value;
}

json object_of(const TableCore& table, bool facts) {
  if (!table.discriminator.empty()) {
    json options = json::array();
    for (const TableCore::Alternative& alternative : table.alternatives) {
      json option = object_of(*alternative.table, facts);
      option["properties"][table.discriminator] = {{"const", alternative.name}};
      option["required"].push_back(table.discriminator);
      options.push_back(std::move(option));
    }
    return {{"oneOf", std::move(options)}};
  }
  json properties = {{"$comment", json::object()}};
  json required = json::array();
  for (const Field& field : table.fields) {
    properties[field.name] = field_schema(field, facts);
    if (field.required) {
      required.push_back(field.name);
    }
  }
  json schema = {{"type", "object"}, {"additionalProperties", false}, {"properties", std::move(properties)}};
  if (!required.empty()) {
    schema["required"] = std::move(required);
  }
  if (!table.doc.empty()) {
    schema["description"] = table.doc;
  }
  return schema;
}

json founding_properties() {
  const json key = {{"type", "string"}, {"minLength", 1}};
  return {{"source",
           {{"anyOf", json::array({key, {{"type", "array"}, {"items", key}, {"minItems", 1}}})},
            {"description", "keys of sources.json"}}},
          {"as_of", {{"type", "string"}, {"pattern", kDatePattern}}},
          {"evidence", {{"enum", kEvidenceNames}}},
          {"confidence", {{"enum", kConfidenceNames}}},
          {"note", {{"type", "string"}}},
          {"$comment", json::object()}};
}

json fact_schema(json value, bool band, bool unit) {
  json properties = founding_properties();
  if (band) {
    properties["low"] = value;
    properties["high"] = value;
  }
  if (unit) {
    properties["unit"] = {{"type", "string"}};
  }
  properties["value"] = std::move(value);
  return {{"type", "object"},
          {"additionalProperties", false},
          {"required", json::array({"value"})},
          {"properties", std::move(properties)}};
}

}  // namespace

json json_schema_fragment(const TableCore& table) {
  return object_of(table, false);
}

json json_schema(const TableBase& table) {
  const TableCore& core = table.core();
  const bool entry = core.version > 0;
  json schema = object_of(core, entry);
  schema["$schema"] = "http://json-schema.org/draft-07/schema#";
  schema["title"] = entry ? core.schema_id() : core.name;
  if (!entry) {
    return schema;
  }
  json facts = {{"type", "object"},
                {"additionalProperties", false},
                {"properties", founding_properties()},
                {"description", "founding of every field that does not state its own"}};
  schema["properties"]["schema"] = {{"const", core.schema_id()}};
  schema["properties"]["id"] = {{"type", "string"}, {"pattern", kIdPattern}, {"description", "the name of the file"}};
  schema["properties"]["name"] = {{"type", "string"}, {"minLength", 1}};
  schema["properties"]["aliases"] = {{"type", "array"}, {"items", {{"type", "string"}, {"minLength", 1}}}};
  schema["properties"]["facts"] = std::move(facts);
  for (const char* member : {"schema", "id", "name"}) {
    schema["required"].push_back(member);
  }
  const json number_or_text = {{"type", json::array({"number", "string"})}};
  schema["definitions"] = {{"quantity_fact", fact_schema(number_or_text, true, true)},
                           {"number_fact", fact_schema(number_or_text, true, true)},
                           {"list_fact", fact_schema({{"type", "array"}}, false, true)},
                           {"other_fact", fact_schema({{"type", json::array({"string", "boolean"})}}, false, false)}};
  return schema;
}

}  // namespace aifactory
