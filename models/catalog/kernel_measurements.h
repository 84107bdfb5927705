// Measured kernel and collective times: CSV or JSON files, plain or gzipped, in the columns that kernel tables are
// published in (one row per configuration; an empty field means the column does not apply).
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "models/catalog/config_error.h"
#include "models/catalog/measured_table.h"

namespace aifactory {

// Text columns are "" and numeric ones absent where the file has none. `us` microseconds, `bytes` bytes, `power_w`
// watts.
struct KernelMeasurement {
  std::string id;  // as in the file, else "row:N", N from 1
  std::string op, gpu, dtype, kv_dtype, distribution, mode, stack, kernel;
  std::string
      quantisation;  // of a product's activations: "" or "standalone" (a pass that was timed), "fused" (was not)
  std::optional<double> m, n, k;
  std::optional<double> batch, isl, past, heads, kv_heads, head_dim, window;
  std::optional<double> tokens, hidden, inter, topk, experts, tp, ep;
  std::optional<double> gpus, bytes;
  std::optional<double> power_w, us;
  std::string problem;  // why a row cannot be read (a field that is not a number), else ""
};

// The columns that configurations are made of, by name: the one list that readers, groups and messages share.
template <class Member>
struct MeasurementColumn {
  std::string_view name;
  Member KernelMeasurement::*member;
};
extern const std::array<MeasurementColumn<std::string>, 10> kMeasurementTexts;
extern const std::array<MeasurementColumn<std::optional<double>>, 21> kMeasurementNumbers;

// The text of a column ("" where it is absent; a number in its shortest form); nothing when there is no such column.
std::optional<std::string> measurement_field(const KernelMeasurement& row, std::string_view column);

// Unknown columns are ignored; a missing optional one is absent.
std::vector<KernelMeasurement> kernel_measurements_of(const MeasuredTable& table);

// Rows of a table (measured_table.h) or of a kernel-probe/1 file (probe_file.h).
std::vector<KernelMeasurement> parse_kernel_measurements(const std::string& text, const std::string& file,
                                                         Problems& problems);

std::vector<KernelMeasurement> read_kernel_measurements(const std::string& path, Problems& problems);

}  // namespace aifactory
