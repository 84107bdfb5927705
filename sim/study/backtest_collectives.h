// Collective times predicted from the configuration of each row, against the row: NCCL and engine kernels inside a
// node, collectives beyond it, and expert-parallel exchanges.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "models/catalog/catalog.h"
#include "models/catalog/kernel_measurements.h"
#include "models/catalog/measured_table.h"
#include "models/fabric/collective_case.h"
#include "models/hardware/accelerator.h"
#include "sim/study/backtest_report.h"

namespace aifactory {

// Columns: id, gpu, gpus, nodes, devices_per_node, domain, op, algo, kernel, dtype, bytes, tokens_per_rank, hidden,
// topk, experts; measured time_us or busbw_GBps. Absent texts are "", absent numbers 0. Others are ignored.
struct CollectiveRow {
  std::string id, gpu, op, algo, kernel, dtype, domain, variant, label;
  std::string problem;  // why the row cannot be read, else ""
  double gpus = 0.0, nodes = 0.0, devices_per_node = 0.0, bytes = 0.0;
  double tokens_per_rank = 0.0, hidden = 0.0, topk = 0.0, experts = 0.0;
  double time_us = 0.0, busbw_GBps = 0.0;
  bool replayed = false;  // from a captured graph (kernel tables); nccl-tests and frameworks call one by one
};

std::vector<CollectiveRow> collective_rows_of(const MeasuredTable& table);
// A collective_* row of a kernel file; its `kernel` names the engine of a custom all-reduce.
CollectiveRow collective_row(const KernelMeasurement& row);

// From time_us, else from busbw; zero where neither is given.
Seconds measured_time(const CollectiveRow& row);

struct CollectivePrediction {
  Seconds time{}, low{}, high{};  // P10 and P90 of the truth
};

// Keeps what it loads; one per thread.
class CollectivePredictor {
 public:
  explicit CollectivePredictor(const Catalog& catalog) : catalog_(catalog) {}

  // Never read the measured columns. On failure nothing, and `reason` says what is unknown or impossible.
  std::optional<CollectiveCase> case_of(const CollectiveRow& row, std::string& reason);
  std::optional<CollectivePrediction> predict(const CollectiveRow& row, std::string& reason);

  // Null when the catalogue has none of this name.
  const Accelerator* accelerator_of(const std::string& gpu) {
    std::string ignored;
    const Device* found = device(gpu, ignored);
    return found == nullptr ? nullptr : &found->accelerator;
  }
  // Of an accelerator whose rows have cases.
  const CollectiveLaw& law_of(const std::string& gpu) const { return devices_.at(gpu)->law; }

 private:
  struct Device {
    Accelerator accelerator;
    CollectiveLaw law;
  };
  const Device* device(const std::string& gpu, std::string& reason);

  const Catalog& catalog_;
  std::map<std::string, std::unique_ptr<Device>> devices_;
};

// Metric `time` (s), from time_us, else from busbw. `by` takes text columns, gpus, nodes, and "reach" (node or beyond,
// with the size class). Throws ConfigError for an unknown one.
BacktestReport backtest_collectives(const Catalog& catalog, const std::vector<CollectiveRow>& rows,
                                    const std::vector<std::string>& by = {});

}  // namespace aifactory
