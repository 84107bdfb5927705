// Step times of published dense pre-training runs (Megatron-Bridge, NeMo, MLPerf) against the closed form, with what
// models/kernels carries and the overlap constants of StepOverlap, which come from fits to public runs of the same kind
// (not held out). The bound is what was found, with a margin: it catches a regression.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "models/catalog/catalog.h"
#include "models/catalog/system_table.h"
#include "sim/training/step.h"

namespace aifactory {
namespace {

const std::map<std::string, std::string> kSystems = {{"H100-SXM5-80GB", "hgx_h100"}, {"H200-SXM5-141GB", "hgx_h200"},
                                                     {"B200-SXM", "hgx_b200"},       {"B300-SXM", "hgx_b300"},
                                                     {"GB200", "gb200_nvl72"},       {"GB300", "gb300_nvl72"},
                                                     {"A100-SXM4-80GB", "hgx_a100"}};

int whole(const nlohmann::json& row, const char* key) {
  const auto found = row.find(key);
  return found == row.end() || found->is_null() ? 1 : static_cast<int>(std::lround(found->get<double>()));
}

bool is_dense_pretraining(const nlohmann::json& row) {
  const std::string group = row["group"];
  const std::string family = row["family"];
  const std::string model = row["model"];
  const std::string metric = row["metric"];
  return row.value("complete", false) && (group == "bridge" || group == "mlperf" || group == "nemo") &&
         (family == "405b" || family == "70b" || family == "175b" || family == "8b") &&
         model.find("LoRA") == std::string::npos && model.find("LORA") == std::string::npos &&
         model.find("SFT") == std::string::npos && row.dump().find("LoRA") == std::string::npos &&
         (metric == "step_time_s" || metric == "tokens_per_s_per_accel") && kSystems.count(row["hardware"]) > 0;
}

LlmArchitecture architecture_of(const nlohmann::json& row) {
  LlmArchitecture model;
  model.id = row["model"];
  model.hidden = whole(row, "hidden");
  model.vocabulary = whole(row, "vocab");
  model.gated_mlp = row["family"] != "175b";
  LayerGroup group;
  group.count = whole(row, "layers");
  model.layers = {group};
  model.heads = whole(row, "heads");
  model.kv_heads = whole(row, "kv_heads");
  model.head_dim = model.hidden / model.heads;
  model.dense_intermediate = whole(row, "ffn");
  return model;
}

GemmFormat format_of(const std::string& precision) {
  if (precision.find("FP4") != std::string::npos) {
    return GemmFormat::kFp4;
  }
  return precision.find("FP8") != std::string::npos ? GemmFormat::kFp8 : GemmFormat::kBf16;
}

ParallelLayout layout_of(const nlohmann::json& row, const LlmArchitecture& model) {
  ParallelLayout layout;
  layout.tensor = whole(row, "tp");
  layout.context = whole(row, "cp");
  layout.pipeline = whole(row, "pp");
  layout.data = whole(row, "n_accel") / (layout.tensor * layout.context * layout.pipeline);
  layout.micro_batch = row["micro_batch"].get<double>();
  layout.global_batch = row["global_batch"].get<double>();
  // Megatron interleaves on these machines; where the row does not say how far, two layers per chunk.
  const int stage = model.layer_count() / layout.pipeline;
  const bool stated = row.contains("vp") && !row["vp"].is_null();
  layout.virtual_pipeline = layout.pipeline == 1 ? 1 : stated ? whole(row, "vp") : std::max(1, stage / 2);
  while (layout.pipeline * layout.virtual_pipeline > model.layer_count()) {
    --layout.virtual_pipeline;  // rows that count embedding and head as layers
  }
  return layout;
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

TEST(TrainingBacktest, DensePretrainingSteps) {
  const std::filesystem::path file =
      std::filesystem::path(AIFACTORY_SOURCE_DIR) / "../shared/reference/training_measured.json";
  if (!std::filesystem::exists(file)) {
    GTEST_SKIP() << "reference measurements are not part of the repository";
  }
  const Catalog catalog = Catalog::load({std::string(AIFACTORY_SOURCE_DIR) + "/configs", {}, {}});
  std::vector<double> errors;
  std::vector<double> signed_errors;
  std::map<std::string, std::vector<double>> by_hardware;
  int skipped = 0;
  for (const nlohmann::json& row : nlohmann::json::parse(std::ifstream(file))) {
    if (!is_dense_pretraining(row)) {
      continue;
    }
    TrainingSpec spec;
    spec.model = architecture_of(row);
    spec.system = load_system(catalog, kSystems.at(row["hardware"]));
    spec.kernels = std::make_shared<const KernelModel>(spec.system.accelerator);
    spec.layout = layout_of(row, spec.model);
    spec.formats.dense = format_of(row["precision"]);
    spec.sequence_length = row["seq_len"].get<double>();
    spec.memory_share = 100;  // the run took place
    const StepBreakdown step = step_time(spec);
    if (!step.feasible() || !spec.system.accelerator.supports(math_precision(spec.formats.dense))) {
      ++skipped;
      continue;
    }
    const double value = row["value"].get<double>();
    const double measured =
        row["metric"] == "step_time_s" ? value : step.tokens / (value * row["n_accel"].get<double>());
    const double error = step.total.value() / measured - 1;
    errors.push_back(std::abs(error));
    signed_errors.push_back(error);
    by_hardware[row["hardware"]].push_back(error);
    EXPECT_LT(step.mfu, 1.0) << row["id"];
  }
  ASSERT_GT(errors.size(), 50u);
  std::sort(errors.begin(), errors.end());
  std::cout << errors.size() << " runs, " << skipped << " skipped: median error " << 100 * median(errors) << " %, p90 "
            << 100 * errors[errors.size() * 9 / 10] << " %, bias " << 100 * median(signed_errors) << " %\n";
  for (const auto& [hardware, values] : by_hardware) {
    std::cout << "  " << hardware << " " << values.size() << ": bias " << 100 * median(values) << " %\n";
  }
  EXPECT_LT(median(errors), 0.17);
}

}  // namespace
}  // namespace aifactory
