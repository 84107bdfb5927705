#include "sim/study/backtest_serving.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>
#include <optional>
#include <utility>

#include "models/catalog/llm_table.h"
#include "sim/serving/capacity.h"
#include "sim/serving/steady_state.h"
#include "sim/study/backtest_rows.h"
#include "sim/study/measured_hardware.h"

namespace aifactory {
namespace {

// Dated runs send ten prompts per request in flight; the first of each ten arrive together.
constexpr double kBurstShare = 0.1;

// Half-widths of ln(true / predicted) beyond the kernels' own band: engine versions alone move TPOT by 21 % at the
// ninth decile, and TTFT by twice (repeated configurations of public InferenceX runs).
constexpr double kTpotBand = 0.20;
constexpr double kTtftBand = 0.70;

struct Latency {
  double ttft = 0.0;  // s
  double tpot = 0.0;  // s
};

constexpr std::array<const char*, 4> kWidths = {"tp_size", "pp_size", "attention_dp_size", "moe_ep_size"};

// A width in the data; 0 and absent mean 1.
int width(const MeasuredRow& row, const char* column) {
  return std::max(1, static_cast<int>(row.number(column).value_or(1.0)));
}

bool widths_are_counts(const MeasuredRow& row) {
  return std::all_of(kWidths.begin(), kWidths.end(), [&](const char* column) {
    const double value = row.number(column).value_or(1.0);
    return value >= 0.0 && value <= 10000.0 && value == std::floor(value);
  });
}

std::optional<ServingPolicyKind> policy_of(const std::string& backend) {
  constexpr std::array<std::pair<std::string_view, ServingPolicyKind>, 3> kEngines = {
      {{"vllm", ServingPolicyKind::kDecodeFirst},
       {"sglang", ServingPolicyKind::kPrefillFirst},
       {"trtllm", ServingPolicyKind::kWholePrompt}}};
  for (const auto& [engine, policy] : kEngines) {
    if (backend == engine) {
      return policy;
    }
  }
  return std::nullopt;
}

// Mixtures quantised to fp8 carry 128-wide blocks, dense models a scale per tensor; to fp4 a mixture quantises its
// experts only, and a model born in 4-bit floats has no other such checkpoint. Without a precision: the checkpoint's
// own.
NumericFormats formats_of(const MeasuredRow& row, const LlmArchitecture& model, const Accelerator& accelerator) {
  const std::string& precision = row.text("precision");
  const bool mixture = model.experts > 0;
  NumericFormats formats;
  const bool born_in_fp4 = model.native_precision == Precision::kFp4 && !model.native_integer;
  if (precision.empty() || (precision == "fp4" && born_in_fp4)) {
    return served_formats(model, accelerator);
  }
  if (precision == "int4") {
    formats.experts = GemmFormat::kInt4WeightOnly;
    formats.dense = mixture ? GemmFormat::kBf16 : GemmFormat::kInt4WeightOnly;
  } else if (precision == "fp8") {
    const bool blocks = mixture || row.text("gemm_quant_mode") == "fp8_block";
    formats.dense = formats.experts = blocks ? GemmFormat::kFp8Block : GemmFormat::kFp8;
    formats.kv = Precision::kFp8;
  } else if (precision == "fp4") {
    formats.experts = GemmFormat::kFp4;
    formats.dense = mixture ? GemmFormat::kBf16 : GemmFormat::kFp4;
    formats.kv = Precision::kFp8;
  }
  return formats;
}

RequestMix mix_of(const MeasuredRow& row) {
  // "uniform 0.8-1.0 of nominal"
  const bool ranged = row.text("lengths").rfind("uniform 0.8", 0) == 0;
  const double isl = *row.number("isl");
  const double osl = *row.number("osl");
  RequestMix mix;
  mix.prompt = ranged ? LengthDistribution::uniform(0.8 * isl, isl) : LengthDistribution::fixed(isl);
  mix.output = ranged ? LengthDistribution::uniform(0.8 * osl, osl) : LengthDistribution::fixed(osl);
  return mix;
}

Latency latency(const ServingReplicaSpec& spec, const ReplicaMemory& memory, const RequestMix& mix,
                double concurrency) {
  const IterationKernels kernels(spec);
  const double active = std::max(1.0, std::min(concurrency, most_sequences(spec, memory, mix)));
  const SteadyState state = steady_state(kernels, mix, active);
  const double queued = (concurrency - active) / state.completed.value();
  const double steady = state.ttft.value() + std::max(0.0, queued);
  const double burst = burst_ttft(kernels, mix, active).value();
  return {(1.0 - kBurstShare) * steady + kBurstShare * std::max(steady, burst), state.tpot.value()};
}

// The names of the data sets against the catalogue's: "meta-llama/Llama-3.1-8B-Instruct" is llama-3.1-8b.
std::string llm_id(const Catalog& catalog, const std::string& path) {
  std::string name = path.substr(path.find_last_of('/') + 1);
  std::transform(name.begin(), name.end(), name.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  for (const std::string_view suffix : {"", "-nvfp4", "-fp8", "-instruct"}) {
    if (name.size() > suffix.size() && name.compare(name.size() - suffix.size(), suffix.size(), suffix) == 0) {
      name.resize(name.size() - suffix.size());
    }
    if (catalog.contains("llms", name)) {
      return name;
    }
  }
  return {};
}

class ServingPredictor {
 public:
  explicit ServingPredictor(const Catalog& catalog) : catalog_(catalog), hardware_(catalog) {}

  // Expected, low and high latency; on nullopt `reason` says why.
  std::optional<std::array<Latency, 3>> predict(const MeasuredRow& row, std::string& reason) {
    const std::string model = llm_id(catalog_, row.text("model_path"));
    const MeasuredHardware* hardware = hardware_.find(row.text("system"));
    const auto policy = policy_of(row.text("backend"));
    const double concurrency = row.number("concurrency").value_or(0.0);
    if (row.text("mode") == "disagg") {
      reason = "disaggregated pools are not modelled";
    } else if (model.empty()) {
      reason = "no such model: " + brief(row.text("model_path"), 60);
    } else if (hardware == nullptr) {
      reason = "no system holds accelerator " + brief(row.text("system"), 60);
    } else if (!policy) {
      reason = "no scheduling policy of engine " + brief(row.text("backend"), 60);
    } else if (!widths_are_counts(row)) {
      reason = "tp_size, pp_size, attention_dp_size and moe_ep_size must be whole numbers of accelerators";
    } else if (width(row, "pp_size") > 1) {
      reason = "pipeline stages are not modelled in serving";
    } else if (row.text("mtp").rfind("on", 0) == 0) {
      reason = "drafted tokens are accepted at a rate that is not recorded";
    } else if (!(concurrency >= 1.0 && row.number("isl").value_or(0.0) >= 1.0 &&
                 row.number("osl").value_or(0.0) >= 1.0)) {
      reason = "needs isl, osl and concurrency of at least 1";
    }
    if (!reason.empty()) {
      return std::nullopt;
    }
    ServingReplicaSpec spec;
    spec.model = load_llm(catalog_, model);
    spec.system = hardware->system;
    spec.kernels = hardware->kernels;
    spec.network = hardware->network;
    spec.layout.tensor = width(row, "tp_size");
    spec.layout.data = width(row, "attention_dp_size");
    if (spec.model.experts > 0) {
      spec.layout.expert = width(row, "moe_ep_size");
      spec.layout.expert_tensor = spec.layout.tensor * spec.layout.data / spec.layout.expert;
    }
    spec.formats = formats_of(row, spec.model, spec.system.accelerator);
    spec.policy = *policy;
    spec.max_batch = static_cast<int>(std::min(concurrency, 1e6));
    const ReplicaMemory memory = replica_memory(spec);
    if (!memory.fits()) {
      reason = memory.problem;
      return std::nullopt;
    }
    const RequestMix mix = mix_of(row);
    std::array<Latency, 3> edges;
    constexpr std::array<KernelBand, 3> kBands = {KernelBand::kExpected, KernelBand::kLow, KernelBand::kHigh};
    for (std::size_t i = 0; i < kBands.size(); ++i) {
      spec.band = kBands[i];
      edges[i] = latency(spec, memory, mix, concurrency);
    }
    return edges;
  }

 private:
  const Catalog& catalog_;
  MeasuredHardwareBook hardware_;
};

BacktestPrediction entry(const char* metric, double measured, double Latency::*of, const std::array<Latency, 3>& edges,
                         double band) {
  BacktestPrediction prediction;
  prediction.metric = metric;
  prediction.measured = measured;
  prediction.predicted = edges[0].*of;
  prediction.low = edges[1].*of / (1.0 + band);
  prediction.high = edges[2].*of * (1.0 + band);
  prediction.unit = "s";
  return prediction;
}

}  // namespace

BacktestReport backtest_serving_points(const Catalog& catalog, const MeasuredTable& table,
                                       const std::vector<std::string>& by) {
  ServingPredictor predictor(catalog);
  return backtest_rows("serving points", table, by, [&](const MeasuredRow& row, std::string& reason) {
    const double tpot = row.number("silicon_tpot_ms").value_or(0.0) * 1e-3;
    const double ttft = row.number("silicon_ttft_ms").value_or(0.0) * 1e-3;
    std::vector<BacktestPrediction> predictions;
    if (!(tpot > 0.0 || ttft > 0.0)) {
      reason = "neither silicon_ttft_ms nor silicon_tpot_ms";
      return predictions;
    }
    if (const auto edges = predictor.predict(row, reason)) {
      if (ttft > 0.0) {
        predictions.push_back(entry("ttft", ttft, &Latency::ttft, *edges, kTtftBand));
      }
      if (tpot > 0.0) {
        predictions.push_back(entry("tpot", tpot, &Latency::tpot, *edges, kTpotBand));
      }
    }
    return predictions;
  });
}

}  // namespace aifactory
