#include "models/llm/layout.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "models/llm/parameters.h"

namespace aifactory {
namespace {

bool divides(int divisor, int number) {
  return divisor > 0 && number % divisor == 0;
}

bool is_mixture(const LlmArchitecture& model) {
  return std::any_of(model.layers.begin(), model.layers.end(),
                     [](const LayerGroup& group) { return group.feed_forward && group.mixture; });
}

void check_degrees(const ParallelLayout& layout, std::vector<std::string>& problems) {
  const struct {
    const char* name;
    int value;
  } degrees[] = {{"tensor", layout.tensor},
                 {"pipeline", layout.pipeline},
                 {"virtual_pipeline", layout.virtual_pipeline},
                 {"context", layout.context},
                 {"data", layout.data},
                 {"expert", layout.expert},
                 {"expert_tensor", layout.expert_tensor}};
  for (const auto& degree : degrees) {
    if (degree.value < 1) {
      problems.push_back(fmt::format("{} parallelism is {}, it must be at least 1", degree.name, degree.value));
    }
  }
}

void check_heads(const LlmArchitecture& model, const ParallelLayout& layout, std::vector<std::string>& problems) {
  for (const LayerGroup& group : model.layers) {
    const bool linear = group.attention == AttentionKind::kLinear;
    const int heads = linear ? model.linear_value_heads : group_heads(model, group);
    if (!divides(layout.tensor, heads)) {
      problems.push_back(fmt::format("{} {} heads do not split over tensor parallelism {}", heads,
                                     linear ? "linear" : "attention", layout.tensor));
      return;
    }
    const int kv_heads = group_kv_heads(model, group);
    if (group.attention == AttentionKind::kGrouped && !divides(layout.tensor, kv_heads) &&
        !divides(kv_heads, layout.tensor)) {
      problems.push_back(fmt::format("{} key-value heads neither split over nor divide tensor parallelism {}", kv_heads,
                                     layout.tensor));
      return;
    }
  }
}

void check_experts(const LlmArchitecture& model, const ParallelLayout& layout, std::vector<std::string>& problems) {
  if (!is_mixture(model)) {
    if (layout.expert > 1 || layout.expert_tensor > 1) {
      problems.push_back("expert parallelism needs a mixture of experts, the model is dense");
    }
    return;
  }
  if (!divides(layout.expert, model.experts)) {
    problems.push_back(fmt::format("{} experts do not split over expert parallelism {}", model.experts, layout.expert));
  }
  if (!divides(layout.expert_tensor, model.expert_intermediate)) {
    problems.push_back(fmt::format("expert width {} does not split over expert tensor parallelism {}",
                                   model.expert_intermediate, layout.expert_tensor));
  }
}

}  // namespace

std::vector<std::string> training_layout_problems(const LlmArchitecture& model, const ParallelLayout& layout,
                                                  double sequence_length) {
  std::vector<std::string> problems;
  check_degrees(layout, problems);
  if (!problems.empty()) {
    return problems;
  }
  check_heads(model, layout, problems);
  check_experts(model, layout, problems);
  const int ranks = layout.tensor * layout.context * layout.data;
  if (!divides(layout.expert * layout.expert_tensor, ranks)) {
    problems.push_back(fmt::format("expert {} x expert tensor {} does not divide tensor x context x data = {}",
                                   layout.expert, layout.expert_tensor, ranks));
  }
  if (layout.pipeline * layout.virtual_pipeline > model.layer_count()) {
    problems.push_back(fmt::format("{} layers are fewer than pipeline {} x virtual stages {}", model.layer_count(),
                                   layout.pipeline, layout.virtual_pipeline));
  }
  if (layout.virtual_pipeline > 1 && layout.pipeline == 1) {
    problems.push_back("virtual stages need pipeline parallelism");
  }
  const double micro_batches = layout.micro_batches();
  if (!(layout.micro_batch > 0.0) || !(layout.global_batch > 0.0)) {
    problems.push_back("micro-batch and global batch must be positive");
  } else if (std::abs(micro_batches - std::round(micro_batches)) > 1e-9 * micro_batches || micro_batches < 0.5) {
    problems.push_back(
        fmt::format("a global batch of {} sequences is not a whole number of micro-batches of {} on {} "
                    "data-parallel ranks",
                    layout.global_batch, layout.micro_batch, layout.data));
  }
  if (layout.context > 1 && std::fmod(sequence_length, 2.0 * layout.context) > 0.5) {
    problems.push_back(fmt::format("a sequence of {} tokens does not split into 2 x {} balanced context chunks",
                                   sequence_length, layout.context));
  }
  return problems;
}

std::vector<std::string> serving_layout_problems(const LlmArchitecture& model, const ParallelLayout& layout) {
  std::vector<std::string> problems;
  check_degrees(layout, problems);
  if (!problems.empty()) {
    return problems;
  }
  check_heads(model, layout, problems);
  check_experts(model, layout, problems);
  if (layout.context > 1 || layout.virtual_pipeline > 1) {
    problems.push_back("context parallelism and virtual stages are for training");
  }
  if (layout.pipeline > model.layer_count()) {
    problems.push_back(fmt::format("{} layers are fewer than pipeline {}", model.layer_count(), layout.pipeline));
  }
  const int ranks = layout.tensor * layout.data;
  if (is_mixture(model)) {
    if (layout.expert * layout.expert_tensor != ranks) {
      problems.push_back(fmt::format("expert {} x expert tensor {} must cover tensor x attention replicas = {}",
                                     layout.expert, layout.expert_tensor, ranks));
    }
  } else if (layout.data > 1) {
    problems.push_back("attention replicas share experts only; a dense model runs one per replica");
  }
  return problems;
}

}  // namespace aifactory
