#include "sim/study/training_case.h"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <nlohmann/json.hpp>

#include "models/llm/parameters.h"

namespace aifactory {
namespace {

using nlohmann::json;

// A whole number from 1 on; absent or null is 1.
int whole(const MeasuredRow& row, const char* column) {
  return static_cast<int>(std::clamp(std::round(row.number(column).value_or(1.0)), 1.0, 1e8));
}

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

bool mentions(const std::string& text, const char* word) {
  return lower(text).find(word) != std::string::npos;
}

class Extra {
 public:
  explicit Extra(const MeasuredRow& row) : fields_(json::parse(row.text("arch_extra"), nullptr, false)) {}
  [[nodiscard]] int at(const char* key, int otherwise = 0) const {
    const bool there = fields_.is_object() && fields_.contains(key) && fields_[key].is_number();
    return there ? static_cast<int>(std::clamp(fields_[key].get<double>(), 0.0, 1e8)) : otherwise;
  }

 private:
  json fields_;
};

void add_attention(LlmArchitecture& model, const Extra& extra) {
  model.head_dim = extra.at("head_dim", model.hidden / model.heads);
  if (extra.at("kv_lora_rank") > 0) {  // the tables do not state head widths: those of DeepSeek-V3 and Kimi K2
    model.q_lora_rank = extra.at("q_lora_rank");
    model.kv_lora_rank = extra.at("kv_lora_rank");
    model.nope_head_dim = 128;
    model.rope_head_dim = 64;
    model.v_head_dim = 128;
    model.head_dim = model.nope_head_dim + model.rope_head_dim;
  }
}

LlmArchitecture architecture(const MeasuredRow& row, const Extra& extra) {
  LlmArchitecture model;
  model.id = row.text("model");
  model.hidden = whole(row, "hidden");
  model.vocabulary = whole(row, "vocab");
  model.heads = whole(row, "heads");
  model.kv_heads = whole(row, "kv_heads");
  model.dense_intermediate = whole(row, "ffn");
  add_attention(model, extra);
  LayerGroup group;
  group.attention = model.kv_lora_rank > 0 ? AttentionKind::kLatent : AttentionKind::kGrouped;
  model.experts = extra.at("experts");
  const int layers = whole(row, "layers");
  const int leading = model.experts > 0 ? std::min(layers, extra.at("first_dense_layers")) : 0;
  if (model.experts > 0) {
    model.experts_per_token = std::max(1, extra.at("experts_per_tok"));
    model.expert_intermediate = extra.at("moe_ffn", model.dense_intermediate);
    model.shared_experts = extra.at("shared_experts");
    model.shared_intermediate = model.shared_experts > 0 ? model.expert_intermediate : 0;
  }
  if (leading > 0) {
    group.count = leading;
    model.layers.push_back(group);
  }
  group.mixture = model.experts > 0;
  group.count = layers - leading;
  if (const int window = extra.at("window"); window > 0 && group.count > 1) {  // every second layer, as in gpt-oss
    LayerGroup windowed = group;
    windowed.window = window;
    windowed.count = group.count / 2;
    group.count -= windowed.count;
    model.layers.push_back(windowed);
  }
  model.layers.push_back(group);
  if (const auto stated = row.number("params")) {
    const auto distance = [&](bool gated) {
      model.gated_mlp = gated;
      return std::abs(count_parameters(model).total() - *stated);
    };
    model.gated_mlp = distance(true) <= distance(false);
  }
  return model;
}

GemmFormat format_of(const std::string& precision) {
  if (mentions(precision, "fp4")) {
    return GemmFormat::kFp4;
  }
  if (mentions(precision, "fp8") || mentions(precision, "float8")) {
    return mentions(precision, "block") ? GemmFormat::kFp8Block : GemmFormat::kFp8;
  }
  return GemmFormat::kBf16;
}

// Null: the distributed optimizer of Megatron, NeMo and MLPerf.
ZeroStage zero_of(const std::string& text) {
  if (text.empty() || mentions(text, "distributed optimizer") || mentions(text, "zero-1")) {
    return ZeroStage::kOptimizer;
  }
  if (mentions(text, "zero-2") || mentions(text, "not resharded")) {
    return ZeroStage::kGradients;
  }
  return mentions(text, "zero-3") || mentions(text, "fsdp") ? ZeroStage::kWeights : ZeroStage::kNone;
}

Recompute recompute_of(const std::string& text) {
  if (mentions(text, "full")) {
    return Recompute::kFull;
  }
  return mentions(text, "selective") || mentions(text, "minimal") ? Recompute::kSelective : Recompute::kNone;
}

ParallelLayout layout_of(const MeasuredRow& row, const LlmArchitecture& model) {
  ParallelLayout layout;
  layout.tensor = whole(row, "tp");
  layout.context = whole(row, "cp");
  layout.pipeline = whole(row, "pp");
  layout.data = std::max(1, whole(row, "n_accel") / (layout.tensor * layout.context * layout.pipeline));  // checked
  layout.expert = model.experts > 0 ? whole(row, "ep") : 1;
  layout.micro_batch = *row.number("micro_batch");
  layout.global_batch = *row.number("global_batch");
  layout.zero = zero_of(row.text("zero"));
  layout.recompute = recompute_of(row.text("recompute"));
  // Megatron interleaves; where the row does not say how far, two layers per chunk.
  const int stage = std::max(1, model.layer_count() / layout.pipeline);
  layout.virtual_pipeline = layout.pipeline == 1           ? 1
                            : row.number("vp").has_value() ? whole(row, "vp")
                                                           : std::max(1, stage / 2);
  while (layout.virtual_pipeline > 1 && layout.pipeline * layout.virtual_pipeline > model.layer_count()) {
    --layout.virtual_pipeline;  // rows that count embedding and head as layers
  }
  return layout;
}

}  // namespace

std::optional<TrainingCase> training_case(const MeasuredRow& row, std::string& reason) {
  for (const char* column :
       {"n_accel", "layers", "hidden", "heads", "kv_heads", "ffn", "vocab", "seq_len", "global_batch", "micro_batch"}) {
    if (!(row.number(column).value_or(0.0) > 0.0)) {
      reason = std::string("does not state ") + column;
      return std::nullopt;
    }
  }
  double widths = 1.0;
  for (const char* column : {"tp", "cp", "pp"}) {
    widths *= whole(row, column);
  }
  if (widths > whole(row, "n_accel") || whole(row, "vp") > 10000) {
    reason = "tp, cp, pp and vp ask for more accelerators or chunks than n_accel has";
    return std::nullopt;
  }
  if (row.number("dp") && widths * whole(row, "dp") > whole(row, "n_accel")) {
    reason = "layouts that count cores instead of packages are not evaluated";
    return std::nullopt;
  }
  for (const char* column : {"model", "table", "notes"}) {
    if (mentions(row.text(column), "lora")) {
      reason = "low-rank adapters are not modelled";
      return std::nullopt;
    }
  }
  TrainingCase result;
  result.model = architecture(row, Extra(row));
  result.layout = layout_of(row, result.model);
  result.formats.dense = result.formats.experts = format_of(row.text("precision"));
  result.sequence_length = *row.number("seq_len");
  result.recompute_stated = !row.text("recompute").empty();
  return result;
}

}  // namespace aifactory
