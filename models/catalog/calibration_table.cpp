#include "models/catalog/calibration_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <optional>
#include <stdexcept>
#include <utility>

#include "models/catalog/accelerator_table.h"
#include "models/catalog/band_reader.h"
#include "models/units/pinned_math.h"

namespace aifactory {
namespace {

constexpr int kLevels = 91;
constexpr int kMiddle = 45;
constexpr char kFirst = '#';
constexpr char kSkipped = '\\';

// The values of an axis in a file: coordinate, origin, step, nodes.
constexpr std::size_t kAxisNumbers = 4;

ResidualTerm read_term(const nlohmann::json& json) {
  ResidualTerm term;
  for (const nlohmann::json& axis : json.at("axes")) {
    if (axis.size() != kAxisNumbers) {
      throw std::invalid_argument("an axis is [coordinate, origin, step, nodes]");
    }
    term.axes.push_back(
        {axis.at(0).get<int>(), axis.at(1).get<double>(), axis.at(2).get<double>(), axis.at(3).get<int>()});
  }
  term.nodes = decode_nodes(json.at("nodes").get<std::string>(), json.at("scale").get<double>());
  return term;
}

void read_residual(ResidualTable& table, const nlohmann::json& json, ReadContext& context) {
  try {
    std::vector<ResidualTerm> terms;
    for (const nlohmann::json& term : json) {
      terms.push_back(read_term(term));
    }
    table = ResidualTable(std::move(terms));
  } catch (const nlohmann::json::exception& error) {
    context.problem(fmt::format("not a list of residual grids: {}", error.what()),
                    R"([{"axes": [[0, 0, 1, 16]], "scale": 0.01, "nodes": "..."}])");
  } catch (const std::invalid_argument& error) {
    context.problem(error.what());
  }
}

constexpr const char* kResidualSchema =
    R"({"type": "array", "items": {"type": "object", "required": ["axes", "scale", "nodes"], "properties": {
        "axes": {"type": "array", "minItems": 1, "maxItems": 4, "items": {"type": "array", "minItems": 4, "maxItems": 4,
        "items": {"type": "number"}}}, "scale": {"type": "number"}, "nodes": {"type": "string"}}}})";

void read_bands(RegimeBands& bands, const nlohmann::json& json, ReadContext& context) {
  for (std::size_t r = 0; r < kRegimeCount; ++r) {
    const std::string key(kRegimeNames[r]);
    if (!json.is_object() || !json.contains(key) || !read_band(bands[r], json.at(key))) {
      context.problem(fmt::format("no band [low, high] with low <= 0 <= high for {}", key));
      return;
    }
  }
}

constexpr const char* kBandSchema =
    R"({"type": "object", "additionalProperties": {"type": "array", "minItems": 2, "maxItems": 2,
        "items": {"type": "number"}}})";

using Fitted = KernelCalibration::Entry;

const FieldTable<LawParameters>& law_table() {
  static const FieldTable<LawParameters> table =
      FieldTable<LawParameters>("kernel_law", 0, "start + soft roofline + serial items (models/kernels/law.h)")
          .number("startup_us", &LawParameters::startup, "microseconds before anything overlaps")
          .required()
          .non_negative()
          .number("compute", &LawParameters::compute, "reachable fraction of dense peak")
          .required()
          .above(0.0)
          .at_most(1.0)
          .number("memory", &LawParameters::memory, "reachable fraction of peak bandwidth")
          .required()
          .above(0.0)
          .at_most(1.0)
          .number("serial", &LawParameters::serial,
                  "share of the smaller of compute and memory time that is not hidden")
          .required()
          .fraction()
          .number("item_ns", &LawParameters::item, "nanoseconds per serial item")
          .default_value(0.0, "the kernel has none")
          .non_negative()
          .number("row_ns", &LawParameters::row, "nanoseconds per row")
          .default_value(0.0, "the kernel has none")
          .non_negative()
          .check([](LawParameters& law, ReadContext&) {
            law.startup *= 1e-6;
            law.item *= 1e-9;
            law.row *= 1e-9;
          });
  return table;
}

const FieldTable<Fitted>& entry_table() {
  static const FieldTable<Fitted> table =
      FieldTable<Fitted>("kernel_fit", 0, "One kernel in one format on one software stack.")
          .choice_of(
              "op", [](Fitted& e) -> KernelOp& { return e.key.op; }, kKernelOpNames, "which kernel")
          .required()
          .choice_of(
              "format", [](Fitted& e) -> GemmFormat& { return e.key.format; }, kGemmFormatNames,
              "of the operands; of scores and values in attention")
          .required()
          .choice_of(
              "kv", [](Fitted& e) -> Precision& { return e.key.kv; }, kPrecisionNames, "how the KV cache is stored")
          .default_value("bf16", "kernels without a cache")
          .choice_of(
              "clocking", [](Fitted& e) -> Clocking& { return e.key.clocking; }, kClockingNames,
              "whether the package had reached its power cap")
          .default_value("burst", "short runs")
          .choice_of(
              "variant", [](Fitted& e) -> KernelVariant& { return e.key.variant; }, kKernelVariantNames,
              "implementation that the shape selects")
          .default_value("default", "the usual one")
          .text(
              "stack", [](Fitted& e) -> std::string& { return e.fit.stack; }, "software that was timed")
          .integer(
              "rows", [](Fitted& e) -> std::size_t& { return e.fit.rows; }, "measurements fitted")
          .required()
          .at_least(1)
          .number(
              "median_error", [](Fitted& e) -> double& { return e.fit.median_error; }, "held out, absolute, relative")
          .required()
          .non_negative()
          .number(
              "p90_error", [](Fitted& e) -> double& { return e.fit.p90_error; }, "held out, absolute, relative")
          .required()
          .non_negative()
          .number(
              "bias", [](Fitted& e) -> double& { return e.fit.bias; }, "held out, mean signed, + = predicted slower")
          .required()
          .object(
              "law", [](Fitted& e) -> LawParameters& { return e.fit.law; }, law_table(), "the physical base")
          .required()
          .custom(
              "bands", [](Fitted& e, const nlohmann::json& json, ReadContext& c) { read_bands(e.fit.bands, json, c); },
              kBandSchema, "ln(true / predicted) at P10 and P90, by regime, of held-out rows")
          .required()
          .custom(
              "residual",
              [](Fitted& e, const nlohmann::json& json, ReadContext& c) { read_residual(e.fit.residual, json, c); },
              kResidualSchema, "grids of ln(time / law)")
          .custom(
              "power_band",
              [](Fitted& e, const nlohmann::json& json, ReadContext& c) {
                if (!read_band(e.fit.power_band, json)) {
                  c.problem("not a band [low, high] with low <= 0 <= high");
                }
              },
              R"({"type": "array", "minItems": 2, "maxItems": 2, "items": {"type": "number"}})",
              "ln(true / predicted) of mean power at P10 and P90")
          .custom(
              "power_residual",
              [](Fitted& e, const nlohmann::json& json, ReadContext& c) {
                read_residual(e.fit.power_residual, json, c);
              },
              kResidualSchema, "grids of ln(power / power law)");
  return table;
}

double rounded(double value) {
  return std::stod(fmt::format("{:.4g}", value));
}

nlohmann::json residual_json(const ResidualTable& table) {
  nlohmann::json terms = nlohmann::json::array();
  for (const ResidualTerm& term : table.terms()) {
    nlohmann::json axes = nlohmann::json::array();
    for (const ResidualAxis& axis : term.axes) {
      axes.push_back({axis.coordinate, axis.origin, axis.step, axis.nodes});
    }
    double scale = 0.0;
    std::string text = encode_nodes(term.nodes, scale);
    terms.push_back({{"axes", axes}, {"scale", scale}, {"nodes", std::move(text)}});
  }
  return terms;
}

nlohmann::json entry_json(const Fitted& entry) {
  const LawParameters& law = entry.fit.law;
  nlohmann::json json = {{"op", name(entry.key.op)},
                         {"format", name(entry.key.format)},
                         {"stack", entry.fit.stack},
                         {"rows", entry.fit.rows},
                         {"median_error", rounded(entry.fit.median_error)},
                         {"p90_error", rounded(entry.fit.p90_error)},
                         {"bias", rounded(entry.fit.bias)}};
  if (entry.key.kv != Precision::kBf16) {
    json["kv"] = name(entry.key.kv);
  }
  if (entry.key.clocking != Clocking::kBurst) {
    json["clocking"] = kClockingNames[static_cast<std::size_t>(entry.key.clocking)];
  }
  if (entry.key.variant != KernelVariant::kDefault) {
    json["variant"] = name(entry.key.variant);
  }
  json["law"] = {{"startup_us", rounded(law.startup * 1e6)},
                 {"compute", rounded(law.compute)},
                 {"memory", rounded(law.memory)},
                 {"serial", rounded(law.serial)}};
  if (law.item > 0.0) {
    json["law"]["item_ns"] = rounded(law.item * 1e9);
  }
  if (law.row > 0.0) {
    json["law"]["row_ns"] = rounded(law.row * 1e9);
  }
  for (std::size_t r = 0; r < kRegimeCount; ++r) {
    const LogBand& band = entry.fit.bands[r];
    json["bands"][std::string(kRegimeNames[r])] = {rounded(band.low), rounded(band.high)};
  }
  if (!entry.fit.residual.empty()) {
    json["residual"] = residual_json(entry.fit.residual);
  }
  if (!entry.fit.power_residual.empty()) {
    json["power_residual"] = residual_json(entry.fit.power_residual);
    json["power_band"] = {rounded(entry.fit.power_band.low), rounded(entry.fit.power_band.high)};
  }
  return json;
}

// Octaves between two accelerators in rate and bandwidth.
double distance(const Accelerator& a, const Accelerator& b) {
  const double rate = a.peak(Precision::kBf16) / b.peak(Precision::kBf16);
  const double bandwidth = a.memory_bandwidth / b.memory_bandwidth;
  return std::abs(pinned::log2(rate)) + std::abs(pinned::log2(bandwidth));
}

// The accelerator whose calibration serves the target best; null when its vendor has none. A calibration's id is its
// accelerator's.
std::optional<Accelerator> nearest_relative(const Catalog& catalog, const Accelerator& target,
                                            const std::vector<std::string>& without) {
  std::optional<Accelerator> best;
  std::pair<bool, double> best_rank;
  for (const std::string& id : catalog.ids("calibration")) {
    if (id == target.id || std::find(without.begin(), without.end(), id) != without.end()) {
      continue;
    }
    Accelerator measured = load_accelerator(catalog, id);
    if (measured.vendor != target.vendor || !target.supports(Precision::kBf16)) {
      continue;
    }
    const std::pair<bool, double> rank{measured.family != target.family, distance(measured, target)};
    if (!best || rank < best_rank) {
      best = std::move(measured);
      best_rank = rank;
    }
  }
  return best;
}

}  // namespace

std::string encode_nodes(const std::vector<float>& nodes, double& scale) {
  double largest = 0.0;
  for (const float node : nodes) {
    largest = std::max(largest, std::abs(static_cast<double>(node)));
  }
  scale = largest > 0.0 ? std::stod(fmt::format("{:.3g}", largest / kMiddle)) : 0.01;
  std::string text;
  text.reserve(nodes.size());
  for (const float node : nodes) {
    const int level =
        std::clamp(static_cast<int>(std::lround(static_cast<double>(node) / scale)), -kMiddle, kMiddle) + kMiddle;
    char c = static_cast<char>(kFirst + level);
    if (c >= kSkipped) {
      ++c;
    }
    text += c;
  }
  return text;
}

std::vector<float> decode_nodes(const std::string& text, double scale) {
  std::vector<float> nodes;
  nodes.reserve(text.size());
  for (const char c : text) {
    const int level = c - kFirst - (c > kSkipped ? 1 : 0);
    if (c == kSkipped || level < 0 || level >= kLevels) {
      throw std::invalid_argument("a character of residual nodes is outside the alphabet");
    }
    nodes.push_back(static_cast<float>((level - kMiddle) * scale));
  }
  return nodes;
}

const FieldTable<KernelCalibration>& calibration_table() {
  static const FieldTable<KernelCalibration> table =
      FieldTable<KernelCalibration>("kernel_calibration", 1, "Kernels of one accelerator as measured.")
          .header(&KernelCalibration::id, &KernelCalibration::name)
          .reference("accelerator", "accelerators", &KernelCalibration::accelerator, "what was measured")
          .required()
          .text("source", &KernelCalibration::source, "of the measurements")
          .required()
          .objects("kernels", &KernelCalibration::entries, entry_table(), "one per kernel, format and stack")
          .required()
          .check([](KernelCalibration& calibration, ReadContext& context) {
            if (calibration.id != calibration.accelerator) {
              context.problem_in("id", "a calibration has the id of its accelerator", calibration.accelerator);
            }
            auto& entries = calibration.entries;
            std::sort(entries.begin(), entries.end(), [](const Fitted& a, const Fitted& b) { return a.key < b.key; });
            const auto twice = std::adjacent_find(entries.begin(), entries.end(),
                                                  [](const Fitted& a, const Fitted& b) { return a.key == b.key; });
            if (twice != entries.end()) {
              context.problem_in(
                  "kernels", fmt::format("{} in {} is calibrated twice", name(twice->key.op), name(twice->key.format)));
            }
          });
  return table;
}

std::shared_ptr<const KernelCalibration> load_calibration(const Catalog& catalog, const Accelerator& accelerator,
                                                          ReadLog* log, const std::vector<std::string>& without) {
  const auto record = [&](const std::string& id) {
    if (log != nullptr) {
      log->add_entry("calibration", id, catalog.get("calibration", id)->hash());
    }
  };
  const bool barred = std::find(without.begin(), without.end(), accelerator.id) != without.end();
  if (!barred && catalog.contains("calibration", accelerator.id)) {
    record(accelerator.id);
    return std::make_shared<const KernelCalibration>(
        load_entry(catalog, "calibration", accelerator.id, calibration_table()));
  }
  const std::optional<Accelerator> relative = nearest_relative(catalog, accelerator, without);
  if (!relative) {
    return nullptr;
  }
  record(relative->id);
  const KernelCalibration measured = load_entry(catalog, "calibration", relative->id, calibration_table());
  return std::make_shared<const KernelCalibration>(transfer(measured, *relative, accelerator));
}

nlohmann::json calibration_json(const KernelCalibration& calibration) {
  nlohmann::json json = {{"schema", "kernel_calibration/1"},
                         {"id", calibration.id},
                         {"name", calibration.name},
                         {"facts",
                          {{"source", calibration.source_key},
                           {"as_of", calibration.as_of},
                           {"evidence", "measured"},
                           {"confidence", "high"}}},
                         {"accelerator", calibration.accelerator},
                         {"source", calibration.source}};
  json["kernels"] = nlohmann::json::array();
  for (const Fitted& entry : calibration.entries) {
    json["kernels"].push_back(entry_json(entry));
  }
  return json;
}

}  // namespace aifactory
