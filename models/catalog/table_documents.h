// What people and editors see of a table: JSON Schema, the list of its fields, the facts of one entry.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "models/catalog/catalog.h"
#include "models/catalog/table_core.h"

namespace aifactory {

// Draft-07. Tables with a version describe catalogue entries (values may be facts); the others plain documents. Refuses
// unknown keys; allows $comment everywhere. Accepts what the reader accepts, except for rules that span fields, ids
// that must exist and ranges of values written with a unit.
nlohmann::json json_schema(const TableBase& table);
// The schema of one object without the "$schema" line, to be put inside another.
nlohmann::json json_schema_fragment(const TableCore& table);

struct FieldDoc {
  std::string path;  // "scale_up/bandwidth", "layers[]/count", "arrivals(poisson)/rate"
  std::string type;  // "quantity", "one of: air, hybrid, liquid", "list of objects"
  std::string unit;  // "TB/s" or ""
  bool required = false;
  std::string default_text;
  std::string default_reason;
  std::string range;  // "> 0", "0 to 1"
  std::string doc;
};
// Every field, nested ones after their parent.
std::vector<FieldDoc> document(const TableBase& table);

// Every fact of an entry in the order of its table, also those no model reads: `aifactory show accelerators gb200`.
// Throws ConfigError when the entry does not read.
std::vector<FactRecord> facts_of(const Catalog& catalog, const Entry& entry, const TableBase& table);

}  // namespace aifactory
