// kernel-probe/1 files: what kernel_probe (tools/probe) found on one GPU. tools/probe/README.md describes the format
// for people; the table here validates it and gives its JSON Schema.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "models/catalog/config_error.h"
#include "models/catalog/field_table.h"
#include "models/catalog/kernel_measurements.h"

namespace aifactory {

// A kernel without its times; `dtype` is of the operands. Shapes are per accelerator.
struct ProbeKernel {
  std::string op, impl, dtype, detail;
  std::map<std::string, double> shape;

  [[nodiscard]] std::optional<double> number(const std::string& name) const;
};

struct ProbeRecord : ProbeKernel {
  std::string l2, mode, launch, model;
  int repeat_group = 0;
  bool hold_out = false;
  std::vector<ProbeKernel> parts;  // of a layer, in order; of an interference, the kernel disturbed
  double us = 0.0;                 // median of one launch
  double bytes = 0.0;
  std::optional<double> power_w, energy_j;  // energy of one launch
  std::optional<double> check_error, check_tolerance;
  std::vector<std::string> throttle;  // why clocks were held down

  [[nodiscard]] bool wrong() const { return check_error && *check_error > check_tolerance.value_or(0.0); }
};

struct ProbeSkipped {
  std::string key, reason;
};

struct ProbeFile {
  std::string gpu;  // as the driver names it: an alias of a catalogue entry
  std::string driver, cuda, cublas, cudnn;
  std::string date;
  std::string note;
  std::vector<ProbeRecord> records;
  std::vector<ProbeSkipped> skipped;
  std::vector<std::string> left;
  std::optional<double> repeatability;  // median difference of two passes over their mean
};

const FieldTable<ProbeFile>& probe_table();

bool is_probe_text(const std::string& text);  // JSON whose schema says so

ProbeFile parse_probe_file(const std::string& text, const std::string& file, Problems& problems);
ProbeFile read_probe_file(const std::string& path, Problems& problems);  // plain or gzipped

// Identity of a record within its file, for reports: "gemm m=1 n=6144 k=4096 bf16 cublaslt burst".
std::string probe_id(const ProbeRecord& record);

// The row of the kernel tables that describes a kernel, without times. Only ops that such tables have; others keep
// their own name and are refused where they are used.
KernelMeasurement measurement_of(const ProbeKernel& kernel, const std::string& gpu, const std::string& mode);

// Of every record, why it is not compared or fitted, "" when it is: repeated, wrong, warm cache, or an own kernel where
// the file has the same configuration through a vendor's library.
std::vector<std::string> reasons_to_skip(const ProbeFile& file);

// All records as rows to fit; `problem` says why one must not be: reasons_to_skip, or kept for validation.
std::vector<KernelMeasurement> probe_measurements(const ProbeFile& file);

}  // namespace aifactory
