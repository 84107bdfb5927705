#include "tools/probe/work.h"

#include <algorithm>

#include "tools/probe/expert_routing.h"

namespace aifactory::probe {
namespace {

constexpr double kBf16Bytes = 2.0;
constexpr double kLatent = 512.0;  // DeepSeek-V3's latent cache: 512 values and 64 rotary ones a token
constexpr double kRope = 64.0;
constexpr double kLatentHead = 128.0;

double real(std::int64_t value) {
  return static_cast<double>(value);
}

Work gemm(double batch, double m, double n, double k, const std::string& dtype) {
  const double in = dtype == "fp8" ? 1.0 : kBf16Bytes;
  return {2.0 * batch * m * n * k, batch * (in * (m * k + n * k) + kBf16Bytes * m * n)};
}

Work grouped(const Case& c) {
  const ExpertRows rows = expert_rows(c);
  const double hidden = real(c.at("hidden"));
  const double inter = real(c.at("inter")) / real(c.get("tp", 1));
  const double in = c.dtype == "fp8" ? 1.0 : kBf16Bytes;
  const double weights = in * 3.0 * hidden * inter * real(rows.active);
  // Inputs; both products' results; gate and up read back; what the activation writes and the second product reads.
  const double each = in * hidden + kBf16Bytes * (2.0 * inter + hidden) + kBf16Bytes * 2.0 * inter + in * 2.0 * inter;
  return {6.0 * real(rows.total) * hidden * inter, weights + real(rows.total) * each};
}

Work attention(const Case& c, bool decode) {
  const double batch = real(c.at("batch"));
  const double heads = real(c.at("heads"));
  const double dim = real(c.at("head_dim"));
  const std::int64_t fresh = decode ? 1 : c.at("isl");
  const std::int64_t past = c.get("past", 0);
  const std::int64_t window = c.get("window", 0);
  const double all = real(past + fresh);
  const double kept = window > 0 ? std::min(all, real(window + fresh - 1)) : all;
  return {4.0 * dim * batch * heads * causal_pairs(past, fresh, window),
          kBf16Bytes * dim * batch * (2.0 * kept * real(c.at("kv_heads")) + 2.0 * real(fresh) * heads)};
}

Work latent_prefill(const Case& c) {
  const double per_batch = real(c.at("batch")) * real(c.at("heads"));
  const double fresh = real(c.at("isl"));
  const double all = fresh + real(c.get("past", 0));
  return {2.0 * (2.0 * kLatentHead + kRope) * per_batch * causal_pairs(c.get("past", 0), c.at("isl"), 0),
          kBf16Bytes * per_batch * (all * (2.0 * kLatentHead + kRope) + fresh * (2.0 * kLatentHead + kRope))};
}

Work latent_decode(const Case& c) {
  const double batch = real(c.at("batch"));
  const double heads = real(c.at("heads"));
  const double all = real(c.at("past") + 1);
  return {2.0 * (2.0 * kLatent + kRope) * batch * heads * all,
          kBf16Bytes * batch * (all * (kLatent + kRope) + heads * (2.0 * kLatent + kRope))};
}

Work streaming(const Case& c) {
  const double rows = real(c.get("rows", 0));
  if (c.op == "copy") {
    return {0.0, 2.0 * real(c.at("bytes"))};
  }
  if (c.op == "add") {
    return {real(c.at("bytes")) / kBf16Bytes, 3.0 * real(c.at("bytes"))};
  }
  if (c.op == "rmsnorm") {  // with the residual stream: x and residual in, residual and normalised out
    return {6.0 * rows * real(c.at("hidden")), 4.0 * kBf16Bytes * rows * real(c.at("hidden"))};
  }
  if (c.op == "silu_mul") {
    return {6.0 * rows * real(c.at("inter")), 3.0 * kBf16Bytes * rows * real(c.at("inter"))};
  }
  if (c.op == "embed") {
    return {0.0, 2.0 * kBf16Bytes * rows * real(c.at("hidden")) + 4.0 * rows};
  }
  if (c.op == "sample") {
    return {0.0, kBf16Bytes * rows * real(c.at("vocab"))};
  }
  return {};
}

}  // namespace

double causal_pairs(std::int64_t past, std::int64_t fresh, std::int64_t window) {
  const double n = real(fresh);
  const double all = n * real(past) + n * (n + 1.0) / 2.0;
  if (window <= 0 || past + fresh <= window) {
    return all;
  }
  // Query i (0-based) would see past + i + 1 keys; the surplus over the window is not computed.
  const std::int64_t first = std::max<std::int64_t>(0, window - past);  // the first query with a surplus
  const double count = real(fresh - first);
  const double least = real(past + first + 1 - window);
  return all - (count * least + count * (count - 1.0) / 2.0);
}

Work work_of(const Case& c) {
  if (c.op == "gemm" || c.op == "batched_gemm") {
    return gemm(real(c.get("batch", 1)), real(c.at("m")), real(c.at("n")), real(c.at("k")), c.dtype);
  }
  if (c.op == "grouped_gemm") {
    return grouped(c);
  }
  if (c.op == "attn_prefill" || c.op == "attn_decode") {
    return attention(c, c.op == "attn_decode");
  }
  if (c.op == "mla_prefill") {
    return latent_prefill(c);
  }
  if (c.op == "mla_decode") {
    return latent_decode(c);
  }
  if (c.op == "memcpy") {
    return {0.0, real(c.at("bytes")) * (c.detail == "d2d" ? 2.0 : 1.0)};
  }
  if (c.op == "layer" || c.op == "interference") {
    Work sum;
    for (const Case& part : c.parts) {
      const Work w = work_of(part);
      sum.flops += w.flops;
      sum.bytes += w.bytes;
    }
    return sum;
  }
  return streaming(c);
}

double planned_seconds(const Case& c) {
  if (c.op == "layer" || c.op == "interference") {
    double sum = 0.0;
    for (const Case& part : c.parts) {
      sum += planned_seconds(part);
    }
    return sum;
  }
  const bool own_attention = c.impl == "own" && c.op.find("prefill") != std::string::npos;
  const double flops_per_second = own_attention ? 2.0e14 : c.dtype == "fp8" ? 8.0e14 : 5.0e14;
  const bool host = c.op == "memcpy" && c.detail != "d2d";
  const double bytes_per_second = host ? 2.0e10 : 2.0e12;
  const Work work = work_of(c);
  return 5.0e-6 + work.flops / flops_per_second + work.bytes / bytes_per_second;
}

}  // namespace aifactory::probe
