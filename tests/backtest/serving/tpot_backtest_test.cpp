// Time per output token of published closed-loop runs (InferenceX and AIConfigurator sweeps) against the closed form at
// the same concurrency, with the kernels and collectives a scenario would load. The policies' host and frontend
// constants come from runs of the same kind (not held out); no other constant does. Aggregated deployments; those whose
// speculative decoding is off are judged, those of which nobody recorded it (1.5x in time) are only printed. Dense
// models and mixtures of experts are judged apart: engines run mixtures with kernels newer than those measured one by
// one. The bounds are what was found, with a margin: they catch a regression.
#include <gtest/gtest.h>

#include <algorithm>
#include <boost/iostreams/filter/gzip.hpp>
#include <boost/iostreams/filtering_stream.hpp>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

#include "models/catalog/calibration_table.h"
#include "models/catalog/catalog.h"
#include "models/catalog/collective_table.h"
#include "models/catalog/llm_table.h"
#include "models/catalog/system_table.h"
#include "sim/serving/capacity.h"

namespace aifactory {
namespace {

using Row = std::map<std::string, std::string>;

const std::map<std::string, std::string> kSystems = {{"h100_sxm", "hgx_h100"}, {"h200_sxm", "hgx_h200"},
                                                     {"b200_sxm", "hgx_b200"}, {"b300_sxm", "hgx_b300"},
                                                     {"gb200", "gb200_nvl72"}, {"gb300", "gb300_nvl72"}};
const std::map<std::string, std::string> kModels = {{"meta-llama/Llama-3.1-70B", "llama-3.1-70b"},
                                                    {"meta-llama/Llama-3.1-8B-Instruct", "llama-3.1-8b"},
                                                    {"Qwen/Qwen3-32B", "qwen3-32b"},
                                                    {"deepseek-ai/DeepSeek-R1", "deepseek-r1"},
                                                    {"MiniMaxAI/MiniMax-M2.5", "minimax-m2.5"},
                                                    {"Qwen/Qwen3-235B-A22B-FP8", "qwen3-235b-a22b"},
                                                    {"Qwen/Qwen3.5-397B-A17B", "qwen3.5-397b-a17b"},
                                                    {"openai/gpt-oss-120b", "gpt-oss-120b"},
                                                    {"moonshotai/Kimi-K2.5", "kimi-k2.5"},
                                                    {"zhipuai/GLM-5", "glm-5"}};

std::vector<Row> read_rows(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  boost::iostreams::filtering_istream input;
  input.push(boost::iostreams::gzip_decompressor());
  input.push(stream);
  const auto fields = [](std::string line) {
    if (!line.empty() && line.back() == '\r') {
      line.pop_back();
    }
    std::vector<std::string> parts;
    std::istringstream text(line);
    std::string part;
    while (std::getline(text, part, ',')) {
      parts.push_back(part);
    }
    return parts;
  };
  std::string line;
  std::getline(input, line);
  const std::vector<std::string> header = fields(line);
  std::vector<Row> rows;
  while (std::getline(input, line)) {
    const std::vector<std::string> values = fields(line);
    Row row;
    for (std::size_t i = 0; i < header.size(); ++i) {
      row[header[i]] = i < values.size() ? values[i] : "";
    }
    rows.push_back(row);
  }
  return rows;
}

int count(const Row& row, const char* key) {
  const std::string& text = row.at(key);
  return text.empty() ? 1 : std::max(1, std::stoi(text));
}

ServingPolicyKind policy_of(const std::string& backend) {
  return backend == "vllm"     ? ServingPolicyKind::kDecodeFirst
         : backend == "sglang" ? ServingPolicyKind::kPrefillFirst
                               : ServingPolicyKind::kWholePrompt;
}

NumericFormats formats_of(const std::string& precision, bool blocks) {
  NumericFormats formats;
  if (precision == "fp8") {
    formats.dense = formats.experts = blocks ? GemmFormat::kFp8Block : GemmFormat::kFp8;
    formats.kv = Precision::kFp8;
  } else if (precision == "fp4") {
    formats.experts = GemmFormat::kFp4;
    formats.dense = blocks ? GemmFormat::kBf16 : GemmFormat::kFp4;  // the R1 checkpoint quantises its experts only
    formats.kv = Precision::kFp8;
  }
  return formats;
}

// What a scenario would load for each system: calibrated kernels at sustained clocks and fitted collectives.
using Performance =
    std::map<std::string, std::pair<std::shared_ptr<const KernelModel>, std::shared_ptr<const CollectiveLaw>>>;
Performance load_performance(const Catalog& catalog) {
  Performance out;
  for (const auto& [name, system] : kSystems) {
    const Accelerator accelerator = load_system(catalog, system).accelerator;
    out[name] = {std::make_shared<const KernelModel>(accelerator, load_calibration(catalog, accelerator)),
                 std::make_shared<const CollectiveLaw>(load_collective_law(catalog, accelerator))};
  }
  return out;
}

std::optional<double> predicted_tpot(const Row& row, const Catalog& catalog, const Performance& performance) {
  ServingReplicaSpec spec;
  spec.model = load_llm(catalog, kModels.at(row.at("model_path")));
  const bool mixture = spec.model.experts > 0;
  spec.system = load_system(catalog, kSystems.at(row.at("system")));
  const auto& [kernels, network] = performance.at(row.at("system"));
  spec.kernels = kernels;
  spec.network = network;
  spec.layout.tensor = count(row, "tp_size");
  spec.layout.data = count(row, "attention_dp_size");
  if (mixture) {
    spec.layout.expert = count(row, "moe_ep_size");
    spec.layout.expert_tensor = spec.layout.tensor * spec.layout.data / spec.layout.expert;
  }
  spec.formats = formats_of(row.at("precision"), mixture || row.at("gemm_quant_mode") == "fp8_block");
  if (spec.model.id == "gpt-oss-120b" || row.at("precision") == "int4") {
    spec.formats = served_formats(spec.model, spec.system.accelerator);
  }
  spec.policy = policy_of(row.at("backend"));
  const double concurrency = std::stod(row.at("concurrency"));
  spec.max_batch = static_cast<int>(concurrency);
  const ReplicaMemory memory = replica_memory(spec);
  if (!memory.fits()) {
    return std::nullopt;
  }
  const bool ranged = row.at("lengths").find("0.8") != std::string::npos;
  const double isl = std::stod(row.at("isl"));
  const double osl = std::stod(row.at("osl"));
  RequestMix mix;
  mix.prompt = ranged ? LengthDistribution::uniform(0.8 * isl, isl) : LengthDistribution::fixed(isl);
  mix.output = ranged ? LengthDistribution::uniform(0.8 * osl, osl) : LengthDistribution::fixed(osl);
  if (concurrency > 0.9 * memory.sequences_of(isl + osl) * spec.layout.data) {
    return std::nullopt;  // bound by the cache: the client's concurrency is not the batch
  }
  return steady_state(spec, mix, concurrency).tpot.value();
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

TEST(ServingBacktest, TimePerOutputToken) {
  const std::filesystem::path file =
      std::filesystem::path(AIFACTORY_SOURCE_DIR) / "../shared/reference/serving_points.csv.gz";
  if (!std::filesystem::exists(file)) {
    GTEST_SKIP() << "reference measurements are not part of the repository";
  }
  const Catalog catalog = Catalog::load({std::string(AIFACTORY_SOURCE_DIR) + "/configs", {}, {}});
  std::vector<double> dense;
  std::vector<double> mixtures;
  std::map<std::string, std::vector<double>> groups;
  int skipped = 0;
  const Performance performance = load_performance(catalog);
  for (const Row& row : read_rows(file)) {
    const bool known = kModels.count(row.at("model_path")) > 0 && kSystems.count(row.at("system")) > 0;
    if (!known || row.at("mode") != "agg" || row.at("mtp").find("on") == 0 || row.at("concurrency").empty()) {
      continue;
    }
    const auto predicted = predicted_tpot(row, catalog, performance);
    if (!predicted) {
      ++skipped;
      continue;
    }
    const double error = *predicted / (std::stod(row.at("silicon_tpot_ms")) * 1e-3) - 1;
    const bool drafts_known = row.at("mtp") == "off";
    if (drafts_known) {
      (load_llm(catalog, kModels.at(row.at("model_path"))).experts > 0 ? mixtures : dense).push_back(std::abs(error));
    }
    groups[(drafts_known ? "" : "drafts unknown: ") + row.at("model_path") + " " + row.at("system") + " " +
           row.at("backend") + " " + row.at("precision")]
        .push_back(error);
  }
  ASSERT_GT(dense.size(), 100u);
  ASSERT_GT(mixtures.size(), 100u);
  for (std::vector<double>* errors : {&dense, &mixtures}) {
    std::sort(errors->begin(), errors->end());
    std::cout << errors->size() << (errors == &dense ? " dense" : " mixture") << " points: median error "
              << 100 * median(*errors) << " %, p90 " << 100 * (*errors)[errors->size() * 9 / 10] << " %\n";
  }
  std::cout << skipped << " points skipped\n";
  for (const auto& [group, values] : groups) {
    std::cout << "  " << group << " " << values.size() << ": bias " << 100 * median(values) << " %\n";
  }
  EXPECT_LT(median(dense), 0.12);
  EXPECT_LT(median(mixtures), 0.28);
}

}  // namespace
}  // namespace aifactory
