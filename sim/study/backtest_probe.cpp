#include "sim/study/backtest_probe.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string_view>
#include <utility>

#include "models/catalog/accelerator_table.h"
#include "models/catalog/calibration_table.h"
#include "models/kernels/predict.h"
#include "models/units/pinned_math.h"
#include "sim/study/kernel_case.h"

namespace aifactory {
namespace {

struct StreamLaw {
  std::string_view op;
  StreamKind kind;
};
constexpr std::array<StreamLaw, 6> kStreams = {{{"copy", StreamKind::kCopy},
                                                {"add", StreamKind::kElementwise},
                                                {"rmsnorm", StreamKind::kNorm},
                                                {"silu_mul", StreamKind::kActivation},
                                                {"embed", StreamKind::kEmbedding},
                                                {"sample", StreamKind::kSampling}}};

// HBM traffic by the shapes the probe gives these ops; bf16 throughout.
double stream_bytes(const ProbeKernel& k) {
  const auto value = [&](const char* name) { return k.number(name).value_or(0.0); };
  if (k.op == "copy" || k.op == "memcpy") {
    return 2.0 * value("bytes");
  }
  if (k.op == "add") {
    return 3.0 * value("bytes");
  }
  if (k.op == "rmsnorm") {  // with the residual stream: two rows in, two out
    return 8.0 * value("rows") * value("hidden");
  }
  if (k.op == "silu_mul") {
    return 6.0 * value("rows") * value("inter");
  }
  if (k.op == "embed") {
    return 4.0 * value("rows") * value("hidden");
  }
  return 2.0 * value("rows") * value("vocab");  // sample
}

// Streams that run at the law's own bandwidth; others at a share of it.
bool is_plain_stream(const ProbeKernel& k) {
  return k.op == "copy" || k.op == "add" || (k.op == "memcpy" && k.detail == "d2d");
}

struct Predicted {
  KernelEstimate estimate;
  LogBand power_band;
  std::string regime;
};

class Predictor {
 public:
  Predictor(const Catalog& catalog, const std::string& gpu, const ProbeBacktestOptions& options)
      : accelerator_(load_accelerator(catalog, gpu)),
        calibration_(options.calibration ? *options.calibration : load_calibration(catalog, accelerator_)),
        gpu_(gpu),
        burst_(accelerator_, calibration_, Clocking::kBurst),
        sustained_(accelerator_, calibration_, Clocking::kSustained) {}

  // Nothing, and the reason, for what has no law.
  std::optional<Predicted> predict_kernel(const ProbeKernel& k, const std::string& mode, const std::string& launch,
                                          std::string& reason) {
    const KernelModel& model = mode == "sustained" ? sustained_ : burst_;
    const auto stream =
        std::find_if(kStreams.begin(), kStreams.end(), [&](const StreamLaw& s) { return s.op == k.op; });
    const bool copies = stream != kStreams.end() || (k.op == "memcpy" && k.detail == "d2d");
    if (copies && !(stream_bytes(k) > 0.0)) {
      reason = "its shape does not say how many bytes move";
      return std::nullopt;
    }
    if (stream != kStreams.end()) {
      return Predicted{model.stream(stream->kind, Bytes{stream_bytes(k)}), family_power_band(), "memory"};
    }
    if (k.op == "memcpy" && k.detail == "d2d") {
      return Predicted{model.stream(StreamKind::kCopy, Bytes{stream_bytes(k)}), family_power_band(), "memory"};
    }
    if (k.op == "launch" && launch == "graph") {
      return Predicted{model.stream(StreamKind::kCopy, Bytes{0.0}), family_power_band(), "tiny"};
    }
    if (k.op == "memcpy" || k.op == "launch" || k.op == "interference") {
      reason = fmt::format("the kernel model has no law for {}{}{}", k.op, k.detail.empty() ? "" : " ", k.detail);
      return std::nullopt;
    }
    return predict_law(k, mode, reason);
  }

  // The sum over the parts; errors of one accelerator's kernels share their cause, so bands add.
  std::optional<Predicted> predict_layer(const ProbeRecord& record, std::string& reason) {
    Predicted sum{{}, family_power_band(), "layer"};
    sum.estimate.grade = Grade::kMeasured;
    for (const ProbeKernel& part : record.parts) {
      const std::optional<Predicted> one = predict_kernel(part, record.mode, "graph", reason);
      if (!one) {
        return std::nullopt;
      }
      sum.estimate = sum.estimate + one->estimate;
      sum.power_band = {std::min(sum.power_band.low, one->power_band.low),
                        std::max(sum.power_band.high, one->power_band.high)};
    }
    if (record.parts.empty()) {
      reason = "a layer without parts";
      return std::nullopt;
    }
    return sum;
  }

 private:
  static LogBand family_power_band() { return KernelFit{}.power_band; }

  std::optional<Predicted> predict_law(const ProbeKernel& k, const std::string& mode, std::string& reason) {
    const std::optional<KernelCase> kernel = probe_case(k, gpu_, mode, reason);
    if (!kernel) {
      return std::nullopt;
    }
    if (!accelerator_.supports(math_precision(kernel->key.format))) {
      reason = fmt::format("{} has no peak rate for {}", accelerator_.id, brief(k.dtype, 60));
      return std::nullopt;
    }
    auto fit = fits_.find(kernel->key);
    if (fit == fits_.end()) {
      fit = fits_.emplace(kernel->key, resolve(accelerator_, calibration_.get(), kernel->key)).first;
    }
    return Predicted{kernel->fused ? predict_fused(accelerator_, fit->second, kernel->work)
                                   : predict(accelerator_, fit->second, kernel->work),
                     fit->second.power_band, std::string(name(regime(kernel->work, fit->second.rates)))};
  }

  Accelerator accelerator_;
  std::shared_ptr<const KernelCalibration> calibration_;
  std::string gpu_;
  KernelModel burst_, sustained_;
  std::map<KernelKey, ResolvedFit> fits_;
};

// --- groups

constexpr std::array<std::pair<std::string_view, std::string ProbeRecord::*>, 4> kTexts = {
    {{"l2", &ProbeRecord::l2},
     {"mode", &ProbeRecord::mode},
     {"launch", &ProbeRecord::launch},
     {"model", &ProbeRecord::model}}};
constexpr std::array<std::pair<std::string_view, std::string ProbeKernel::*>, 4> kKernelTexts = {
    {{"op", &ProbeKernel::op},
     {"impl", &ProbeKernel::impl},
     {"dtype", &ProbeKernel::dtype},
     {"detail", &ProbeKernel::detail}}};

// Nothing when a record has no such field.
std::optional<std::string> field_text(const ProbeRecord& r, const std::string& field, const std::string& regime) {
  if (field == "regime") {
    return regime;
  }
  if (field == "hold_out") {
    return r.hold_out ? "held out" : "fitted";
  }
  for (const auto& [name, member] : kTexts) {
    if (name == field) {
      return r.*member;
    }
  }
  for (const auto& [name, member] : kKernelTexts) {
    if (name == field) {
      return r.*member;
    }
  }
  const std::optional<double> number = r.number(field);
  return number ? std::optional<std::string>(fmt::format("{}", *number)) : std::nullopt;
}

std::string group_of(const ProbeRecord& r, const std::vector<std::string>& by, const std::string& regime) {
  std::string group;
  for (const std::string& field : by) {
    group += (group.empty() ? "" : "/") + field_text(r, field, regime).value_or("-");
  }
  return group;
}

void check_fields(const ProbeFile& file, const std::vector<std::string>& by) {
  std::string known = "regime, hold_out";
  for (const auto& [name, member] : kTexts) {
    known += fmt::format(", {}", name);
  }
  for (const auto& [name, member] : kKernelTexts) {
    known += fmt::format(", {}", name);
  }
  std::set<std::string> counts;
  for (const ProbeRecord& r : file.records) {
    for (const auto& [name, value] : r.shape) {
      counts.insert(name);
    }
  }
  for (const std::string& name : counts) {
    known += ", " + name;
  }
  for (const std::string& field : by) {
    if (!field_text({}, field, "") && counts.count(field) == 0) {
      throw ConfigError("--by", "", fmt::format("no record has a field \"{}\"", brief(field, 60)), known);
    }
  }
}

void add_predictions(BacktestReport& report, const ProbeRecord& record, const Predicted& predicted,
                     const std::string& group) {
  const std::string prefix = record.op == "layer" ? "layer_" : "";
  const std::string id = probe_id(record);
  const KernelEstimate& e = predicted.estimate;
  report.predictions.push_back(
      {id, prefix + "time", record.us * 1e-6, e.time.value(), e.low.value(), e.high.value(), "s", false, group});
  const double shrink = pinned::exp(predicted.power_band.low);
  const double grow = pinned::exp(predicted.power_band.high);
  if (record.power_w) {
    const double watts = (e.energy / e.time).value();
    report.predictions.push_back(
        {id, prefix + "power", *record.power_w, watts, watts * shrink, watts * grow, "W", false, group});
  }
  if (record.energy_j) {
    const double joules = e.energy.value();
    report.predictions.push_back({id, prefix + "energy", *record.energy_j, joules, joules * (e.low / e.time) * shrink,
                                  joules * (e.high / e.time) * grow, "J", false, group});
  }
}

}  // namespace

std::optional<KernelCase> probe_case(const ProbeKernel& kernel, const std::string& gpu, const std::string& mode,
                                     std::string& reason) {
  const Clocking clocking = mode == "sustained" ? Clocking::kSustained : Clocking::kBurst;
  if (is_plain_stream(kernel)) {
    KernelCase stream;
    stream.key = {KernelOp::kStream, GemmFormat::kBf16, Precision::kBf16, clocking, KernelVariant::kDefault};
    stream.work.bytes = stream_bytes(kernel);
    if (!(stream.work.bytes > 0.0)) {
      reason = "its shape does not say how many bytes move";
      return std::nullopt;
    }
    stream.group = fmt::format("{}", stream.work.bytes);
    return stream;
  }
  std::optional<KernelCase> found = kernel_case(measurement_of(kernel, gpu, mode), reason);
  if (found) {
    found->key.clocking = clocking;
  }
  return found;
}

namespace {

std::vector<std::string> notes_of(const ProbeFile& file) {
  const auto known = [](const char* what, const std::string& version) {
    return version.empty() ? "" : fmt::format(", {} {}", what, version);
  };
  std::vector<std::string> notes = {fmt::format("{}, {}{}{}{}{}", file.gpu, file.date, known("driver", file.driver),
                                                known("CUDA", file.cuda), known("cuBLAS", file.cublas),
                                                known("cuDNN", file.cudnn))};
  if (!file.note.empty()) {
    notes.push_back(file.note);
  }
  if (file.repeatability) {
    notes.push_back(fmt::format("two passes differ by {:.1f} % (median)", *file.repeatability * 100.0));
  }
  std::map<std::string, std::size_t> throttled;
  for (const ProbeRecord& record : file.records) {
    for (const std::string& reason : record.throttle) {
      ++throttled[reason];
    }
  }
  for (const auto& [reason, count] : throttled) {
    notes.push_back(fmt::format("clocks held down in {} records: {}", count, reason));
  }
  if (!file.left.empty() || !file.skipped.empty()) {
    notes.push_back(
        fmt::format("{} configurations not reached, {} not measured", file.left.size(), file.skipped.size()));
  }
  return notes;
}

}  // namespace

BacktestReport backtest_probe(const Catalog& catalog, const ProbeFile& file, const std::string& path,
                              const ProbeBacktestOptions& options) {
  Problems problems;
  if (!catalog.find("accelerators", file.gpu, problems, path, "/gpu/name")) {
    problems.throw_if_any();
  }
  check_fields(file, options.by);
  const std::vector<std::string> fields = options.by.empty() ? std::vector<std::string>{"op"} : options.by;
  Predictor predictor(catalog, file.gpu, options);
  BacktestReport report;
  report.kind = "kernel_probe";
  report.rows = file.records.size();
  report.notes = notes_of(file);
  const std::vector<std::string> reasons = reasons_to_skip(file);
  for (std::size_t i = 0; i < file.records.size(); ++i) {
    const ProbeRecord& record = file.records[i];
    std::string reason =
        reasons[i].empty() && options.left_out.count(i) > 0 ? "of the configurations fitted" : reasons[i];
    std::optional<Predicted> predicted;
    if (reason.empty()) {
      predicted = record.op == "layer" ? predictor.predict_layer(record, reason)
                                       : predictor.predict_kernel(record, record.mode, record.launch, reason);
    }
    if (!predicted) {
      report.skipped.emplace_back(probe_id(record), reason);
      continue;
    }
    add_predictions(report, record, *predicted, group_of(record, fields, predicted->regime));
    ++report.evaluated;
  }
  return report;
}

}  // namespace aifactory
