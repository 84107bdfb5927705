#include "sim/study/backtest_kernels.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>

#include "models/catalog/accelerator_table.h"
#include "models/catalog/calibration_table.h"
#include "models/catalog/collective_table.h"
#include "models/fabric/collective.h"
#include "models/kernels/predict.h"
#include "models/units/pinned_math.h"
#include "sim/study/kernel_case.h"

namespace aifactory {
namespace {

using Row = KernelMeasurement;

// Half-width of ln(true / predicted) of a collective inside one node: held-out rows of NCCL and of the serving engines'
// own kernels scatter by about 12 % at the ninth decile.
constexpr double kCollectiveBand = 0.12;

// --- groups
// ------------------------------------------------------------------------------------------------------------

constexpr std::string_view kRegimeField = "regime";

std::optional<std::string> field_text(const Row& row, std::string_view field, std::string_view row_regime) {
  if (field == kRegimeField) {
    return std::string(row_regime);
  }
  return measurement_field(row, field);
}

void check_fields(const std::vector<std::string>& by) {
  for (const std::string& field : by) {
    if (!field_text({}, field, "")) {
      throw ConfigError("--by", "", fmt::format("measurements have no field \"{}\"", brief(field, 60)),
                        "op, gpu, dtype, kernel, stack, mode, regime or another column");
    }
  }
}

std::string group_of(const Row& row, const std::vector<std::string>& by, std::string_view row_regime) {
  std::string group;
  for (const std::string& field : by) {
    group += (group.empty() ? "" : "/") + *field_text(row, field, row_regime);
  }
  return group;
}

// --- one accelerator's models, made when its first row is met
// ----------------------------------------------------------

struct Device {
  Accelerator accelerator;
  std::shared_ptr<const KernelCalibration> calibration;
  CollectiveLaw law;
  std::map<KernelKey, ResolvedFit> fits;
};

class Devices {
 public:
  Devices(const Catalog& catalog, const std::vector<std::string>& without) : catalog_(catalog), without_(without) {}

  // Null and a reason when the catalogue does not know it.
  Device* find(const std::string& gpu, std::string& reason) {
    const auto known = devices_.find(gpu);
    if (known != devices_.end()) {
      return &known->second;
    }
    Problems problems;
    if (gpu.empty() || !catalog_.find("accelerators", gpu, problems)) {
      const std::vector<Problem> all = problems.sorted();
      reason = gpu.empty() ? "gpu is missing" : all.empty() ? "unknown gpu" : all.front().text();
      return nullptr;
    }
    Device device;
    device.accelerator = load_accelerator(catalog_, gpu);
    device.calibration = load_calibration(catalog_, device.accelerator, nullptr, without_);
    device.law = load_collective_law(catalog_, device.accelerator);
    return &devices_.emplace(gpu, std::move(device)).first->second;
  }

 private:
  const Catalog& catalog_;
  const std::vector<std::string>& without_;
  std::map<std::string, Device> devices_;
};

// --- collectives
// -------------------------------------------------------------------------------------------------------

struct CollectiveOp {
  std::string_view op;
  Collective operation;
  CollectiveStack stack;
};
constexpr std::array<CollectiveOp, 7> kCollectives = {
    {{"collective_all_reduce", Collective::kAllReduce, CollectiveStack::kLibrary},
     {"collective_all_gather", Collective::kAllGather, CollectiveStack::kLibrary},
     {"collective_reduce_scatter", Collective::kReduceScatter, CollectiveStack::kLibrary},
     {"collective_alltoall", Collective::kAllToAll, CollectiveStack::kLibrary},
     {"collective_all_to_all", Collective::kAllToAll, CollectiveStack::kLibrary},
     {"collective_broadcast", Collective::kBroadcast, CollectiveStack::kLibrary},
     {"collective_custom_all_reduce", Collective::kAllReduce, CollectiveStack::kEngine}}};

std::optional<Seconds> collective_seconds(const Row& row, const Device& device, std::string& reason) {
  const auto op =
      std::find_if(kCollectives.begin(), kCollectives.end(), [&](const CollectiveOp& c) { return c.op == row.op; });
  if (op == kCollectives.end()) {
    reason = fmt::format("unknown op \"{}\"", brief(row.op, 60));
    return std::nullopt;
  }
  const double gpus = row.gpus.value_or(0.0);
  if (!(gpus >= 2.0) || gpus != std::floor(gpus)) {
    reason = "gpus must be a whole number of at least 2";
    return std::nullopt;
  }
  if (gpus > device.accelerator.scale_up_domain) {
    reason = fmt::format("{} gpus exceed the scale-up domain of {}", gpus, device.accelerator.scale_up_domain);
    return std::nullopt;
  }
  if (!(row.bytes.value_or(0.0) > 0.0)) {
    reason = "bytes is missing or not positive";
    return std::nullopt;
  }
  System system;
  system.accelerator = device.accelerator;
  const CollectiveLaw law = op->stack == CollectiveStack::kEngine ? with_engine(device.law, row.kernel) : device.law;
  return collective_time(op->operation, Bytes{*row.bytes}, levels_for(system, static_cast<int>(gpus), law), op->stack);
}

}  // namespace

BacktestReport backtest_kernels(const Catalog& catalog, const std::vector<KernelMeasurement>& rows,
                                const KernelBacktestOptions& options) {
  check_fields(options.by);
  BacktestReport report;
  report.kind = !rows.empty() && std::all_of(rows.begin(), rows.end(), is_collective) ? "collectives" : "kernels";
  report.rows = rows.size();
  Devices devices(catalog, options.without);
  for (const Row& row : rows) {
    std::string reason = row.problem;
    if (reason.empty() && !(row.us.value_or(0.0) > 0.0)) {
      reason = "us is missing or not positive";
    }
    Device* device = reason.empty() ? devices.find(row.gpu, reason) : nullptr;
    if (device == nullptr) {
      report.skipped.emplace_back(row.id, reason);
      continue;
    }
    const double measured = *row.us * 1e-6;
    if (is_collective(row)) {
      if (const auto time = collective_seconds(row, *device, reason)) {
        const double t = time->value();
        report.predictions.push_back({row.id, "time", measured, t, t * pinned::exp(-kCollectiveBand),
                                      t * pinned::exp(kCollectiveBand), "s", false,
                                      group_of(row, options.by, "collective")});
        ++report.evaluated;
      } else {
        report.skipped.emplace_back(row.id, reason);
      }
      continue;
    }
    const std::optional<KernelCase> kernel = kernel_case(row, reason);
    if (kernel && !device->accelerator.supports(math_precision(kernel->key.format))) {
      reason = fmt::format("{} has no peak rate for {}", device->accelerator.id, brief(row.dtype, 60));
    }
    if (!reason.empty()) {
      report.skipped.emplace_back(row.id, reason);
      continue;
    }
    auto fit = device->fits.find(kernel->key);
    if (fit == device->fits.end()) {
      fit =
          device->fits.emplace(kernel->key, resolve(device->accelerator, device->calibration.get(), kernel->key)).first;
    }
    const KernelEstimate estimate = predict(device->accelerator, fit->second, kernel->work);
    const std::string group = group_of(row, options.by, name(regime(kernel->work, fit->second.rates)));
    report.predictions.push_back({row.id, "time", measured, estimate.time.value(), estimate.low.value(),
                                  estimate.high.value(), "s", false, group});
    ++report.evaluated;
    if (row.power_w.value_or(0.0) > 0.0) {
      const double watts = (estimate.energy / estimate.time).value();
      const LogBand& band = fit->second.power_band;
      report.predictions.push_back({row.id, "power", *row.power_w, watts, watts * pinned::exp(band.low),
                                    watts * pinned::exp(band.high), "W", false, group});
    }
  }
  return report;
}

}  // namespace aifactory
