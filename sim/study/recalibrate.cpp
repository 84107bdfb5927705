#include "sim/study/recalibrate.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <tuple>

#include "models/catalog/accelerator_table.h"
#include "models/catalog/calibration_table.h"
#include "models/kernels/calibration_fit.h"
#include "models/kernels/fit_options.h"
#include "models/kernels/predict.h"
#include "sim/study/backtest_probe.h"

namespace aifactory {
namespace {

constexpr std::size_t kLeastSamples = 4;  // fewer say nothing that their own scatter does not
constexpr std::size_t kLeastGroups = 8;   // fewer may all fall into one half: then records are split one by one

struct Sample {
  FitSample fit;
  std::size_t record = 0;
  std::uint64_t order = 0;                   // by which few are chosen of many
  bool by_group = false, by_record = false;  // in the half that serves
};

bool in_first_half(const std::string& text) {
  return stable_hash("half " + text) % 2 == 0;
}

// By kernel the half that serves, in the order of choice.
std::map<KernelKey, std::vector<Sample>> samples_of(const ProbeFile& file, const Accelerator& accelerator,
                                                    const KernelCalibration* known) {
  const std::vector<std::string> reasons = reasons_to_skip(file);
  std::map<KernelKey, std::vector<Sample>> by_key;
  std::map<KernelKey, std::set<std::uint64_t>> groups;
  for (std::size_t i = 0; i < file.records.size(); ++i) {
    const ProbeRecord& record = file.records[i];
    std::string reason = reasons[i];
    const std::optional<KernelCase> kernel =
        reason.empty() ? probe_case(record, file.gpu, record.mode, reason) : std::nullopt;
    if (!kernel || !accelerator.supports(math_precision(kernel->key.format)) || record.hold_out) {
      continue;
    }
    // A product without the pass that quantises is read as one with it: the law is of that.
    const double pass = kernel->fused ? quantising_pass(resolve(accelerator, known, kernel->key), kernel->work) : 0.0;
    const double law = predict(accelerator, resolve(accelerator, known, kernel->key), kernel->work).time.value();
    if (!(law > 0.0) || !std::isfinite(record.us * 1e-6 / law) || !(record.us * 1e-6 / law > 1e-6)) {
      continue;  // no kernel takes so long or so short
    }
    const std::string id = probe_id(record);
    Sample sample{{kernel->work, record.us * 1e-6 + pass, record.power_w.value_or(0.0), stable_hash(kernel->group)},
                  i,
                  stable_hash(id)};
    sample.by_group = in_first_half(kernel->group);
    sample.by_record = in_first_half(id);
    groups[kernel->key].insert(sample.fit.group);
    by_key[kernel->key].push_back(std::move(sample));
  }
  for (auto& [key, samples] : by_key) {
    const bool many = groups.at(key).size() >= kLeastGroups;
    samples.erase(std::remove_if(samples.begin(), samples.end(),
                                 [&](const Sample& s) { return !(many ? s.by_group : s.by_record); }),
                  samples.end());
    std::sort(samples.begin(), samples.end(), [](const Sample& a, const Sample& b) {
      return std::tie(a.order, a.fit.seconds, a.record) < std::tie(b.order, b.fit.seconds, b.record);
    });
  }
  return by_key;
}

void put(KernelCalibration& calibration, const KernelKey& key, KernelFit fit) {
  const auto at = std::lower_bound(calibration.entries.begin(), calibration.entries.end(), key,
                                   [](const KernelCalibration::Entry& e, const KernelKey& k) { return e.key < k; });
  if (at != calibration.entries.end() && at->key == key) {
    at->fit = std::move(fit);
  } else {
    calibration.entries.insert(at, {key, std::move(fit)});
  }
}

}  // namespace

Recalibration recalibrate(const Catalog& catalog, const ProbeFile& file, const std::string& path, std::size_t shapes,
                          const MeasurementOrigin& origin, const std::vector<std::string>& by) {
  Problems problems;
  if (!catalog.find("accelerators", file.gpu, problems, path, "/gpu/name")) {
    problems.throw_if_any();
  }
  const Accelerator accelerator = load_accelerator(catalog, file.gpu);
  const std::shared_ptr<const KernelCalibration> known = load_calibration(catalog, accelerator);
  Recalibration result;
  result.rows = file.records.size();
  KernelCalibration& calibration = result.calibration;
  if (known) {
    calibration = *known;
  }
  calibration.id = calibration.accelerator = accelerator.id;
  calibration.name = accelerator.name + " kernels";
  calibration.source = known ? fmt::format("{}; corrected by {}", known->source, origin.source) : origin.source;
  calibration.source_key = origin.source_key;
  calibration.as_of = origin.as_of;
  calibration.grade = Grade::kHeldOut;

  std::set<std::size_t> seen;  // the halves that fits were chosen from: their configurations are known
  for (const auto& [key, samples] : samples_of(file, accelerator, known.get())) {
    const std::string name_of_key =
        fmt::format("{} {} {}", name(key.op), name(key.format), kClockingNames[static_cast<std::size_t>(key.clocking)]);
    std::set<std::uint64_t> configurations;
    for (const Sample& s : samples) {
      configurations.insert(s.order);
    }
    if (configurations.size() < kLeastSamples) {
      result.kept.emplace_back(name_of_key,
                               fmt::format("{} configurations, fewer than {}", configurations.size(), kLeastSamples));
      continue;
    }
    std::vector<FitSample> fitted;
    for (const Sample& s : samples) {
      if (fitted.size() < shapes) {
        fitted.push_back(s.fit);
      }
      seen.insert(s.record);
    }
    result.fitted += fitted.size();
    const KernelFit base = nearest_fit(accelerator, known.get(), key);
    FitOutcome outcome = key.op == KernelOp::kStream
                             ? fit_kernel(accelerator, key.format, fitted, fit_options(key))
                             : correct_kernel(accelerator, key.format, base, fitted, correction_options(key));
    outcome.fit.stack = base.stack.empty() ? "kernel_probe" : base.stack + "; kernel_probe";
    put(calibration, key, std::move(outcome.fit));
  }

  ProbeBacktestOptions options;
  options.by = by;
  options.left_out = seen;
  options.calibration = known;
  result.before = backtest_probe(catalog, file, path, options);
  options.calibration = std::make_shared<const KernelCalibration>(calibration);
  result.after = backtest_probe(catalog, file, path, options);
  return result;
}

nlohmann::json recalibration_json(const Recalibration& recalibration) {
  nlohmann::json json = {{"accelerator", recalibration.calibration.accelerator},
                         {"rows", recalibration.rows},
                         {"fitted", recalibration.fitted},
                         {"kept", nlohmann::json::array()},
                         {"before", backtest_json(recalibration.before)},
                         {"after", backtest_json(recalibration.after)}};
  for (const auto& [kernel, reason] : recalibration.kept) {
    json["kept"].push_back({{"kernel", kernel}, {"reason", reason}});
  }
  return json;
}

}  // namespace aifactory
