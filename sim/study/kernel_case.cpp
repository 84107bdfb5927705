#include "sim/study/kernel_case.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <cmath>
#include <stdexcept>
#include <string_view>
#include <utility>

namespace aifactory {
namespace {

using Row = KernelMeasurement;

template <class Value, std::size_t N>
Value choose(const std::array<std::pair<std::string_view, Value>, N>& table, std::string_view text,
             std::string_view field) {
  std::string known;
  for (const auto& [word, value] : table) {
    if (word == text) {
      return value;
    }
    known += (known.empty() ? "" : ", ") + std::string(word);
  }
  throw std::invalid_argument(fmt::format("unknown {} \"{}\" (known: {})", field, brief(text, 60), known));
}

constexpr std::array<std::pair<std::string_view, GemmFormat>, 14> kFormats = {
    {{"bfloat16", GemmFormat::kBf16},
     {"bf16", GemmFormat::kBf16},
     {"float16", GemmFormat::kBf16},
     {"half", GemmFormat::kBf16},
     {"fp8", GemmFormat::kFp8},
     {"fp8_block", GemmFormat::kFp8Block},
     {"nvfp4", GemmFormat::kFp4},
     {"mxfp4", GemmFormat::kFp4},
     {"sq", GemmFormat::kInt8},
     {"int8", GemmFormat::kInt8},
     {"int8_wo", GemmFormat::kInt8WeightOnly},
     {"int4_wo", GemmFormat::kInt4WeightOnly},
     {"w4a16_mxfp4", GemmFormat::kInt4WeightOnly},
     {"w4a8_mxfp4_mxfp8", GemmFormat::kFp4Fp8}}};

constexpr std::array<std::pair<std::string_view, Precision>, 7> kCaches = {{{"", Precision::kBf16},
                                                                            {"bfloat16", Precision::kBf16},
                                                                            {"float16", Precision::kBf16},
                                                                            {"half", Precision::kBf16},
                                                                            {"fp8", Precision::kFp8},
                                                                            {"int8", Precision::kInt8},
                                                                            {"nvfp4", Precision::kFp4}}};

enum class Op { kGemm, kGemmSustained, kPrefill, kDecode, kLatentPrefill, kLatentDecode, kMoe };
constexpr std::array<std::pair<std::string_view, Op>, 7> kOps = {{{"gemm", Op::kGemm},
                                                                  {"gemm_sustained", Op::kGemmSustained},
                                                                  {"attention_prefill", Op::kPrefill},
                                                                  {"attention_decode", Op::kDecode},
                                                                  {"mla_prefill", Op::kLatentPrefill},
                                                                  {"mla_decode", Op::kLatentDecode},
                                                                  {"moe", Op::kMoe}}};

constexpr std::array<std::pair<std::string_view, Clocking>, 3> kModes = {
    {{"", Clocking::kBurst}, {"burst", Clocking::kBurst}, {"sustained", Clocking::kSustained}}};

constexpr std::array<std::pair<std::string_view, bool>, 3> kQuantisations = {
    {{"", false}, {"standalone", false}, {"fused", true}}};

double need(const std::optional<double>& value, std::string_view field) {
  if (!value) {
    throw std::invalid_argument(fmt::format("{} is missing", field));
  }
  return *value;
}

int need_count(const std::optional<double>& value, std::string_view field) {
  const double v = need(value, field);
  if (!(v >= 1.0 && v <= 1e9) || v != std::floor(v)) {
    throw std::invalid_argument(fmt::format("{} must be a positive whole number, not {}", field, v));
  }
  return static_cast<int>(v);
}

// How the power meter of the published sustained sweep read: 0 while the device was busy, 1 after a pause, 2 after a
// long one. The sweep (aiconfigurator's vLLM collector) times a format after the other for each shape, most rows for at
// most 0.3 s, and averages samples 0.1 s apart. A block-scaled product, prepared on the host and without a graph, comes
// in between where m is a multiple of 4, and it is compiled first where m begins another tile height; the meter then
// still sees the idle device. This is a property of those rows and not of the kernel: shapes that a simulation asks for
// have 0.
double meter_state(const Row& row) {
  if (row.stack.rfind(kPublishedSweep, 0) != 0) {
    return 0.0;
  }
  const double m = *row.m;
  const auto multiple = [m](double of) { return m == of * std::floor(m / of); };
  const bool new_tile = m <= 256.0 && (m == 32.0 || multiple(64.0));
  return new_tile ? 2.0 : multiple(4.0) ? 1.0 : 0.0;
}

KernelCase gemm_case(const Row& row, Clocking clocking) {
  GemmShape shape{need(row.m, "m"), need(row.n, "n"), need(row.k, "k"), choose(kFormats, row.dtype, "dtype")};
  KernelCase c;
  c.key = {KernelOp::kGemm, shape.format, Precision::kBf16, clocking, KernelVariant::kDefault};
  c.work = gemm_work(shape);
  c.work.coordinates[kMeterCoordinate] = meter_state(row);
  c.fused = choose(kQuantisations, row.quantisation, "quantisation") && traits(shape.format).quantises_activations;
  c.group = fmt::format("{},{}", shape.n, shape.k);
  return c;
}

KernelCase attention_case(const Row& row, bool decode) {
  AttentionShape shape;
  shape.batch = need(row.batch, "batch");
  shape.new_tokens = need(row.isl, "isl");
  shape.past_tokens = row.past.value_or(0.0);
  shape.heads = need_count(row.heads, "heads");
  shape.kv_heads = need_count(row.kv_heads, "kv_heads");
  shape.head_dim = need_count(row.head_dim, "head_dim");
  shape.window = static_cast<int>(row.window.value_or(0.0));
  shape.kv = choose(kCaches, row.kv_dtype, "kv_dtype");
  const GemmFormat format = choose(kFormats, row.dtype, "dtype");
  shape.math = math_precision(format);
  KernelCase c;
  c.key = {decode ? KernelOp::kDecode : KernelOp::kPrefill, format, shape.kv, Clocking::kBurst, variant_of(shape)};
  c.work = attention_work(shape);
  c.group = fmt::format("{},{},{}", shape.batch, shape.heads, shape.kv_heads);
  return c;
}

KernelCase latent_case(const Row& row, bool decode) {
  LatentAttentionShape shape;
  shape.batch = need(row.batch, "batch");
  shape.new_tokens = need(row.isl, "isl");
  shape.past_tokens = row.past.value_or(0.0);
  shape.heads = need_count(row.heads, "heads");
  shape.kv = choose(kCaches, row.kv_dtype, "kv_dtype");
  KernelCase c;
  c.key = {decode ? KernelOp::kLatentDecode : KernelOp::kLatentPrefill, choose(kFormats, row.dtype, "dtype"), shape.kv,
           Clocking::kBurst, KernelVariant::kDefault};
  c.work = latent_attention_work(shape);
  c.group = fmt::format("{},{}", shape.batch, shape.heads);
  return c;
}

KernelCase moe_case(const Row& row) {
  GroupedGemmShape shape;
  shape.tokens = need(row.tokens, "tokens");
  shape.hidden = need(row.hidden, "hidden");
  shape.intermediate = need(row.inter, "inter");
  shape.experts = need_count(row.experts, "experts");
  shape.experts_per_token = need_count(row.topk, "topk");
  shape.expert_parallel = row.ep ? need_count(row.ep, "ep") : 1;
  shape.tensor_parallel = row.tp ? need_count(row.tp, "tp") : 1;
  shape.gated = row.kernel.find("nongated") == std::string::npos;
  shape.format = choose(kFormats, row.dtype, "dtype");
  constexpr std::string_view kPowerLaw = "power_law_";
  if (row.distribution == "balanced") {
    shape.routing = ExpertRouting::kBalanced;
  } else if (row.distribution.rfind(kPowerLaw, 0) == 0) {
    shape.routing = ExpertRouting::kPowerLaw;
    const char* const end = row.distribution.data() + row.distribution.size();
    const auto parsed = std::from_chars(row.distribution.data() + kPowerLaw.size(), end, shape.routing_exponent);
    if (parsed.ec != std::errc() || parsed.ptr != end) {
      throw std::invalid_argument(fmt::format("unknown distribution \"{}\"", brief(row.distribution, 60)));
    }
  } else if (!row.distribution.empty() && row.distribution != "uniform") {
    throw std::invalid_argument(fmt::format("unknown distribution \"{}\"", brief(row.distribution, 60)));
  }
  KernelCase c;
  c.key = {KernelOp::kGroupedGemm, shape.format, Precision::kBf16, Clocking::kBurst,
           shape.gated ? KernelVariant::kDefault : KernelVariant::kUngated};
  c.work = grouped_gemm_work(shape);
  c.group = fmt::format("{},{},{},{},{},{}", shape.hidden, shape.intermediate, shape.experts, shape.experts_per_token,
                        shape.tensor_parallel, shape.expert_parallel);
  c.sweep = c.group + "," + row.distribution;
  return c;
}

}  // namespace

bool is_collective(const KernelMeasurement& row) {
  return row.op.rfind("collective_", 0) == 0;
}

std::uint64_t stable_hash(const std::string& text) {
  std::uint64_t h = 14695981039346656037ULL;
  for (const char c : text) {
    h = (h ^ static_cast<unsigned char>(c)) * 1099511628211ULL;
  }
  // The low bits of FNV-1a of short texts are weak; fold the high ones in (the finaliser of MurmurHash3).
  h ^= h >> 33U;
  h *= 0xff51afd7ed558ccdULL;
  h ^= h >> 33U;
  return h;
}

std::optional<KernelCase> kernel_case(const KernelMeasurement& row, std::string& reason) {
  if (!row.problem.empty()) {
    reason = row.problem;
    return std::nullopt;
  }
  try {
    switch (choose(kOps, row.op, "op")) {
      case Op::kGemm:
        return gemm_case(row, choose(kModes, row.mode, "mode"));
      case Op::kGemmSustained:
        return gemm_case(row, Clocking::kSustained);
      case Op::kPrefill:
        return attention_case(row, false);
      case Op::kDecode:
        return attention_case(row, true);
      case Op::kLatentPrefill:
        return latent_case(row, false);
      case Op::kLatentDecode:
        return latent_case(row, true);
      case Op::kMoe:
        return moe_case(row);
    }
  } catch (const std::invalid_argument& error) {
    reason = error.what();
  }
  return std::nullopt;
}

}  // namespace aifactory
