#include <cmath>
#include <stdexcept>
#include <string>

#include "models/kernels/work.h"
#include "models/units/pinned_math.h"

namespace aifactory {
namespace {

// Rows of the tiles that GEMM libraries choose among (cuBLAS, CUTLASS and DeepGEMM all have 64 and 128).
constexpr double kWideTile = 128.0;
constexpr double kNarrowTile = 64.0;

// Share of the rows of whole tiles that m leaves empty.
double padding(double m, double tile) {
  return 1.0 - m / (tile * std::ceil(m / tile));
}

}  // namespace

void require_positive(double value, const char* field) {
  if (!(value > 0.0) || !std::isfinite(value)) {
    throw std::invalid_argument(std::string(field) + " must be positive and finite");
  }
}

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
  work.coordinates = {pinned::coarse_log2(shape.m), pinned::coarse_log2(shape.n), pinned::coarse_log2(shape.k),
                      padding(shape.m, kWideTile), padding(shape.m, kNarrowTile)};
  return work;
}

}  // namespace aifactory
