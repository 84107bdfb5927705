#include <cmath>
#include <stdexcept>
#include <string>

#include "models/kernels/work.h"
#include "models/units/pinned_math.h"

namespace aifactory {
namespace {

void require_positive(double value, const char* field) {
  if (!(value > 0.0) || !std::isfinite(value)) {
    throw std::invalid_argument(std::string(field) + " must be positive and finite");
  }
}

}  // namespace

FormatTraits traits(GemmFormat format) {
  // One scale byte per 16 elements (nvfp4) or 32 (mxfp4); fp8 block scales are 4 bytes per 128 x 128, negligible.
  switch (format) {
    case GemmFormat::kBf16:
      return {2.0, 2.0, Precision::kBf16, false};
    case GemmFormat::kFp8:
    case GemmFormat::kFp8Block:
      return {1.0, 1.0, Precision::kFp8, true};
    case GemmFormat::kFp4:
      return {0.5625, 0.5625, Precision::kFp4, true};
    case GemmFormat::kInt8:
      return {1.0, 1.0, Precision::kInt8, true};
    case GemmFormat::kInt4WeightOnly:
      return {0.53125, 2.0, Precision::kBf16, false};
    case GemmFormat::kFp8WeightOnly:
    case GemmFormat::kInt8WeightOnly:
      return {1.0, 2.0, Precision::kBf16, false};
    case GemmFormat::kFp4Fp8:
      return {0.53125, 1.0, Precision::kFp8, true};
  }
  throw std::invalid_argument("unknown GEMM format");
}

Precision math_precision(GemmFormat format) {
  return traits(format).math;
}

KernelWork gemm_work(const GemmShape& shape) {
  require_positive(shape.m, "m");
  require_positive(shape.n, "n");
  require_positive(shape.k, "k");
  const FormatTraits format = traits(shape.format);
  KernelWork work;
  work.flops = 2.0 * shape.m * shape.n * shape.k;
  work.compute_flops = work.flops;
  work.bytes =
      format.activation_bytes * shape.m * shape.k + format.weight_bytes * shape.n * shape.k + 2.0 * shape.m * shape.n;
  work.items = format.quantises_activations ? shape.m * shape.k / 1000.0 : 0.0;
  work.coordinates = {pinned::log2(shape.m), pinned::log2(shape.n), pinned::log2(shape.k)};
  return work;
}

KernelWork grouped_gemm_work(const GroupedGemmShape& shape) {
  require_positive(shape.tokens, "tokens");
  require_positive(shape.hidden, "hidden");
  require_positive(shape.intermediate, "intermediate");
  require_positive(shape.experts, "experts");
  require_positive(shape.experts_per_token, "experts_per_token");
  require_positive(shape.expert_parallel, "expert_parallel");
  require_positive(shape.tensor_parallel, "tensor_parallel");
  if (!(shape.imbalance >= 1.0) || !std::isfinite(shape.imbalance)) {
    throw std::invalid_argument("imbalance must be at least 1");
  }
  if (shape.experts_per_token > shape.experts) {
    throw std::invalid_argument("experts_per_token exceeds experts");
  }
  if (shape.expert_parallel > shape.experts) {
    throw std::invalid_argument("expert_parallel exceeds experts");
  }
  const FormatTraits format = traits(shape.format);
  const double local_experts = static_cast<double>(shape.experts) / shape.expert_parallel;
  const double choices = shape.tokens * shape.experts_per_token;  // over the whole expert-parallel group
  // A rank never receives more than every token for each of its experts.
  const double most = std::fmin(choices, shape.tokens * std::fmin(local_experts, shape.experts_per_token));
  const double rows = std::fmin(shape.imbalance * choices / shape.expert_parallel, most);
  double activated = local_experts;
  if (shape.experts > 1) {
    const double missed =
        pinned::exp(shape.imbalance * choices * pinned::log1p(-1.0 / static_cast<double>(shape.experts)));
    activated = local_experts * (1.0 - missed);
  }
  activated = std::fmin(activated, rows);
  const double matrices = shape.gated ? 3.0 : 2.0;
  const double width = shape.intermediate / shape.tensor_parallel;
  KernelWork work;
  work.flops = 2.0 * matrices * rows * shape.hidden * width;
  work.compute_flops = work.flops;
  // Weights of the activated experts; hidden in and out, the inner activation written and read between the two GEMMs.
  work.bytes = activated * matrices * shape.hidden * width * format.weight_bytes +
               rows * (shape.hidden * (format.activation_bytes + 2.0) + width * (2.0 + format.activation_bytes));
  work.items = activated;
  work.rows = rows;
  work.coordinates = {pinned::log2(std::fmax(rows / activated, 1.0)),
                      pinned::log2(std::fmax(activated, 1.0)),
                      pinned::log2(shape.hidden),
                      pinned::log2(width),
                      pinned::log2(shape.tokens),
                      pinned::log2(static_cast<double>(shape.experts_per_token))};
  return work;
}

}  // namespace aifactory
