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
#include "models/kernels/predict.h"
#include "models/units/pinned_math.h"
#include "sim/study/backtest_collectives.h"
#include "sim/study/kernel_case.h"
#include "sim/study/tactic_state.h"

namespace aifactory {
namespace {

using Row = KernelMeasurement;

// --- groups
// ------------------------------------------------------------------------------------------------------------

// Fields that the model derives from a row.
struct DerivedFields {
  std::string_view regime = "";
  std::string_view variant = "";
};

std::optional<std::string> field_text(const Row& row, std::string_view field, const DerivedFields& derived) {
  if (field == "regime") {
    return std::string(derived.regime);
  }
  if (field == "variant") {
    return std::string(derived.variant);
  }
  return measurement_field(row, field);
}

void check_fields(const std::vector<std::string>& by) {
  for (const std::string& field : by) {
    if (!field_text({}, field, {})) {
      throw ConfigError("--by", "", fmt::format("measurements have no field \"{}\"", brief(field, 60)),
                        "op, gpu, dtype, kernel, stack, mode, regime, variant or another column");
    }
  }
}

std::string group_of(const Row& row, const std::vector<std::string>& by, const DerivedFields& derived) {
  std::string group;
  for (const std::string& field : by) {
    group += (group.empty() ? "" : "/") + *field_text(row, field, derived);
  }
  return group;
}

// --- one accelerator's models, made when its first row is met
// ----------------------------------------------------------

struct Device {
  Accelerator accelerator;
  std::shared_ptr<const KernelCalibration> calibration;
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
    return &devices_.emplace(gpu, std::move(device)).first->second;
  }

 private:
  const Catalog& catalog_;
  const std::vector<std::string>& without_;
  std::map<std::string, Device> devices_;
};

// The kernel of each row, or nothing and why.
struct ReadRow {
  std::optional<KernelCase> kernel;
  std::string reason;
};

std::vector<ReadRow> read_rows(const std::vector<Row>& rows) {
  std::vector<ReadRow> read(rows.size());
  std::map<std::pair<std::string, KernelKey>, std::vector<std::size_t>> grouped;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    read[i].reason = rows[i].problem;
    if (read[i].reason.empty() && !(rows[i].us.value_or(0.0) > 0.0)) {
      read[i].reason = "us is missing or not positive";
    }
    if (read[i].reason.empty() && !is_collective(rows[i])) {
      read[i].kernel = kernel_case(rows[i], read[i].reason);
      if (read[i].kernel && read[i].kernel->key.op == KernelOp::kGroupedGemm) {
        grouped[{rows[i].gpu, read[i].kernel->key}].push_back(i);
      }
    }
  }
  for (const auto& [key, members] : grouped) {
    if (key.second.variant != KernelVariant::kDefault) {
      continue;
    }
    std::vector<TimedWork> timed;
    for (const std::size_t i : members) {
      timed.push_back({&read[i].kernel->work, *rows[i].us, stable_hash(read[i].kernel->sweep)});
    }
    const std::vector<bool> untuned = fell_back(timed);
    for (std::size_t j = 0; j < members.size(); ++j) {
      if (untuned[j]) {
        read[members[j]].kernel->key.variant = KernelVariant::kUntuned;
      }
    }
  }
  return read;
}

}  // namespace

BacktestReport backtest_kernels(const Catalog& catalog, const std::vector<KernelMeasurement>& rows,
                                const KernelBacktestOptions& options) {
  check_fields(options.by);
  BacktestReport report;
  report.kind = !rows.empty() && std::all_of(rows.begin(), rows.end(), is_collective) ? "collectives" : "kernels";
  report.rows = rows.size();
  Devices devices(catalog, options.without);
  CollectivePredictor collectives(catalog);
  const std::vector<ReadRow> read = read_rows(rows);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const Row& row = rows[i];
    std::string reason = read[i].reason;
    Device* device = reason.empty() ? devices.find(row.gpu, reason) : nullptr;
    if (device == nullptr) {
      report.skipped.emplace_back(row.id, reason);
      continue;
    }
    const double measured = *row.us * 1e-6;
    if (is_collective(row)) {
      if (const auto predicted = collectives.predict(collective_row(row), reason)) {
        const double t = predicted->time.value();
        report.predictions.push_back({row.id, "time", measured, t, predicted->low.value(), predicted->high.value(), "s",
                                      false, group_of(row, options.by, {"collective"})});
        ++report.evaluated;
      } else {
        report.skipped.emplace_back(row.id, reason);
      }
      continue;
    }
    const std::optional<KernelCase>& kernel = read[i].kernel;
    if (!device->accelerator.supports(math_precision(kernel->key.format))) {
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
    const KernelEstimate estimate = kernel->fused ? predict_fused(device->accelerator, fit->second, kernel->work)
                                                  : predict(device->accelerator, fit->second, kernel->work);
    const std::string group =
        group_of(row, options.by, {name(regime(kernel->work, fit->second.rates)), name(kernel->key.variant)});
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
