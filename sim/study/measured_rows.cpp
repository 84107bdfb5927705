#include "sim/study/measured_rows.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <nlohmann/json.hpp>
#include <utility>

#include "models/catalog/csv.h"
#include "models/catalog/json_reader.h"

namespace aifactory {
namespace {

using nlohmann::json;
using Fields = std::map<std::string, std::string>;

constexpr std::size_t kMaxBytes = std::size_t{1} << 30;

std::string as_text(const json& value) {
  if (value.is_null()) {
    return {};
  }
  return value.is_string() ? value.get<std::string>() : value.dump();
}

std::vector<Fields> from_json(const json& root, const std::string& file, Problems& problems) {
  const json& list = root.is_object() && root.contains("rows") ? root["rows"] : root;
  std::vector<Fields> rows;
  if (!list.is_array()) {
    problems.add(file, "", "must be a list of rows or an object with \"rows\"");
    return rows;
  }
  for (const json& object : list) {
    Fields fields;
    if (object.is_object()) {
      for (const auto& [key, value] : object.items()) {
        fields[key] = as_text(value);
      }
    }
    rows.push_back(std::move(fields));
  }
  return rows;
}

std::vector<Fields> from_csv(std::string_view text, const std::string& file, Problems& problems) {
  const auto records = parse_csv(text, file, problems);
  std::vector<Fields> rows;
  for (std::size_t r = 1; r < records.size(); ++r) {
    Fields fields;
    for (std::size_t c = 0; c < records[0].size(); ++c) {
      fields[records[0][c]] = c < records[r].size() ? records[r][c] : "";
    }
    rows.push_back(std::move(fields));
  }
  return rows;
}

}  // namespace

MeasuredRow::MeasuredRow(std::map<std::string, std::string> fields, std::size_t index) : fields_(std::move(fields)) {
  id_ = text("id").empty() ? fmt::format("row:{}", index + 1) : text("id");
}

const std::string& MeasuredRow::text(const std::string& column) const {
  static const std::string kNone;
  const auto at = fields_.find(column);
  return at == fields_.end() ? kNone : at->second;
}

std::optional<double> MeasuredRow::number(const std::string& column) const {
  const std::string& written = text(column);
  double value = 0.0;
  const auto [end, error] = std::from_chars(written.data(), written.data() + written.size(), value);
  const bool whole = error == std::errc() && end == written.data() + written.size();
  return whole && std::isfinite(value) ? std::optional<double>(value) : std::nullopt;
}

std::vector<MeasuredRow> read_measured_rows(const std::string& path, Problems& problems) {
  std::string text;
  std::vector<Fields> fields;
  if (read_possibly_gzipped(path, kMaxBytes, problems, text)) {
    const std::size_t first = text.find_first_not_of(" \t\r\n");
    if (first == std::string::npos || (text[first] != '{' && text[first] != '[')) {
      fields = from_csv(text, path, problems);
    } else {
      const JsonDocument document = parse_json(std::move(text), path, problems);
      fields = document.ok() ? from_json(*document.root, path, problems) : std::vector<Fields>{};
    }
  }
  std::vector<MeasuredRow> rows;
  rows.reserve(fields.size());
  for (Fields& row : fields) {
    rows.emplace_back(std::move(row), rows.size());
  }
  return rows;
}

std::string group_of(const MeasuredRow& row, const std::vector<std::string>& by) {
  std::string group;
  for (const std::string& column : by) {
    if (!row.has(column)) {
      throw ConfigError("--by", "", fmt::format("the rows have no column \"{}\"", brief(column, 60)));
    }
    group += (group.empty() ? "" : "/") + row.text(column);
  }
  return group;
}

}  // namespace aifactory
