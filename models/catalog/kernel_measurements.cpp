#include "models/catalog/kernel_measurements.h"

#include <fmt/format.h>

#include <array>
#include <string_view>

#include "models/catalog/csv.h"
#include "models/catalog/measured_table.h"
#include "models/catalog/probe_file.h"

namespace aifactory {
namespace {

using Row = KernelMeasurement;
constexpr std::size_t kMaxBytes = std::size_t{1} << 30;

// Where a table has the columns of kernel measurements.
struct Positions {
  explicit Positions(const MeasuredColumns& columns) {
    for (std::size_t c = 0; c < kMeasurementTexts.size(); ++c) {
      texts[c] = columns.find(kMeasurementTexts[c].name);
    }
    for (std::size_t c = 0; c < kMeasurementNumbers.size(); ++c) {
      numbers[c] = columns.find(kMeasurementNumbers[c].name);
    }
  }
  std::array<std::optional<std::size_t>, kMeasurementTexts.size()> texts;
  std::array<std::optional<std::size_t>, kMeasurementNumbers.size()> numbers;
};

Row row_of(const MeasuredRow& cells, const Positions& at) {
  Row row;
  row.problem = cells.problem();
  for (std::size_t c = 0; c < kMeasurementTexts.size(); ++c) {
    if (at.texts[c]) {
      row.*kMeasurementTexts[c].member = cells.cell(*at.texts[c]);
    }
  }
  for (std::size_t c = 0; c < kMeasurementNumbers.size(); ++c) {
    const std::string& text = cells.cell(at.numbers[c].value_or(std::string::npos));
    if (text.empty()) {
      continue;
    }
    row.*kMeasurementNumbers[c].member = number_in(text);
    if (!number_in(text) && row.problem.empty()) {
      row.problem = fmt::format("{} is not a number: {}", kMeasurementNumbers[c].name, brief(text, 40));
    }
  }
  row.id = cells.id();
  return row;
}

}  // namespace

const std::array<MeasurementColumn<std::string>, 10> kMeasurementTexts = {{{"id", &Row::id},
                                                                           {"op", &Row::op},
                                                                           {"gpu", &Row::gpu},
                                                                           {"dtype", &Row::dtype},
                                                                           {"kv_dtype", &Row::kv_dtype},
                                                                           {"distribution", &Row::distribution},
                                                                           {"mode", &Row::mode},
                                                                           {"stack", &Row::stack},
                                                                           {"kernel", &Row::kernel},
                                                                           {"quantisation", &Row::quantisation}}};

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
  return kernel_measurements_of(parse_measured_table(text, file, problems));
}

std::vector<KernelMeasurement> kernel_measurements_of(const MeasuredTable& table) {
  const Positions positions(*table.columns);
  std::vector<Row> rows;
  rows.reserve(table.rows.size());
  for (const MeasuredRow& cells : table.rows) {
    rows.push_back(row_of(cells, positions));
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
