// One configuration to measure: everything that identifies a row of the output, and nothing that is a result.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace aifactory::probe {

struct Case {
  std::string op;    // gemm, batched_gemm, grouped_gemm, attn_prefill, attn_decode, mla_prefill, mla_decode, copy, add,
                     // rmsnorm, silu_mul, embed, sample, launch, memcpy, interference, layer
  std::string impl;  // cublaslt, cublas, cudnn, own, runtime
  std::string dtype;                          // of the operands: bf16, fp8; "none" where there are none
  std::map<std::string, std::int64_t> shape;  // counts; by name, see README.md
  std::string detail;                         // expert routing, direction of a memcpy, name of a layer

  std::string l2 = "cold";       // cold: buffers rotate beyond the L2 cache; warm: one set of buffers
  std::string mode = "burst";    // burst: some ms at the boost clock; sustained: at least a second
  std::string launch = "graph";  // graph: nodes of a captured CUDA graph; stream: one call per launch

  // Not part of the identity.
  std::string model;        // whose shape this is, for people: "llama3-70b tp8 qkv"
  bool hold_out = false;    // kept for validation: never to be fitted
  int priority = 1;         // 1 first; higher ones only when the budget allows
  std::vector<Case> parts;  // layer: the kernels in order; interference: the kernel that is disturbed

  [[nodiscard]] std::int64_t at(const std::string& name) const { return shape.at(name); }
  [[nodiscard]] std::int64_t get(const std::string& name, std::int64_t otherwise) const {
    const auto found = shape.find(name);
    return found == shape.end() ? otherwise : found->second;
  }
};

// "gemm|cublaslt|bf16||k=4096,m=1,n=6144|cold|burst|graph": equal for equal configurations.
std::string key_of(const Case& c);

// Fixed on every machine; decides orders and samples.
std::uint64_t hash_of(const std::string& text);

}  // namespace aifactory::probe
