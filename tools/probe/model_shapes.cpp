#include "tools/probe/model_shapes.h"

#include <set>
#include <utility>

namespace aifactory::probe {

const std::vector<DenseModel>& dense_models() {
  static const std::vector<DenseModel> models = {
      {"llama3-8b", 4096, 32, 8, 128, 14336, 128256, {1, 2, 4, 8}},
      {"llama3-70b", 8192, 64, 8, 128, 28672, 128256, {8, 4, 2, 1}},
      {"llama3-405b", 16384, 128, 8, 128, 53248, 128256, {8, 4}},
      {"qwen3-32b", 5120, 64, 8, 128, 25600, 151936, {1, 4}},
  };
  return models;
}

const std::vector<ExpertModel>& expert_models() {
  static const std::vector<ExpertModel> models = {
      {"deepseek-v3", 7168, 2048, 256, 8, {32, 8, 64, 1}},
      {"gpt-oss-120b", 2880, 2880, 128, 4, {1, 8}},
      {"qwen3-235b-a22b", 4096, 1536, 128, 8, {8, 1}},
      {"qwen3-30b-a3b", 2048, 768, 128, 8, {1, 4}},
  };
  return models;
}

std::vector<Linear> linear_operators() {
  std::vector<Linear> all;
  std::set<std::pair<std::int64_t, std::int64_t>> seen;
  const auto add = [&](const std::string& name, std::int64_t n, std::int64_t k) {
    if (seen.insert({n, k}).second) {
      all.push_back({name, n, k});
    }
  };
  for (const DenseModel& m : dense_models()) {
    for (const int tp : m.tensor_parallel) {
      const std::string name = m.name + " tp" + std::to_string(tp) + " ";
      add(name + "qkv", (m.heads + 2 * m.kv_heads) * m.head_dim / tp, m.hidden);
      add(name + "o", m.hidden, m.heads * m.head_dim / tp);
      add(name + "gate_up", 2 * m.inter / tp, m.hidden);
      add(name + "down", m.hidden, m.inter / tp);
      add(name + "head", m.vocab / tp, m.hidden);
    }
  }
  add("deepseek-v3 q_a kv_a", 2112, 7168);
  for (const int tp : {1, 8}) {
    const std::string name = "deepseek-v3 tp" + std::to_string(tp) + " ";
    add(name + "q_b", 24576 / tp, 1536);
    add(name + "kv_b", 32768 / tp, 512);
    add(name + "o", 7168, 16384 / tp);
  }
  add("deepseek-v3 shared gate_up", 4096, 7168);
  add("deepseek-v3 shared down", 7168, 2048);
  add("deepseek-v3 dense gate_up", 36864, 7168);
  add("deepseek-v3 dense down", 7168, 18432);
  add("deepseek-v3 router", 256, 7168);
  add("gpt-oss-120b qkv", 5120, 2880);
  add("gpt-oss-120b o", 2880, 4096);
  add("qwen3-235b-a22b qkv", 9216, 4096);
  add("qwen3-235b-a22b o", 4096, 8192);
  add("qwen3-30b-a3b qkv", 5120, 2048);
  add("qwen3-30b-a3b o", 2048, 4096);
  return all;
}

}  // namespace aifactory::probe
