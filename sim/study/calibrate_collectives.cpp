#include "sim/study/calibrate_collectives.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <tuple>

#include "models/fabric/collective_fit.h"
#include "models/units/pinned_math.h"
#include "sim/study/kernel_case.h"
#include "sim/study/parallel.h"

namespace aifactory {
namespace {

// What decides a row's time, the accelerator apart.
std::uint64_t group_of(const CollectiveRow& row) {
  return stable_hash(fmt::format("{}|{}|{}|{}|{}|{}|{}|{}|{}|{}|{}|{}", row.op, row.kernel, row.algo, row.domain,
                                 row.dtype, row.gpus, row.nodes, row.devices_per_node, row.bytes, row.tokens_per_rank,
                                 row.hidden, row.topk));
}

constexpr std::size_t kLeastErrors = 25;  // of a law and regime; else those of the regime in all laws, else all

// Errors of held-out samples, ln(measured / predicted), and the bands that they make.
class HeldOutErrors {
 public:
  void add(const CollectiveSample& sample, double predicted, std::size_t fold) {
    errors_.push_back({sample.law, static_cast<std::size_t>(regime_of(sample.one)), fold,
                       pinned::log(sample.measured.value() / predicted)});
  }
  // P10 and P90 of those of a regime of a law, without those of one fold.
  [[nodiscard]] LogBand band(std::size_t law, std::size_t regime, std::size_t without) const {
    std::vector<double> own, alike, all;
    for (const Error& e : errors_) {
      if (e.fold == without) {
        continue;
      }
      all.push_back(e.log);
      if (e.regime == regime) {
        alike.push_back(e.log);
        if (e.law == law) {
          own.push_back(e.log);
        }
      }
    }
    std::vector<double>& taken = own.size() >= kLeastErrors ? own : alike.size() >= kLeastErrors ? alike : all;
    if (taken.empty()) {
      return {};
    }
    std::sort(taken.begin(), taken.end());
    return {std::min(0.0, quantile(taken, 0.1)), std::max(0.0, quantile(taken, 0.9))};
  }
  [[nodiscard]] bool any(std::size_t law, std::size_t regime) const {
    return std::any_of(errors_.begin(), errors_.end(),
                       [&](const Error& e) { return e.law == law && e.regime == regime; });
  }

 private:
  struct Error {
    std::size_t law, regime, fold;
    double log;
  };
  std::vector<Error> errors_;
};

}  // namespace

CollectiveCalibration calibrate_collectives(const Catalog& catalog, const std::vector<CollectiveRow>& rows,
                                            unsigned folds, unsigned threads) {
  CollectiveCalibration calibration;
  BacktestReport& report = calibration.held_out;
  report.kind = "collectives";
  report.rows = rows.size();
  CollectivePredictor predictor(catalog);
  std::map<std::string, CollectiveLaw> by_id;
  std::vector<CollectiveSample> samples;
  std::vector<std::pair<std::string, std::string>> of;          // law and accelerator, by sample
  std::map<std::pair<std::string, std::string>, double> count;  // rows of an accelerator, by operation
  std::vector<const CollectiveRow*> kept;
  for (const CollectiveRow& row : rows) {
    std::string reason = row.problem;
    if (!reason.empty()) {
      report.skipped.emplace_back(row.id, reason);
      continue;
    }
    const Seconds measured = measured_time(row);
    if (measured.value() <= 0.0) {
      report.skipped.emplace_back(row.id, "neither time_us nor busbw_GBps with bytes");
      continue;
    }
    const auto one = predictor.case_of(row, reason);
    if (!one) {
      report.skipped.emplace_back(row.id, reason);
      continue;
    }
    const CollectiveLaw& law = predictor.law_of(row.gpu);
    by_id.emplace(law.id, law);
    CollectiveSample sample;
    sample.one = *one;
    sample.measured = measured;
    sample.group = group_of(row);
    samples.push_back(std::move(sample));
    of.emplace_back(law.id, row.op);
    count[{row.gpu, row.op + row.kernel}] += 1.0;
    kept.push_back(&row);
  }
  report.evaluated = samples.size();
  std::vector<CollectiveLaw> given;
  std::map<std::string, std::size_t> index;
  for (const auto& [id, law] : by_id) {
    index[id] = given.size();
    given.push_back(law);
  }
  for (std::size_t i = 0; i < samples.size(); ++i) {
    samples[i].law = index[of[i].first];
    // In tables of kernels an accelerator measured three times over says no more than one measured once.
    samples[i].weight = kept[i]->replayed ? 1.0 / count[{kept[i]->gpu, kept[i]->op + kept[i]->kernel}] : 1.0;
  }
  for (std::size_t law = 0; law < given.size(); ++law) {
    for (const auto& [operation, word] :
         {std::pair(Collective::kAllReduce, "all_reduce"), std::pair(Collective::kAllGather, "all_gather"),
          std::pair(Collective::kReduceScatter, "reduce_scatter"), std::pair(Collective::kAllToAll, "all_to_all")}) {
      const Collective wanted = operation;
      if (std::none_of(samples.begin(), samples.end(), [&](const CollectiveSample& sample) {
            return sample.law == law && sample.one.operation == wanted && !sample.one.beyond_domain();
          })) {
        calibration.unmeasured.push_back(fmt::format("{} of {}", word, given[law].family));
      }
    }
  }
  std::vector<double> predicted(samples.size(), 0.0);
  for_each_index(folds + std::size_t{1}, threads, [&](std::size_t fold) {
    if (fold == folds) {
      calibration.laws = fit_collectives(given, samples, Unmeasured::kAsGiven);
      return;
    }
    std::vector<CollectiveSample> others;
    for (const CollectiveSample& sample : samples) {
      if (sample.group % folds != fold) {
        others.push_back(sample);
      }
    }
    const std::vector<CollectiveLaw> laws = fit_collectives(given, others);
    for (std::size_t i = 0; i < samples.size(); ++i) {
      if (samples[i].group % folds == fold) {
        predicted[i] = case_time(samples[i].one, laws[samples[i].law]).value();
      }
    }
  });
  HeldOutErrors errors;
  for (std::size_t i = 0; i < samples.size(); ++i) {
    errors.add(samples[i], predicted[i], samples[i].group % folds);
  }
  for (std::size_t law = 0; law < given.size(); ++law) {
    for (std::size_t regime = 0; regime < kCollectiveRegimes.size(); ++regime) {
      if (errors.any(law, regime)) {
        calibration.laws[law].bands[regime] = errors.band(law, regime, folds);
      }
    }
  }
  std::map<std::tuple<std::size_t, std::size_t, std::size_t>, LogBand> bands;  // by law, regime and fold left out
  for (std::size_t i = 0; i < samples.size(); ++i) {
    const std::size_t fold = samples[i].group % folds;
    const auto regime = static_cast<std::size_t>(regime_of(samples[i].one));
    const auto [band, fresh] = bands.try_emplace({samples[i].law, regime, fold});
    if (fresh) {
      band->second = errors.band(samples[i].law, regime, fold);
    }
    BacktestPrediction entry;
    entry.id = kept[i]->id;
    entry.metric = "time";
    entry.measured = samples[i].measured.value();
    entry.predicted = predicted[i];
    entry.low = predicted[i] * pinned::exp(band->second.low);
    entry.high = predicted[i] * pinned::exp(band->second.high);
    entry.unit = "s";
    entry.group =
        fmt::format("{}{}/{}/{}{}", kept[i]->op, kept[i]->kernel.empty() ? "" : ":" + kept[i]->kernel, of[i].first,
                    samples[i].one.beyond_domain() ? "beyond" : "inside",
                    kept[i]->bytes > 0.0 ? kept[i]->bytes >= 1048576.0 ? ", from 1 MiB" : ", below 1 MiB" : "");
    report.predictions.push_back(std::move(entry));
  }
  return calibration;
}

}  // namespace aifactory
