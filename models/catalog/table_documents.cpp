#include "models/catalog/table_documents.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <utility>

#include "models/catalog/json_reader.h"
#include "models/catalog/scalar.h"

namespace aifactory {

namespace {

std::string type_text(const Field& field) {
  std::string one;
  switch (field.kind) {
    case FieldKind::kQuantity:
      one = dimension_name(field.dimension);
      break;
    case FieldKind::kNumber:
      one = "number";
      break;
    case FieldKind::kInteger:
      one = "integer";
      break;
    case FieldKind::kBoolean:
      one = "true or false";
      break;
    case FieldKind::kText:
      one = "text";
      break;
    case FieldKind::kId:
      one = "id";
      break;
    case FieldKind::kChoice:
      one = fmt::format("one of: {}", fmt::join(field.choices, ", "));
      break;
    case FieldKind::kDate:
      one = "date";
      break;
    case FieldKind::kPath:
      one = "path";
      break;
    case FieldKind::kReference:
      one = fmt::format("id in {}", field.reference);
      break;
    case FieldKind::kObject:
      one = "object";
      break;
    case FieldKind::kCustom:
      one = "see description";
      break;
  }
  switch (field.shape) {
    case FieldShape::kOne:
      return one;
    case FieldShape::kList:
      return "list of " + one;
    case FieldShape::kMapByChoice:
      return fmt::format("{} by {}", one, fmt::join(field.choices, ", "));
    case FieldShape::kMapById:
      return one + " by id";
  }
  return one;
}

std::string range_text(const Field& field) {
  const auto text = [&](double value) {
    return field.kind == FieldKind::kQuantity && value != 0.0 && field.temperature == Temperature::kAbsolute
               ? format_quantity(value, field.dimension)
               : fmt::format("{}", value);
  };
  // The limits of the integer type itself say nothing to a reader.
  const bool low = std::isfinite(field.bounds.low) && field.bounds.low > -2147483648.0;
  const bool high = std::isfinite(field.bounds.high) && field.bounds.high < 2147483647.0;
  std::string out;
  if (low) {
    out = fmt::format("{} {}", field.bounds.low_excluded ? ">" : ">=", text(field.bounds.low));
  }
  if (high) {
    out += fmt::format("{}{} {}", out.empty() ? "" : ", ",
                       field.bounds.high_excluded ? "<" : "<=", text(field.bounds.high));
  }
  return out;
}

void add_rows(const TableCore& table, const std::string& prefix, std::vector<FieldDoc>& rows) {
  for (const TableCore::Alternative& alternative : table.alternatives) {
    const std::string path = fmt::format("{}({}={})", prefix, table.discriminator, alternative.name);
    rows.push_back({path, "object", "", false, "", "", "", alternative.table->doc});
    add_rows(*alternative.table, path + "/", rows);
  }
  for (const Field& field : table.fields) {
    FieldDoc row;
    row.path = prefix + field.name + (field.shape == FieldShape::kList && field.kind == FieldKind::kObject ? "[]" : "");
    row.type = type_text(field);
    row.unit = field.unit;
    row.required = field.required;
    row.default_text = field.default_text;
    row.default_reason = field.default_reason;
    row.range = range_text(field);
    row.doc = field.doc;
    const std::string path = row.path;
    rows.push_back(std::move(row));
    if (field.kind == FieldKind::kObject) {
      add_rows(*field.object, path + "/", rows);
    }
  }
}

// Where a pointer stands in the order of a table: the index of the field at each level, of the element in a list.
std::vector<std::size_t> rank(const TableCore& table, const std::string& pointer) {
  std::vector<std::size_t> ranks;
  const TableCore* at = &table;
  for (const std::string& token : pointer_tokens(pointer)) {
    const Field* field = at == nullptr ? nullptr : at->find(token);
    if (field != nullptr) {
      ranks.push_back(static_cast<std::size_t>(field - at->fields.data()));
      at = field->kind == FieldKind::kObject ? field->object.get() : nullptr;
    } else if (!token.empty() && token.find_first_not_of("0123456789") == std::string::npos && token.size() < 10) {
      ranks.push_back(static_cast<std::size_t>(std::stoul(token)));
    }
  }
  return ranks;
}

}  // namespace

std::vector<FieldDoc> document(const TableBase& table) {
  std::vector<FieldDoc> rows;
  add_rows(table.core(), "", rows);
  return rows;
}

std::vector<FactRecord> facts_of(const Catalog& catalog, const Entry& entry, const TableBase& table) {
  Problems problems;
  ReadLog log(true);
  const std::shared_ptr<void> target = table.core().make();
  read_entry(table.core(), target.get(), catalog, entry, problems, &log);
  problems.throw_if_any();
  std::vector<std::pair<std::vector<std::size_t>, FactRecord>> ranked;
  for (FactRecord& fact : log.facts()) {
    if (fact.kind == entry.kind && fact.id == entry.id) {
      std::vector<std::size_t> ranks = rank(table.core(), fact.pointer);
      ranked.emplace_back(std::move(ranks), std::move(fact));
    }
  }
  std::stable_sort(ranked.begin(), ranked.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<FactRecord> out;
  for (auto& [ranks, fact] : ranked) {
    out.push_back(std::move(fact));
  }
  return out;
}

}  // namespace aifactory
