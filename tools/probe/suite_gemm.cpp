#include <algorithm>
#include <array>
#include <cmath>

#include "tools/probe/expert_routing.h"
#include "tools/probe/host_random.h"
#include "tools/probe/model_shapes.h"
#include "tools/probe/suites.h"

namespace aifactory::probe {
namespace {

constexpr std::array<std::int64_t, 25> kRows = {1,    2,    4,    8,    16,   24,    32,   48,   64,
                                                96,   128,  192,  256,  384,  512,   768,  1024, 1536,
                                                2048, 3072, 4096, 6144, 8192, 12288, 16384};
constexpr int kHeldOut = 120;
constexpr std::uint64_t kHeldOutSeed = 0x686f6c64;

// What a budget keeps longest: the token counts that serving and prefill meet most.
int priority_of(std::int64_t m) {
  for (const std::int64_t first : {1, 16, 64, 256, 1024, 4096, 8192}) {
    if (m == first) {
      return 1;
    }
  }
  for (const std::int64_t second : {4, 32, 128, 512, 2048, 16384}) {
    if (m == second) {
      return 2;
    }
  }
  return 3;
}

Case gemm(std::int64_t m, std::int64_t n, std::int64_t k, const std::string& dtype) {
  Case c;
  c.op = "gemm";
  c.impl = "cublaslt";
  c.dtype = dtype;
  c.shape = {{"m", m}, {"n", n}, {"k", k}};
  return c;
}

// Log-uniform between 2^low and 2^high.
std::int64_t spread(HostRandom& random, double low, double high) {
  return static_cast<std::int64_t>(std::exp2(low + (high - low) * random.unit()));
}

}  // namespace

std::vector<Case> gemm_cases() {
  std::vector<Case> cases;
  Case sanity = gemm(8192, 8192, 8192, "bf16");  // 0.7 to 0.8 of dense peak on Hopper: the first thing to look at
  sanity.model = "sanity";
  cases.push_back(sanity);
  sanity.mode = "sustained";
  cases.push_back(sanity);
  for (const std::string dtype : {"bf16", "fp8"}) {
    for (const Linear& linear : linear_operators()) {
      for (const std::int64_t m : kRows) {
        Case c = gemm(m, linear.n, linear.k, dtype);
        c.model = linear.name;
        c.priority = priority_of(m) + (dtype == "fp8" ? 1 : 0);
        if (m * linear.n * linear.k > std::int64_t{1} << 42) {
          c.priority = 4;  // over 9 ms even at peak: the m before says the same
        }
        cases.push_back(c);
        const bool sampled = hash_of(key_of(c)) % 10 == 0;
        if (m >= 64 && m <= 8192 && priority_of(m) == 1 && sampled) {
          c.mode = "sustained";
          c.priority = 2;
          cases.push_back(c);
        }
        if (m <= 256 && priority_of(m) == 1 && hash_of("warm" + key_of(c)) % 12 == 0) {
          c.mode = "burst";
          c.l2 = "warm";
          c.priority = 3;
          cases.push_back(c);
        }
      }
    }
  }
  HostRandom random(kHeldOutSeed);
  for (int i = 0; i < kHeldOut; ++i) {
    const std::int64_t m = spread(random, 0.0, 14.0) | 1;
    const std::int64_t n = std::max<std::int64_t>(64, spread(random, 9.0, 15.5) / 16 * 16);
    const std::int64_t k = std::max<std::int64_t>(64, spread(random, 8.0, 14.8) / 16 * 16);
    Case c = gemm(m, n, k, i % 3 == 2 ? "fp8" : "bf16");
    c.model = "random";
    c.hold_out = true;
    cases.push_back(c);
  }
  return cases;
}

std::vector<Case> grouped_gemm_cases() {
  std::vector<Case> cases;
  for (const ExpertModel& model : expert_models()) {
    for (const int ep : model.expert_parallel) {
      for (const std::int64_t tokens : {1, 8, 32, 128, 512, 2048, 8192, 32768}) {
        for (const std::string routing : {"uniform", "balanced", "power_law_1.2"}) {
          Case c;
          c.op = "grouped_gemm";
          c.impl = "cublas";
          c.dtype = "bf16";
          c.detail = routing;
          c.shape = {{"tokens", tokens},
                     {"hidden", model.hidden},
                     {"inter", model.inter},
                     {"experts", model.experts},
                     {"topk", model.topk},
                     {"ep", ep},
                     {"tp", 1}};
          c.model = model.name + " ep" + std::to_string(ep);
          c.priority = ep == model.expert_parallel.front() ? 1 : 2;
          c.priority += routing == "balanced" ? 1 : 0;
          // With few tokens a rank may get none.
          if (expert_rows(c).total > 0 && expert_rows(c).total <= 65536) {
            cases.push_back(c);
            if (routing != "balanced") {
              c.impl = "cublaslt";
              c.dtype = "fp8";
              ++c.priority;
              cases.push_back(c);
            }
          }
        }
      }
    }
  }
  return cases;
}

}  // namespace aifactory::probe
