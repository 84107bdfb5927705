// Parameters of kernels on accelerators that neither they nor a relative was measured on. What carries across measured
// families are ratios: how much of the best bf16 matmul's fraction of peak, and of the best stream's fraction of
// bandwidth, a kernel in a format reaches, and by how much its start-up exceeds one bare kernel's. They are medians of
// the fits of H100, H200, B200, B300, GB200 and GB300 (A100 for int8 and weight-only formats) in configs/calibration,
// from ai-dynamo/aiconfigurator@095f58a5 (Apache-2.0), against those accelerators' best matmuls in
// stas00/ml-engineering@744d01e.
#include <algorithm>
#include <stdexcept>
#include <string>

#include "models/kernels/calibration.h"

namespace aifactory {
namespace {

// Ratios to the accelerator's own figures; startup and serial costs are absolute.
struct Ratios {
  double startup = 0.0;  // s, beyond the accelerator's kernel_latency
  double compute = 1.0;  // of matmul_efficiency
  double memory = 1.0;   // of memory_efficiency
  double serial = 0.17;
  double item = 0.0;  // s
  double row = 0.0;   // s
};

Ratios gemm_ratios(GemmFormat format) {
  switch (format) {
    case GemmFormat::kBf16:
      return {0.0, 0.93, 0.85, 0.11, 0.0, 0.0};
    case GemmFormat::kFp8:
      return {10e-6, 0.88, 0.85, 0.17, 1.5e-9, 0.0};
    case GemmFormat::kFp8Block:
      return {3.5e-6, 0.88, 0.78, 0.29, 0.9e-9, 0.0};
    case GemmFormat::kFp4:
      return {6.5e-6, 0.66, 0.58, 0.14, 0.9e-9, 0.0};
    case GemmFormat::kInt8:
      return {8e-6, 1.0, 1.0, 1.0, 1.1e-9, 0.0};
    case GemmFormat::kInt4WeightOnly:
      return {11e-6, 0.95, 0.9, 1.0, 0.0, 0.0};
    case GemmFormat::kInt8WeightOnly:
    case GemmFormat::kFp8WeightOnly:
      return {11e-6, 1.0, 0.97, 0.77, 0.0, 0.0};
    case GemmFormat::kFp4Fp8:
      return {6.5e-6, 0.7, 0.6, 0.14, 0.9e-9, 0.0};
  }
  throw std::invalid_argument("unknown GEMM format");
}

// Routing, permutation, two grouped products and the reduction; items are experts, rows token-expert pairs.
Ratios grouped_ratios(GemmFormat format) {
  switch (format) {
    case GemmFormat::kBf16:
      return {27e-6, 0.95, 0.95, 1.0, 80e-9, 8e-9};
    case GemmFormat::kFp8:
    case GemmFormat::kInt8:
      return {28e-6, 0.85, 0.95, 1.0, 100e-9, 10e-9};
    case GemmFormat::kFp8Block:
      return {26e-6, 0.5, 0.88, 0.22, 390e-9, 14e-9};
    case GemmFormat::kFp4:
      return {33e-6, 0.42, 0.87, 1.0, 380e-9, 12e-9};
    case GemmFormat::kInt4WeightOnly:
    case GemmFormat::kInt8WeightOnly:
    case GemmFormat::kFp8WeightOnly:
      return {60e-6, 0.57, 0.9, 1.0, 200e-9, 60e-9};
    case GemmFormat::kFp4Fp8:
      return {27e-6, 0.52, 0.93, 1.0, 25e-9, 6.3e-9};
  }
  throw std::invalid_argument("unknown GEMM format");
}

Ratios ratios(const KernelKey& key) {
  const bool narrow_cache = bytes_per_element(key.kv) < 2.0;  // 8-bit keys are multiplied in 8 bits
  switch (key.op) {
    case KernelOp::kGemm:
      return gemm_ratios(key.format);
    case KernelOp::kGroupedGemm:
      return grouped_ratios(key.format);
    case KernelOp::kPrefill:
      return {14.5e-6, key.format == GemmFormat::kFp8 ? 0.4 : (narrow_cache ? 0.8 : 0.63), 0.2, 0.5, 0.0, 0.0};
    case KernelOp::kDecode:
      return {8e-6, 0.4, 1.0, 1.0, 10e-9, 0.0};  // items: sequences x KV heads
    case KernelOp::kLatentPrefill:
      return {15.5e-6, narrow_cache ? 0.82 : 0.66, narrow_cache ? 0.23 : 0.5, 0.38, 0.0, 0.0};
    case KernelOp::kLatentDecode:
      return {9e-6, 1.0, 0.85, 0.35, 24e-9, 0.0};  // items: sequences
    case KernelOp::kStream:
      return {};
  }
  return {};
}

// Errors of the five-parameter law itself plus the spread of efficiencies between families: 14 % median, 40 % at the
// ninth decile in the tiny regime when one generation's parameters predict the next. Compute: wide enough for the best
// published products of Gaudi 2 and 3, MI300X, MI325X and MI355X. With every calibration left out they hold 76-88 % of
// the measured rows of A100, H100 and B200, which they were not chosen on.
constexpr RegimeBands kFamilyBands = {{{-0.45, 0.45}, {-0.30, 0.30}, {-0.30, 0.30}, {-0.28, 0.28}}};

}  // namespace

DeviceRates device_rates(const Accelerator& accelerator, GemmFormat format) {
  const Precision precision = math_precision(format);
  if (!accelerator.supports(precision)) {
    throw std::invalid_argument(accelerator.id + " does not multiply in " + std::string(name(precision)));
  }
  if (!(accelerator.memory_bandwidth.value() > 0.0)) {
    throw std::invalid_argument(accelerator.id + " has no memory bandwidth");
  }
  return {accelerator.peak(precision).value(), accelerator.memory_bandwidth.value()};
}

KernelFit family_fit(const Accelerator& accelerator, const KernelKey& key) {
  if (!(accelerator.matmul_efficiency > 0.0) || !(accelerator.memory_efficiency > 0.0)) {
    throw std::invalid_argument(accelerator.id + " needs matmul_efficiency and memory_efficiency");
  }
  KernelFit fit;
  fit.bands = kFamilyBands;
  const Ratios r = ratios(key);
  LawParameters& law = fit.law;
  law.startup = accelerator.kernel_latency.value() + r.startup;
  law.compute = std::min(1.0, accelerator.matmul_efficiency * r.compute);
  law.memory = std::min(1.0, accelerator.memory_efficiency * r.memory);
  law.serial = r.serial;
  law.item = r.item;
  law.row = r.row;
  if (key.clocking == Clocking::kSustained && accelerator.sustained_clock_fraction > 0.0) {
    law.compute *= std::min(1.0, accelerator.sustained_clock_fraction);
  }
  return fit;
}

}  // namespace aifactory
