#include "models/catalog/measured_table.h"

#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>

#include "models/catalog/csv.h"
#include "models/catalog/json_reader.h"

namespace aifactory {
namespace {

using nlohmann::json;

constexpr std::size_t kMaxBytes = std::size_t{1} << 30;

MeasuredTable table_of(std::vector<std::string> columns) {
  return {std::make_shared<const MeasuredColumns>(std::move(columns)), {}};
}

std::string as_text(const json& value) {
  if (value.is_null()) {
    return {};
  }
  return value.is_string() ? value.get<std::string>() : value.dump();
}

MeasuredTable from_json(const json& root, const std::string& file, Problems& problems) {
  const json& list = root.is_object() && root.contains("rows") ? root["rows"] : root;
  if (!list.is_array()) {
    problems.add(file, "", "must be a list of rows or an object with \"rows\"");
    return table_of({});
  }
  std::set<std::string> names;
  for (const json& object : list) {
    if (object.is_object()) {
      for (const auto& [key, value] : object.items()) {
        names.insert(key);
      }
    }
  }
  constexpr std::size_t kMostCells = 50'000'000;
  if (names.size() * list.size() > kMostCells) {
    problems.add(file, "", fmt::format("{} rows of {} fields are too many for a table", list.size(), names.size()),
                 "rows share their fields");
    return table_of({});
  }
  MeasuredTable table = table_of({names.begin(), names.end()});
  for (const json& object : list) {
    std::vector<std::string> cells(object.is_object() ? table.columns->names.size() : 0);
    if (object.is_object()) {
      for (const auto& [key, value] : object.items()) {
        cells[*table.columns->find(key)] = as_text(value);
      }
    }
    table.rows.emplace_back(table.columns, std::move(cells), table.rows.size(),
                            object.is_object() ? "" : "not an object");
  }
  return table;
}

MeasuredTable from_csv(std::string_view text, const std::string& file, Problems& problems) {
  std::vector<std::vector<std::string>> records = parse_csv(text, file, problems);
  if (records.empty()) {
    problems.add(file, "", "an empty file has no header");
    return table_of({});
  }
  MeasuredTable table = table_of(std::move(records[0]));
  const std::size_t width = table.columns->names.size();
  table.rows.reserve(records.size() - 1);
  for (std::size_t r = 1; r < records.size(); ++r) {
    const std::size_t fields = records[r].size();
    table.rows.emplace_back(table.columns, std::move(records[r]), r - 1,
                            fields > width ? fmt::format("{} fields under a header of {}", fields, width) : "");
  }
  return table;
}

}  // namespace

std::optional<double> number_in(std::string_view text) {
  double value = 0.0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool whole = error == std::errc() && end == text.data() + text.size();
  return whole && std::isfinite(value) ? std::optional<double>(value) : std::nullopt;
}

MeasuredColumns::MeasuredColumns(std::vector<std::string> all) : names(std::move(all)) {
  for (std::size_t i = 0; i < names.size(); ++i) {
    position.emplace(names[i], i);
  }
}

std::optional<std::size_t> MeasuredColumns::find(std::string_view name) const {
  const auto at = position.find(name);
  return at == position.end() ? std::nullopt : std::optional<std::size_t>(at->second);
}

MeasuredRow::MeasuredRow(std::shared_ptr<const MeasuredColumns> columns, std::vector<std::string> cells,
                         std::size_t index, std::string problem)
    : columns_(std::move(columns)), cells_(std::move(cells)), problem_(std::move(problem)) {
  id_ = text("id").empty() ? fmt::format("row:{}", index + 1) : text("id");
}

const std::string& MeasuredRow::cell(std::size_t position) const {
  static const std::string kNone;
  return position < cells_.size() ? cells_[position] : kNone;
}

const std::string& MeasuredRow::text(std::string_view column) const {
  const std::optional<std::size_t> at = columns_->find(column);
  return cell(at.value_or(cells_.size()));
}

std::optional<double> MeasuredRow::number(std::string_view column) const {
  return number_in(text(column));
}

MeasuredTable parse_measured_table(const std::string& text, const std::string& file, Problems& problems) {
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  if (first == std::string::npos || (text[first] != '{' && text[first] != '[')) {
    return from_csv(text, file, problems);
  }
  const JsonDocument document = parse_json(text, file, problems);
  return document.ok() ? from_json(*document.root, file, problems) : table_of({});
}

MeasuredTable read_measured_table(const std::string& path, Problems& problems) {
  std::string text;
  return read_possibly_gzipped(path, kMaxBytes, problems, text) ? parse_measured_table(text, path, problems)
                                                                : table_of({});
}

}  // namespace aifactory
