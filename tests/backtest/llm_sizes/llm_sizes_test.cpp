// Parameter counts derived from every configuration against the sizes their publishers state.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <string>

#include "models/catalog/catalog.h"
#include "models/catalog/llm_table.h"
#include "models/llm/layout.h"
#include "models/llm/parameters.h"

namespace aifactory {
namespace {

struct Published {
  double total = 0.0;   // billions
  double active = 0.0;  // billions; zero for dense models
};

// Model cards and reports; text part of multimodal models.
const std::map<std::string, Published>& published_sizes() {
  static const std::map<std::string, Published> sizes = {
      {"bloom-176b", {176.2, 0}},       {"deepseek-r1", {671, 37}},
      {"deepseek-v3", {671, 37}},       {"deepseek-v3.2", {671, 37}},
      {"deepseek-v4-flash", {284, 13}}, {"deepseek-v4-pro", {1600, 49}},
      {"gemma-3-12b", {11.8, 0}},       {"gemma-3-27b", {27.0, 0}},
      {"gemma-4-26b-a4b", {25.2, 3.8}}, {"glm-5", {744, 40}},
      {"glm-5.1", {744, 40}},           {"glm-5.2", {744, 40}},
      {"gpt-oss-120b", {116.8, 5.1}},   {"gpt-oss-20b", {20.9, 3.6}},
      {"gpt3-175b", {174.6, 0}},        {"kimi-k2", {1040, 32}},
      {"kimi-k2.5", {1040, 32}},        {"kimi-k3", {2800, 0}},
      {"llama-2-70b", {69.0, 0}},       {"llama-2-7b", {6.74, 0}},
      {"llama-3.1-405b", {405.8, 0}},   {"llama-3.1-70b", {70.6, 0}},
      {"llama-3.1-8b", {8.03, 0}},      {"llama-4-maverick", {400, 17}},
      {"llama-4-scout", {109, 17}},     {"megatron-1t", {1008, 0}},
      {"megatron-530b", {530, 0}},      {"mimo-7b", {7.6, 0}},
      {"mimo-v2-flash", {309, 15}},     {"minimax-m2.5", {229, 10}},
      {"minimax-m2.7", {229, 10}},      {"minimax-m3", {428, 0}},
      {"mixtral-8x22b", {141, 39}},     {"mixtral-8x7b", {46.7, 12.9}},
      {"nemotron-3-nano", {31.6, 3.6}}, {"nemotron-3-super", {120.6, 12.7}},
      {"nemotron-3-ultra", {550, 55}},  {"nemotron-h-56b", {56, 0}},
      {"qwen3-0.6b", {0.6, 0}},         {"qwen3-1.7b", {1.7, 0}},
      {"qwen3-14b", {14.8, 0}},         {"qwen3-235b-a22b", {235, 22}},
      {"qwen3-30b-a3b", {30.5, 3.3}},   {"qwen3-32b", {32.8, 0}},
      {"qwen3-4b", {4.0, 0}},           {"qwen3-8b", {8.2, 0}},
      {"qwen3-coder-480b", {480, 35}},  {"qwen3.5-122b-a10b", {122, 10}},
      {"qwen3.5-27b", {27, 0}},         {"qwen3.5-35b-a3b", {35, 3}},
      {"qwen3.5-397b-a17b", {397, 17}}, {"step-3.7-flash", {196, 11}}};
  return sizes;
}

Catalog catalog() {
  return Catalog::load({.configs_dir = AIFACTORY_SOURCE_DIR "/configs", .overlays = {}, .as_of = {}});
}

TEST(LlmSizes, TotalsWithinTwoPercent) {
  const Catalog facts = catalog();
  for (const auto& [id, published] : published_sizes()) {
    const double total = count_parameters(load_llm(facts, id)).total() / 1e9;
    EXPECT_NEAR(total / published.total, 1.0, 0.02) << id << " derives " << total << " B";
  }
}

// Cards round, and disagree whether the input embedding (a lookup) is active: the nearer reading counts.
TEST(LlmSizes, ActiveParametersWithinFivePercentOfEitherReading) {
  const Catalog facts = catalog();
  for (const auto& [id, published] : published_sizes()) {
    if (published.active == 0.0) {
      continue;
    }
    const ParameterCount count = count_parameters(load_llm(facts, id));
    const double with_embedding = count.active() / 1e9 / published.active - 1.0;
    const double without = (count.active() - count.embedding) / 1e9 / published.active - 1.0;
    EXPECT_LT(std::min(std::abs(with_embedding), std::abs(without)), 0.05) << id << " derives " << count.active();
  }
}

TEST(LlmSizes, EveryConfigurationHasAPublishedSize) {
  for (const std::string& id : catalog().ids("llms")) {
    EXPECT_EQ(published_sizes().count(id), 1u) << id;
  }
}

TEST(LlmSizes, EveryConfigurationRunsOnOneRank) {
  const Catalog facts = catalog();
  for (const std::string& id : facts.ids("llms")) {
    EXPECT_TRUE(serving_layout_problems(load_llm(facts, id), ParallelLayout{}).empty()) << id;
  }
}

}  // namespace
}  // namespace aifactory
