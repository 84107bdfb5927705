#include "tools/probe/suites.h"

namespace aifactory::probe {
namespace {

Case streaming(const char* op, std::map<std::string, std::int64_t> shape) {
  Case c;
  c.op = op;
  c.impl = "own";
  c.dtype = "bf16";
  c.shape = std::move(shape);
  return c;
}

Case copying(const char* direction, std::int64_t bytes) {
  Case c;
  c.op = "memcpy";
  c.impl = "runtime";
  c.dtype = "none";
  c.detail = direction;
  c.shape = {{"bytes", bytes}};
  // Copies between a host or a peer and the device are timed as calls.
  c.launch = c.detail == "d2d" ? "graph" : "stream";
  return c;
}

}  // namespace

std::vector<Case> memory_cases() {
  std::vector<Case> cases;
  for (std::int64_t bytes = 64 << 10; bytes <= std::int64_t{2} << 30; bytes *= 4) {
    cases.push_back(streaming("copy", {{"bytes", bytes}}));
    cases.push_back(streaming("add", {{"bytes", bytes}}));
    cases.push_back(copying("d2d", bytes));
    if (bytes <= std::int64_t{256} << 20) {
      for (const char* direction : {"h2d", "d2h", "p2p"}) {
        cases.push_back(copying(direction, bytes));
      }
    }
  }
  cases.push_back(streaming("copy", {{"bytes", std::int64_t{2} << 30}}));
  cases.back().mode = "sustained";
  for (const std::int64_t rows : {1, 16, 64, 256, 1024, 4096, 16384}) {
    for (const std::int64_t hidden : {2880, 4096, 7168, 8192, 16384}) {
      cases.push_back(streaming("rmsnorm", {{"rows", rows}, {"hidden", hidden}}));
      cases.back().priority = hidden == 8192 || hidden == 4096 ? 1 : 2;
    }
    for (const std::int64_t inter : {1792, 3584, 14336, 28672}) {
      cases.push_back(streaming("silu_mul", {{"rows", rows}, {"inter", inter}}));
      cases.back().priority = inter == 3584 || inter == 14336 ? 1 : 2;
    }
    cases.push_back(streaming("embed", {{"rows", rows}, {"hidden", 8192}, {"vocab", 128256}}));
  }
  for (const std::int64_t rows : {1, 4, 16, 64, 256}) {
    cases.push_back(streaming("sample", {{"rows", rows}, {"vocab", 128256}}));
    cases.push_back(streaming("sample", {{"rows", rows}, {"vocab", 151936}}));
    cases.back().priority = 2;
  }
  return cases;
}

std::vector<Case> launch_cases() {
  std::vector<Case> cases;
  for (const char* launch : {"graph", "stream"}) {
    Case c;
    c.op = "launch";
    c.impl = "own";
    c.dtype = "none";
    c.l2 = "warm";  // there is nothing to be cold
    c.launch = launch;
    cases.push_back(c);
  }
  return cases;
}

std::vector<Case> interference_cases() {
  std::vector<Case> kernels;
  for (const std::int64_t m : {16, 512, 4096}) {
    Case gemm;
    gemm.op = "gemm";
    gemm.impl = "cublaslt";
    gemm.dtype = "bf16";
    gemm.shape = {{"m", m}, {"n", 7168}, {"k", 8192}};
    kernels.push_back(gemm);
  }
  Case decode;
  decode.op = "attn_decode";
  decode.impl = "own";
  decode.dtype = "bf16";
  decode.shape = {{"batch", 64}, {"past", 4095}, {"heads", 8}, {"kv_heads", 1}, {"head_dim", 128}};
  kernels.push_back(decode);

  std::vector<Case> cases;
  for (const Case& kernel : kernels) {
    for (const char* direction : {"d2d", "h2d", "d2h", "p2p"}) {
      Case c;
      c.op = "interference";
      c.impl = kernel.impl;
      c.dtype = kernel.dtype;
      c.detail = direction;
      c.shape = kernel.shape;
      c.parts = {kernel};
      cases.push_back(c);
    }
  }
  return cases;
}

}  // namespace aifactory::probe
