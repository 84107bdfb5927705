#include "sim/study/calibrate.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <set>
#include <tuple>

#include "models/catalog/accelerator_table.h"
#include "models/catalog/calibration_table.h"
#include "models/kernels/calibration_fit.h"
#include "models/kernels/fit_options.h"
#include "models/kernels/predict.h"
#include "models/units/pinned_math.h"
#include "sim/study/kernel_case.h"
#include "sim/study/tactic_state.h"

namespace aifactory {
namespace {

constexpr std::size_t kLeastRows = 40;  // fewer cannot pin the law and a fold of held-out rows

struct KernelRows {
  std::vector<FitSample> samples;
  std::vector<std::uint64_t> sweeps;  // of the samples
  std::vector<std::string> ids;
  std::map<std::string, std::size_t> stacks;
};

bool before(const FitSample& a, const FitSample& b) {
  return std::tie(a.group, a.work.coordinates, a.work.bytes, a.seconds, a.watts) <
         std::tie(b.group, b.work.coordinates, b.work.bytes, b.seconds, b.watts);
}

std::string commonest(const std::map<std::string, std::size_t>& counts) {
  std::string best;
  std::size_t most = 0;
  for (const auto& [text, n] : counts) {
    if (n > most) {
      best = text;
      most = n;
    }
  }
  return best;
}

// Grouped GEMMs whose sweep fell back to an untuned tile configuration get a law of their own, where they are many
// enough and their median time is beyond what the law of the others says: block-scaled libraries choose by rule, and
// the few rows of theirs that others dominate are as fast as their law.
void separate_untuned(const Accelerator& accelerator, std::map<KernelKey, KernelRows>& kernels) {
  constexpr double kSlower = 1.15;
  std::map<KernelKey, KernelRows> separated;
  for (auto& [key, list] : kernels) {
    if (key.op != KernelOp::kGroupedGemm || key.variant != KernelVariant::kDefault) {
      continue;
    }
    std::vector<TimedWork> timed;
    for (std::size_t i = 0; i < list.samples.size(); ++i) {
      timed.push_back({&list.samples[i].work, list.samples[i].seconds, list.sweeps[i]});
    }
    const std::vector<bool> untuned = fell_back(timed);
    std::array<KernelRows, 2> parts;
    for (std::size_t i = 0; i < list.samples.size(); ++i) {
      KernelRows& part = parts[untuned[i] ? 1 : 0];
      part.samples.push_back(list.samples[i]);
      part.ids.push_back(list.ids[i]);
    }
    KernelRows& tuned = parts[0];
    KernelRows& fallback = parts[1];
    if (tuned.samples.size() < kLeastRows || fallback.samples.size() < kLeastRows) {
      continue;
    }
    std::sort(tuned.samples.begin(), tuned.samples.end(), before);
    const DeviceRates rates = device_rates(accelerator, key.format);
    const LawParameters law = fit_law(tuned.samples, rates, fit_options(key));
    const auto slowness = [&](const KernelRows& part) {
      std::vector<double> ratios;
      for (const FitSample& s : part.samples) {
        ratios.push_back(s.seconds / law_time(law, s.work, rates));
      }
      const auto middle = ratios.begin() + static_cast<std::ptrdiff_t>(ratios.size() / 2);
      std::nth_element(ratios.begin(), middle, ratios.end());
      return *middle;
    };
    if (slowness(fallback) < kSlower * slowness(tuned)) {
      continue;
    }
    tuned.stacks = fallback.stacks = list.stacks;
    KernelKey other = key;
    other.variant = KernelVariant::kUntuned;
    separated.emplace(other, std::move(fallback));
    list = std::move(tuned);
  }
  kernels.merge(separated);
}

void add_errors(CalibrationReport& report, const Accelerator& accelerator, const KernelKey& key,
                const std::vector<FitSample>& samples, bool published_sweep, const FitOutcome& outcome) {
  const DeviceRates rates = device_rates(accelerator, key.format);
  std::vector<BacktestPrediction> times;
  std::vector<BacktestPrediction> powers;
  std::vector<const FitSample*> time_samples;
  std::vector<const FitSample*> power_samples;
  for (std::size_t i = 0; i < samples.size(); ++i) {
    const LogBand& band = outcome.held_out.bands[i];
    const double seconds = outcome.held_out.seconds[i];
    times.push_back({"", "time", samples[i].seconds, seconds, seconds * pinned::exp(band.low),
                     seconds * pinned::exp(band.high), "s", false, ""});
    time_samples.push_back(&samples[i]);
    if (samples[i].watts > 0.0) {
      const double watts = outcome.held_out.watts[i];
      const LogBand& power = outcome.held_out.power_bands[i];
      powers.push_back({"", "power", samples[i].watts, watts, watts * pinned::exp(power.low),
                        watts * pinned::exp(power.high), "W", false, ""});
      power_samples.push_back(&samples[i]);
    }
  }
  const auto add = [&](const std::vector<BacktestPrediction>& predictions, const std::vector<const FitSample*>& of,
                       const std::string& part, const auto& belongs) {
    std::vector<const BacktestPrediction*> chosen;
    for (std::size_t i = 0; i < predictions.size(); ++i) {
      if (belongs(*of[i])) {
        chosen.push_back(&predictions[i]);
      }
    }
    if (!chosen.empty()) {
      report.errors.push_back({accelerator.id, key, chosen.front()->metric, part, summarise(chosen)});
    }
  };
  const auto add_parts = [&](const std::vector<BacktestPrediction>& predictions,
                             const std::vector<const FitSample*>& of) {
    for (std::size_t r = 0; r < kRegimeCount; ++r) {
      add(predictions, of, std::string(kRegimeNames[r]),
          [&](const FitSample& s) { return static_cast<std::size_t>(regime(s.work, rates)) == r; });
    }
    add(predictions, of, "all", [](const FitSample&) { return true; });
  };
  add_parts(times, time_samples);
  if (key.op == KernelOp::kGemm) {
    add(times, time_samples, "wide", [](const FitSample& s) {
      constexpr double kWide = 9.0;  // log2 512
      return s.work.coordinates[1] >= kWide && s.work.coordinates[2] >= kWide;
    });
  }
  add_parts(powers, power_samples);
  // The published sweep replays 3,000 graphs of six products, of one in fp4, but for no more than a second; its meter
  // averages over about that long, so that shorter runs are read with what the device did before.
  const double launches = key.format == GemmFormat::kFp4 ? 3e3 : 18e3;
  if (published_sweep) {
    add(powers, power_samples, "full_second", [&](const FitSample& s) { return s.seconds * launches >= 1.0; });
  }
  add(powers, power_samples, "steady_meter",
      [](const FitSample& s) { return s.work.coordinates[kMeterCoordinate] == 0.0; });
}

}  // namespace

CalibrationReport calibrate(const Catalog& catalog, const std::vector<KernelMeasurement>& rows,
                            const MeasurementOrigin& origin) {
  CalibrationReport report;
  report.rows = rows.size();
  std::map<std::string, Accelerator> accelerators;                   // by the name rows use
  std::map<std::string, std::map<KernelKey, KernelRows>> by_device;  // by accelerator id
  std::map<std::string, const Accelerator*> devices;
  std::map<std::string, std::shared_ptr<const KernelCalibration>> catalogued;  // the catalogue's, by accelerator id
  const auto known_of = [&](const Accelerator& accelerator) -> const std::shared_ptr<const KernelCalibration>& {
    const auto at = catalogued.find(accelerator.id);
    return at != catalogued.end()
               ? at->second
               : catalogued.emplace(accelerator.id, load_calibration(catalog, accelerator)).first->second;
  };
  for (const KernelMeasurement& row : rows) {
    std::string reason;
    if (is_collective(row)) {
      report.skipped.emplace_back(row.id, "collectives are calibrated with the fabric");
      continue;
    }
    const std::optional<KernelCase> kernel = kernel_case(row, reason);
    if (kernel && !(row.us.value_or(0.0) > 0.0)) {
      reason = "us is missing or not positive";
    }
    if (!reason.empty()) {
      report.skipped.emplace_back(row.id, reason);
      continue;
    }
    const auto known = accelerators.find(row.gpu);
    if (known == accelerators.end() && !catalog.contains("accelerators", row.gpu)) {
      report.skipped.emplace_back(row.id, fmt::format("unknown gpu \"{}\"", brief(row.gpu, 60)));
      continue;
    }
    const Accelerator& accelerator =
        known != accelerators.end() ? known->second
                                    : accelerators.emplace(row.gpu, load_accelerator(catalog, row.gpu)).first->second;
    if (!accelerator.supports(math_precision(kernel->key.format))) {
      report.skipped.emplace_back(row.id, fmt::format("{} has no peak rate for {}", accelerator.id, row.dtype));
      continue;
    }
    devices.emplace(accelerator.id, &accelerator);
    KernelRows& list = by_device[accelerator.id][kernel->key];
    // A product timed without the pass that quantises is read as one with it, which the catalogue knows: laws are of
    // that.
    const double pass =
        kernel->fused ? quantising_pass(resolve(accelerator, known_of(accelerator).get(), kernel->key), kernel->work)
                      : 0.0;
    list.samples.push_back(
        {kernel->work, *row.us * 1e-6 + pass, row.power_w.value_or(0.0), stable_hash(kernel->group)});
    list.sweeps.push_back(stable_hash(kernel->sweep));
    list.ids.push_back(row.id);
    ++list.stacks[row.kernel.empty() ? row.stack : fmt::format("{} {}", row.stack, row.kernel)];
  }
  for (auto& [id, kernels] : by_device) {
    const Accelerator& accelerator = *devices.at(id);
    KernelCalibration calibration;
    calibration.id = id;
    calibration.accelerator = id;
    calibration.name = accelerator.name + " kernels";
    calibration.source = origin.source;
    calibration.source_key = origin.source_key;
    calibration.as_of = origin.as_of;
    separate_untuned(accelerator, kernels);
    for (auto& [key, list] : kernels) {
      std::sort(list.samples.begin(), list.samples.end(), before);
      if (list.samples.size() < kLeastRows) {
        for (const std::string& row : list.ids) {
          report.skipped.emplace_back(row, fmt::format("{} of {} in {}: {} rows, fewer than {}", name(key.op), id,
                                                       name(key.format), list.ids.size(), kLeastRows));
        }
        continue;
      }
      FitOutcome outcome = fit_kernel(accelerator, key.format, list.samples, fit_options(key));
      outcome.fit.stack = commonest(list.stacks);
      report.fitted += list.samples.size();
      add_errors(report, accelerator, key, list.samples, list.stacks.rbegin()->first.rfind(kPublishedSweep, 0) == 0,
                 outcome);
      calibration.entries.push_back({key, std::move(outcome.fit)});
    }
    if (!calibration.entries.empty()) {
      report.calibrations.push_back(std::move(calibration));
    }
  }
  return report;
}

std::string calibration_text(const KernelCalibration& calibration) {
  nlohmann::json head = calibration_json(calibration);
  const nlohmann::json kernels = head.at("kernels");
  head.erase("kernels");
  std::string text = head.dump(2);
  text.resize(text.size() - 2);  // without the closing brace and its line
  text += ",\n  \"kernels\": [";
  for (std::size_t i = 0; i < kernels.size(); ++i) {
    text += (i == 0 ? "\n    " : ",\n    ") + kernels[i].dump();
  }
  return text + "\n  ]\n}\n";
}

nlohmann::json calibration_report_json(const CalibrationReport& report) {
  nlohmann::json json = {{"rows", report.rows},
                         {"fitted", report.fitted},
                         {"skipped", nlohmann::json::array()},
                         {"errors", nlohmann::json::array()}};
  for (const auto& [id, reason] : report.skipped) {
    json["skipped"].push_back({{"id", id}, {"reason", reason}});
  }
  for (const CalibrationError& e : report.errors) {
    json["errors"].push_back({{"accelerator", e.accelerator},
                              {"op", name(e.key.op)},
                              {"format", name(e.key.format)},
                              {"kv", name(e.key.kv)},
                              {"clocking", kClockingNames[static_cast<std::size_t>(e.key.clocking)]},
                              {"variant", name(e.key.variant)},
                              {"metric", e.metric},
                              {"regime", e.regime},
                              {"n", e.summary.n},
                              {"median_ape", e.summary.median_ape},
                              {"p90_ape", e.summary.p90_ape},
                              {"bias", e.summary.bias},
                              {"band_coverage", e.summary.band_coverage}});
  }
  return json;
}

}  // namespace aifactory
