#include <initializer_list>

#include "tools/probe/suites.h"

namespace aifactory::probe {
namespace {

using Shape = std::map<std::string, std::int64_t>;

Case part(const char* op, const char* impl, Shape shape) {
  Case c;
  c.op = op;
  c.impl = impl;
  c.dtype = "bf16";
  c.shape = std::move(shape);
  return c;
}
Case linear(std::int64_t m, std::int64_t n, std::int64_t k) {
  return part("gemm", "cublaslt", {{"m", m}, {"n", n}, {"k", k}});
}

Case layer(const char* name, Shape shape, const std::string& impl, std::vector<Case> parts) {
  Case c;
  c.op = "layer";
  c.impl = impl;
  c.dtype = "bf16";
  c.detail = name;
  c.shape = std::move(shape);
  c.parts = std::move(parts);
  c.model = name;
  return c;
}

// Llama-3-70B, one of eight tensor-parallel shards; the two all-reduces are not part of it.
std::vector<Case> llama_parts(std::int64_t tokens, const Case& attention) {
  constexpr std::int64_t kHidden = 8192;
  constexpr std::int64_t kInter = 28672 / 8;
  return {part("rmsnorm", "own", {{"rows", tokens}, {"hidden", kHidden}}),
          linear(tokens, (64 + 2 * 8) * 128 / 8, kHidden),
          attention,
          linear(tokens, kHidden, 64 * 128 / 8),
          part("rmsnorm", "own", {{"rows", tokens}, {"hidden", kHidden}}),
          linear(tokens, 2 * kInter, kHidden),
          part("silu_mul", "own", {{"rows", tokens}, {"inter", kInter}}),
          linear(tokens, kHidden, kInter)};
}

// DeepSeek-V3: data-parallel attention with all 128 heads, routed experts over 32 ranks (8 here, each rank with as many
// tokens), the shared expert on every rank. Dispatch and combine are not part of it.
std::vector<Case> deepseek_parts(std::int64_t tokens, bool decode, const Case& attention) {
  constexpr std::int64_t kHidden = 7168;
  constexpr std::int64_t kRanks = 32;
  std::vector<Case> parts = {part("rmsnorm", "own", {{"rows", tokens}, {"hidden", kHidden}}),
                             linear(tokens, 2112, kHidden), linear(tokens, 24576, 1536)};
  if (decode) {  // absorbed: queries into the latent space and values out of it, head by head
    parts.push_back(part("batched_gemm", "cublaslt", {{"batch", 128}, {"m", tokens}, {"n", 512}, {"k", 128}}));
    parts.push_back(attention);
    parts.push_back(part("batched_gemm", "cublaslt", {{"batch", 128}, {"m", tokens}, {"n", 128}, {"k", 512}}));
  } else {
    parts.push_back(linear(tokens, 32768, 512));
    parts.push_back(attention);
  }
  parts.push_back(linear(tokens, kHidden, 16384));
  parts.push_back(part("rmsnorm", "own", {{"rows", tokens}, {"hidden", kHidden}}));
  parts.push_back(linear(tokens, 256, kHidden));
  parts.push_back(linear(tokens, 4096, kHidden));
  parts.push_back(part("silu_mul", "own", {{"rows", tokens}, {"inter", 2048}}));
  parts.push_back(linear(tokens, kHidden, 2048));
  Case experts = part("grouped_gemm", "cublas",
                      {{"tokens", tokens * kRanks},
                       {"hidden", kHidden},
                       {"inter", 2048},
                       {"experts", 256},
                       {"topk", 8},
                       {"ep", kRanks},
                       {"tp", 1}});
  experts.detail = "uniform";
  parts.push_back(experts);
  return parts;
}

}  // namespace

std::vector<Case> layer_cases(bool cudnn) {
  const char* const prefill_impl = cudnn ? "cudnn" : "own";
  std::vector<Case> cases;
  constexpr std::int64_t kPrompt = 4096;
  cases.push_back(layer(
      "llama3-70b_tp8_prefill", {{"batch", 1}, {"isl", kPrompt}}, prefill_impl,
      llama_parts(kPrompt, part("attn_prefill", prefill_impl,
                                {{"batch", 1}, {"isl", kPrompt}, {"heads", 8}, {"kv_heads", 1}, {"head_dim", 128}}))));
  cases.push_back(
      layer("deepseek-v3_ep32_prefill", {{"batch", 1}, {"isl", kPrompt}}, prefill_impl,
            deepseek_parts(kPrompt, false,
                           part("mla_prefill", prefill_impl, {{"batch", 1}, {"isl", kPrompt}, {"heads", 128}}))));
  for (const std::int64_t batch : {1, 4, 16, 32, 64, 128, 256}) {
    cases.push_back(layer(
        "llama3-70b_tp8_decode", {{"batch", batch}, {"past", kPrompt - 1}}, "own",
        llama_parts(
            batch, part("attn_decode", "own",
                        {{"batch", batch}, {"past", kPrompt - 1}, {"heads", 8}, {"kv_heads", 1}, {"head_dim", 128}}))));
    cases.push_back(
        layer("deepseek-v3_ep32_decode", {{"batch", batch}, {"past", kPrompt - 1}}, "own",
              deepseek_parts(batch, true,
                             part("mla_decode", "own", {{"batch", batch}, {"past", kPrompt - 1}, {"heads", 128}}))));
  }
  const std::vector<Case> burst = cases;
  for (Case c : burst) {  // energy needs a second
    c.mode = "sustained";
    cases.push_back(c);
  }
  return cases;
}

}  // namespace aifactory::probe
