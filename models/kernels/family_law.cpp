// Parameters of kernels on accelerators that neither they nor a relative was measured on. What carries across measured
// families are ratios: how much less of the tensor peak a format or a kernel reaches than the best bf16 matmul, and how
// much longer its start-up is than one bare kernel's. They are medians of the five-parameter fits of H100, H200, B200,
// B300, GB200 and GB300 measurements in ai-dynamo/aiconfigurator@095f58a5 (Apache-2.0) against those accelerators'
// best matmuls in stas00/ml-engineering@744d01e.
#include <algorithm>
#include <stdexcept>
#include <string>

#include "models/kernels/calibration.h"

namespace aifactory {
namespace {

// Of the tensor peak, relative to the best bf16 matmul's fraction.
double format_efficiency(GemmFormat format) {
  switch (format) {
    case GemmFormat::kBf16:
      return 0.94;
    case GemmFormat::kFp8:
      return 0.76;
    case GemmFormat::kFp8Block:
      return 0.70;
    case GemmFormat::kFp4:
      return 0.50;
    case GemmFormat::kInt8:
      return 0.70;
    case GemmFormat::kInt4WeightOnly:
    case GemmFormat::kInt8WeightOnly:
    case GemmFormat::kFp8WeightOnly:
      return 0.80;
    case GemmFormat::kFp4Fp8:
      return 0.35;
  }
  throw std::invalid_argument("unknown GEMM format");
}

double quantisation_startup(GemmFormat format) {
  return traits(format).quantises_activations ? 3e-6 : 0.0;
}

// Errors of the five-parameter law itself plus the spread of efficiencies between families: 14 % median, 40 % at the
// ninth decile in the tiny regime when one generation's parameters predict the next.
constexpr RegimeBands kFamilyBands = {{{-0.45, 0.45}, {-0.30, 0.30}, {-0.30, 0.30}, {-0.22, 0.22}}};

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
  const double startup = accelerator.kernel_latency.value();
  LawParameters& law = fit.law;
  law.startup = startup;
  law.compute = accelerator.matmul_efficiency * format_efficiency(key.format);
  law.memory = accelerator.memory_efficiency;
  switch (key.op) {
    case KernelOp::kGemm:
      law.startup = startup + quantisation_startup(key.format);
      law.sharpness = 2.4;
      law.item = traits(key.format).quantises_activations ? 1.3e-9 : 0.0;  // per thousand activations
      break;
    case KernelOp::kGroupedGemm:  // routing, permutation, two grouped products, reduction
      law.startup = startup + 25e-6;
      law.sharpness = 1.3;
      law.row = 3e-9;
      break;
    case KernelOp::kPrefill:
      law.startup = startup + 12e-6;
      law.compute = accelerator.matmul_efficiency * (key.format == GemmFormat::kFp8 ? 0.5 : 0.68);
      law.memory *= 0.5;
      law.sharpness = 1.2;
      break;
    case KernelOp::kDecode:
      law.startup = startup + 8e-6;
      law.compute = accelerator.matmul_efficiency * 0.25;
      law.sharpness = 1.1;
      law.item = 6e-9;  // per sequence and KV head
      break;
    case KernelOp::kLatentPrefill:
      law.startup = startup + 17e-6;
      law.compute = accelerator.matmul_efficiency * 0.65;
      law.memory *= 0.5;
      law.sharpness = 1.2;
      break;
    case KernelOp::kLatentDecode:
      law.startup = startup + 10e-6;
      law.compute = accelerator.matmul_efficiency * 0.7;
      law.memory *= 0.85;
      law.sharpness = 1.6;
      law.item = 14e-9;  // per sequence
      break;
    case KernelOp::kStream:
      break;
  }
  if (key.clocking == Clocking::kSustained && accelerator.sustained_clock_fraction > 0.0) {
    law.compute *= std::min(1.0, accelerator.sustained_clock_fraction);
  }
  return fit;
}

}  // namespace aifactory
