#include "models/kernels/kernel_model.h"

#include <algorithm>
#include <stdexcept>
#include <string>
#include <utility>

#include "models/kernels/calibration.h"
#include "models/kernels/predict.h"
#include "models/units/pinned_math.h"

namespace aifactory {
namespace {

// Host time of one operator dispatched eagerly by a Python framework instead of replayed from a graph: the gap between
// eager and graph runs of the same vLLM all-reduce at small sizes (18 us, aiconfigurator@095f58a5) and of small matmuls
// timed through PyTorch against their kernels (25 us, LLMCompass, ISCA 2024).
constexpr Seconds kEagerDispatch{20e-6};

// Streams against the best copy of an accelerator (Vidur's H100 and LLMCompass's A100 operators).
double stream_efficiency(StreamKind kind) {
  switch (kind) {
    case StreamKind::kCopy:
    case StreamKind::kElementwise:
      return 1.0;
    case StreamKind::kNorm:
    case StreamKind::kActivation:
      return 0.88;
    case StreamKind::kEmbedding:  // gathers whole rows
      return 0.90;
    case StreamKind::kSampling:  // several dependent passes over the logits
      return 0.45;
  }
  throw std::invalid_argument("unknown stream kind");
}

}  // namespace

KernelEstimate operator+(const KernelEstimate& a, const KernelEstimate& b) {
  return {a.time + b.time,   a.low + b.low,       a.high + b.high,          a.flops + b.flops,
          a.bytes + b.bytes, a.energy + b.energy, weakest(a.grade, b.grade)};
}

KernelEstimate operator*(const KernelEstimate& a, double repetitions) {
  return {a.time * repetitions,
          a.low * repetitions,
          a.high * repetitions,
          a.flops * repetitions,
          a.bytes * repetitions,
          a.energy * repetitions,
          a.grade};
}

KernelModel::KernelModel(const Accelerator& accelerator, std::shared_ptr<const KernelCalibration> calibration,
                         Clocking clocking)
    : accelerator_(accelerator),
      clocking_(clocking),
      fits_(std::make_shared<const KernelFits>(accelerator, std::move(calibration), clocking)) {}

KernelEstimate KernelModel::gemm(const GemmShape& shape) const {
  const KernelWork work = gemm_work(shape);
  const ResolvedFit& fit = fits_->at(KernelOp::kGemm, shape.format, Precision::kBf16);
  return shape.quantisation == Quantisation::kFused ? predict_fused(accelerator_, fit, work)
                                                    : predict(accelerator_, fit, work);
}

KernelEstimate KernelModel::grouped_gemm(const GroupedGemmShape& shape) const {
  const KernelWork work = grouped_gemm_work(shape);
  const KernelVariant variant = shape.gated ? KernelVariant::kDefault : KernelVariant::kUngated;
  return predict(accelerator_, fits_->at(KernelOp::kGroupedGemm, shape.format, Precision::kBf16, variant), work);
}

namespace {

GemmFormat attention_format(Precision math) {
  switch (math) {
    case Precision::kBf16:
      return GemmFormat::kBf16;
    case Precision::kFp8:
      return GemmFormat::kFp8;
    default:
      throw std::invalid_argument("attention multiplies in bf16 or fp8, not " + std::string(name(math)));
  }
}

// A prefill of a few tokens is no faster than decoding one: both read the same cache.
KernelEstimate slower(const KernelEstimate& a, const KernelEstimate& b) {
  return a.time < b.time ? b : a;
}

}  // namespace

KernelEstimate KernelModel::attention(const AttentionShape& shape) const {
  const GemmFormat format = attention_format(shape.math);
  const auto estimate = [&](const AttentionShape& s) {
    const KernelOp op = is_decode(s) ? KernelOp::kDecode : KernelOp::kPrefill;
    return predict(accelerator_, fits_->at(op, format, s.kv, variant_of(s)), attention_work(s));
  };
  const KernelEstimate direct = estimate(shape);
  if (is_decode(shape) || shape.past_tokens <= 0.0) {
    return direct;
  }
  AttentionShape decode = shape;
  decode.new_tokens = 1.0;
  decode.past_tokens = shape.past_tokens + shape.new_tokens - 1.0;
  KernelEstimate result = slower(direct, estimate(decode));
  result.flops = direct.flops;
  result.bytes = direct.bytes;
  return result;
}

KernelEstimate KernelModel::latent_attention(const LatentAttentionShape& shape) const {
  const KernelOp op = is_decode(shape) ? KernelOp::kLatentDecode : KernelOp::kLatentPrefill;
  return predict(accelerator_, fits_->at(op, GemmFormat::kBf16, shape.kv), latent_attention_work(shape));
}

KernelEstimate KernelModel::stream(StreamKind kind, Bytes bytes) const {
  if (!(bytes.value() >= 0.0)) {
    throw std::invalid_argument("bytes must not be negative");
  }
  KernelWork work;
  work.bytes = bytes.value();
  ResolvedFit fit = fits_->at(KernelOp::kStream, GemmFormat::kBf16, Precision::kBf16);
  fit.law.memory = std::min(1.0, fit.law.memory * stream_efficiency(kind));
  return predict(accelerator_, fit, work);
}

Seconds KernelModel::launch(Launch mode) const {
  return mode == Launch::kEager ? kEagerDispatch : Seconds{0.0};
}

Activity KernelModel::activity(const KernelEstimate& estimate, Precision precision) const {
  if (!(estimate.time.value() > 0.0)) {
    return {};
  }
  const double peak = accelerator_.peak(precision).value();
  const double compute = peak > 0.0 ? estimate.flops.value() / (estimate.time.value() * peak) : 0.0;
  const double memory = estimate.bytes / estimate.time / accelerator_.memory_bandwidth;
  return {std::min(1.0, compute), std::min(1.0, memory)};
}

}  // namespace aifactory
