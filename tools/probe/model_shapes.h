// Shapes of published models, per accelerator after tensor parallelism. From the config.json files that their authors
// publish on Hugging Face (meta-llama/Llama-3.1-*, deepseek-ai/DeepSeek-V3, openai/gpt-oss-120b, Qwen/Qwen3-*).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace aifactory::probe {

struct DenseModel {
  std::string name;
  std::int64_t hidden, heads, kv_heads, head_dim, inter, vocab;
  std::vector<int> tensor_parallel;  // degrees whose shards one accelerator can hold
};
const std::vector<DenseModel>& dense_models();

struct ExpertModel {
  std::string name;
  std::int64_t hidden, inter, experts, topk;
  std::vector<int> expert_parallel;
};
const std::vector<ExpertModel>& expert_models();

// One linear operator: m x n = m x k times n x k.
struct Linear {
  std::string name;  // "llama3-70b tp8 qkv"
  std::int64_t n, k;
};
// Every distinct (n, k) of all models, named for the first that has it.
std::vector<Linear> linear_operators();

}  // namespace aifactory::probe
