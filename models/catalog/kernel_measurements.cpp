#include "models/catalog/kernel_measurements.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <string_view>
#include <utility>

#include "models/catalog/csv.h"
#include "models/catalog/json_reader.h"
#include "models/catalog/probe_file.h"

namespace aifactory {
namespace {

using Row = KernelMeasurement;
constexpr std::size_t kMaxBytes = std::size_t{1} << 30;

void set_number(Row& row, const MeasurementColumn<std::optional<double>>& column, std::string_view text) {
  double value = 0.0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || !std::isfinite(value)) {
    if (row.problem.empty()) {
      row.problem = fmt::format("{} is not a number: {}", column.name, brief(text, 40));
    }
    return;
  }
  row.*column.member = value;
}

std::vector<Row> rows_of_csv(const std::string& text, const std::string& file, Problems& problems) {
  const std::vector<std::vector<std::string>> records = parse_csv(text, file, problems);
  std::vector<Row> rows;
  if (records.empty()) {
    problems.add(file, "", "an empty file has no header");
    return rows;
  }
  std::map<std::string, std::size_t, std::less<>> position;
  for (std::size_t i = 0; i < records[0].size(); ++i) {
    position.emplace(records[0][i], i);
  }
  const auto place = [&](std::string_view name) {
    const auto at = position.find(name);
    return at == position.end() ? records[0].size() : at->second;
  };
  std::array<std::size_t, kMeasurementTexts.size()> text_at{};
  std::array<std::size_t, kMeasurementNumbers.size()> number_at{};
  for (std::size_t c = 0; c < kMeasurementTexts.size(); ++c) {
    text_at[c] = place(kMeasurementTexts[c].name);
  }
  for (std::size_t c = 0; c < kMeasurementNumbers.size(); ++c) {
    number_at[c] = place(kMeasurementNumbers[c].name);
  }
  rows.reserve(records.size() - 1);
  for (std::size_t r = 1; r < records.size(); ++r) {
    const std::vector<std::string>& record = records[r];
    Row row;
    if (record.size() > records[0].size()) {
      row.problem = fmt::format("{} fields under a header of {}", record.size(), records[0].size());
    }
    for (std::size_t c = 0; c < kMeasurementTexts.size(); ++c) {
      if (text_at[c] < record.size()) {
        row.*kMeasurementTexts[c].member = record[text_at[c]];
      }
    }
    for (std::size_t c = 0; c < kMeasurementNumbers.size(); ++c) {
      if (number_at[c] < record.size() && !record[number_at[c]].empty()) {
        set_number(row, kMeasurementNumbers[c], record[number_at[c]]);
      }
    }
    rows.push_back(std::move(row));
  }
  return rows;
}

std::vector<Row> rows_of_json(const std::string& text, const std::string& file, Problems& problems) {
  const JsonDocument document = parse_json(text, file, problems);
  std::vector<Row> rows;
  if (!document.ok()) {
    return rows;
  }
  if (!document.root->is_array()) {
    problems.add(file, "", "measurements are an array of objects");
    return rows;
  }
  for (const nlohmann::json& object : *document.root) {
    Row row;
    if (!object.is_object()) {
      row.problem = "not an object";
      rows.push_back(std::move(row));
      continue;
    }
    for (const MeasurementColumn<std::string>& column : kMeasurementTexts) {
      const auto at = object.find(std::string(column.name));
      if (at != object.end() && !at->is_null()) {
        row.*column.member = at->is_string() ? at->get<std::string>() : at->dump();
      }
    }
    for (const MeasurementColumn<std::optional<double>>& column : kMeasurementNumbers) {
      const auto at = object.find(std::string(column.name));
      if (at == object.end() || at->is_null()) {
        continue;
      }
      if (at->is_number()) {
        row.*column.member = at->get<double>();
      } else {
        set_number(row, column, at->is_string() ? at->get<std::string>() : at->dump());
      }
    }
    rows.push_back(std::move(row));
  }
  return rows;
}

}  // namespace

const std::array<MeasurementColumn<std::string>, 9> kMeasurementTexts = {{{"id", &Row::id},
                                                                          {"op", &Row::op},
                                                                          {"gpu", &Row::gpu},
                                                                          {"dtype", &Row::dtype},
                                                                          {"kv_dtype", &Row::kv_dtype},
                                                                          {"distribution", &Row::distribution},
                                                                          {"mode", &Row::mode},
                                                                          {"stack", &Row::stack},
                                                                          {"kernel", &Row::kernel}}};

const std::array<MeasurementColumn<std::optional<double>>, 21> kMeasurementNumbers = {{{"m", &Row::m},
                                                                                       {"n", &Row::n},
                                                                                       {"k", &Row::k},
                                                                                       {"batch", &Row::batch},
                                                                                       {"isl", &Row::isl},
                                                                                       {"past", &Row::past},
                                                                                       {"heads", &Row::heads},
                                                                                       {"kv_heads", &Row::kv_heads},
                                                                                       {"head_dim", &Row::head_dim},
                                                                                       {"window", &Row::window},
                                                                                       {"tokens", &Row::tokens},
                                                                                       {"hidden", &Row::hidden},
                                                                                       {"inter", &Row::inter},
                                                                                       {"topk", &Row::topk},
                                                                                       {"experts", &Row::experts},
                                                                                       {"tp", &Row::tp},
                                                                                       {"ep", &Row::ep},
                                                                                       {"gpus", &Row::gpus},
                                                                                       {"bytes", &Row::bytes},
                                                                                       {"power_w", &Row::power_w},
                                                                                       {"us", &Row::us}}};

std::optional<std::string> measurement_field(const KernelMeasurement& row, std::string_view column) {
  for (const MeasurementColumn<std::string>& text : kMeasurementTexts) {
    if (text.name == column) {
      return row.*text.member;
    }
  }
  for (const MeasurementColumn<std::optional<double>>& number : kMeasurementNumbers) {
    if (number.name == column) {
      return row.*number.member ? fmt::format("{}", *(row.*number.member)) : "";
    }
  }
  return std::nullopt;
}

std::vector<KernelMeasurement> parse_kernel_measurements(const std::string& text, const std::string& file,
                                                         Problems& problems) {
  if (is_probe_text(text)) {
    return probe_measurements(parse_probe_file(text, file, problems));
  }
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  const bool json = first != std::string::npos && (text[first] == '[' || text[first] == '{');
  std::vector<Row> rows = json ? rows_of_json(text, file, problems) : rows_of_csv(text, file, problems);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (rows[i].id.empty()) {
      rows[i].id = fmt::format("row:{}", i + 1);
    }
  }
  return rows;
}

std::vector<KernelMeasurement> read_kernel_measurements(const std::string& path, Problems& problems) {
  std::string bytes;
  if (!read_possibly_gzipped(path, kMaxBytes, problems, bytes)) {
    return {};
  }
  return parse_kernel_measurements(bytes, path, problems);
}

}  // namespace aifactory
