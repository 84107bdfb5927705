#include <array>

#include "tools/probe/suites.h"

namespace aifactory::probe {
namespace {

struct Heads {
  std::int64_t heads, kv_heads, head_dim;
  const char* model;
};
constexpr std::array<Heads, 7> kHeads = {{{8, 1, 128, "llama3-70b tp8"},
                                          {64, 8, 128, "llama3-70b"},
                                          {32, 8, 128, "llama3-8b"},
                                          {16, 2, 128, "llama3-70b tp4"},
                                          {64, 8, 64, "gpt-oss-120b"},
                                          {128, 8, 128, "llama3-405b"},
                                          {64, 64, 128, "multi-head"}}};
constexpr std::int64_t kWindow = 128;            // gpt-oss: every second layer
constexpr std::int64_t kMostTokens = 65536;      // of a prefill
constexpr std::int64_t kMostCached = 8'000'000;  // keys x KV heads of a decode: 4 GB at head dimension 128

Case attention(const char* op, const std::string& impl, std::int64_t batch) {
  Case c;
  c.op = op;
  c.impl = impl;
  c.dtype = "bf16";
  c.shape["batch"] = batch;
  return c;
}

// The own kernels are a cross-check where cuDNN is there, and what there is where it is not.
int priority_of(const std::string& impl, bool cudnn, int priority) {
  return impl == "own" && cudnn ? priority + 1 : priority;
}

void add_prefill(std::vector<Case>& cases, const std::string& impl, bool cudnn) {
  for (const Heads& h : kHeads) {
    for (const std::int64_t isl : {128, 512, 1024, 2048, 4096, 8192, 16384, 32768}) {
      for (const std::int64_t batch : {1, 4, 16}) {
        if (batch * isl > kMostTokens || batch * isl * isl * h.heads > std::int64_t{1} << 37) {
          continue;
        }
        Case c = attention("attn_prefill", impl, batch);
        c.shape.insert({{"isl", isl}, {"heads", h.heads}, {"kv_heads", h.kv_heads}, {"head_dim", h.head_dim}});
        c.model = h.model;
        c.priority = priority_of(impl, cudnn, batch == 1 ? 1 : 2);
        cases.push_back(c);
        if (h.head_dim == 64 && impl == "own") {
          c.shape["window"] = kWindow;
          c.priority = 2;
          cases.push_back(c);
        }
      }
    }
  }
  for (const std::int64_t heads : {16, 128}) {
    for (const std::int64_t isl : {512, 1024, 4096, 8192, 16384}) {
      Case c = attention("mla_prefill", impl, 1);
      c.shape.insert({{"isl", isl}, {"heads", heads}});
      c.model = "deepseek-v3 tp" + std::to_string(128 / heads);
      c.priority = priority_of(impl, cudnn, 1);
      cases.push_back(c);
    }
  }
}

void add_decode(std::vector<Case>& cases, const std::string& impl, bool cudnn) {
  for (const Heads& h : kHeads) {
    for (const std::int64_t past : {255, 1023, 4095, 8191, 32767, 131071}) {
      for (const std::int64_t batch : {1, 4, 16, 64, 128, 256, 512}) {
        if (batch * (past + 1) * h.kv_heads > kMostCached) {
          continue;
        }
        Case c = attention("attn_decode", impl, batch);
        c.shape.insert({{"past", past}, {"heads", h.heads}, {"kv_heads", h.kv_heads}, {"head_dim", h.head_dim}});
        c.model = h.model;
        c.priority = priority_of(impl, cudnn, batch == 1 || batch == 16 || batch == 64 || batch == 256 ? 1 : 2);
        cases.push_back(c);
        if (h.head_dim == 64 && impl == "own") {
          c.shape["window"] = kWindow;
          c.priority = 2;
          cases.push_back(c);
        }
      }
    }
  }
}

}  // namespace

std::vector<Case> attention_cases(bool cudnn) {
  std::vector<Case> cases;
  if (cudnn) {
    add_prefill(cases, "cudnn", cudnn);
    add_decode(cases, "cudnn", cudnn);
  }
  add_prefill(cases, "own", cudnn);
  add_decode(cases, "own", cudnn);
  for (const std::int64_t heads : {16, 128}) {
    for (const std::int64_t past : {1023, 4095, 16383, 131071}) {
      for (const std::int64_t batch : {1, 8, 32, 64, 128, 256}) {
        if (batch * (past + 1) > kMostCached / 2) {
          continue;
        }
        Case c = attention("mla_decode", "own", batch);
        c.shape.insert({{"past", past}, {"heads", heads}});
        c.model = "deepseek-v3 tp" + std::to_string(128 / heads);
        cases.push_back(c);
      }
    }
  }
  // Long enough to reach the power cap.
  for (Case c : std::vector<Case>(cases)) {
    if (c.priority == 1 && hash_of("sustained" + key_of(c)) % 12 == 0) {
      c.mode = "sustained";
      c.priority = 2;
      cases.push_back(c);
    }
  }
  return cases;
}

}  // namespace aifactory::probe
