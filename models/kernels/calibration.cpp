#include "models/kernels/calibration.h"

#include <algorithm>

namespace aifactory {
namespace {

// Added to the half-width of ln(true / predicted) when parameters are carried to an accelerator of the same family, or
// of another one: so that bands held 75-90 % of the rows of H200 predicted from H100, GB300 from B200 and B200 from
// H200. Prefill suffers most within a family because softmax throughput is not in the datasheet.
struct Spread {
  double family = 0.0;
  double generation = 0.0;
};
Spread transfer_spread(const KernelKey& key) {
  switch (key.op) {
    case KernelOp::kGemm:
      // 4-bit rates of one family differ by what its members claim, not by what they reach; block-scaled products run
      // in software on one generation and in hardware on the next.
      return key.format == GemmFormat::kFp4        ? Spread{0.18, 0.16}
             : key.format == GemmFormat::kFp8Block ? Spread{0.06, 0.45}
                                                   : Spread{0.06, 0.16};
    case KernelOp::kGroupedGemm:
      return key.format == GemmFormat::kFp8Block ? Spread{0.04, 0.35}
             : key.format == GemmFormat::kFp4Fp8 ? Spread{0.04, 0.3}
                                                 : Spread{0.04, 0.08};
    case KernelOp::kPrefill:
      return {0.2, 0.17};
    case KernelOp::kDecode:
      return {0.04, 0.38};
    case KernelOp::kLatentPrefill:
      return {0.09, 0.12};
    case KernelOp::kLatentDecode:
      return {0.06, 0.32};
    case KernelOp::kStream:
      return {0.06, 0.15};
  }
  return {0.15, 0.38};
}

// The same for mean power: caps and coolers differ more than kernels do.
constexpr double kPowerSpread = 0.25;

}  // namespace

KernelVariant variant_of(const AttentionShape& shape) {
  return shape.head_dim > 256 ? KernelVariant::kWideHead : KernelVariant::kDefault;
}

const KernelFit* KernelCalibration::find(const KernelKey& key) const {
  const auto at = std::lower_bound(entries.begin(), entries.end(), key,
                                   [](const Entry& entry, const KernelKey& k) { return entry.key < k; });
  return at != entries.end() && at->key == key ? &at->fit : nullptr;
}

KernelCalibration transfer(const KernelCalibration& from, const Accelerator& measured, const Accelerator& target) {
  KernelCalibration to = from;
  to.accelerator = target.id;
  to.grade = Grade::kTransferred;
  const bool relative = measured.family == target.family;
  const double compute = measured.matmul_efficiency > 0.0 ? target.matmul_efficiency / measured.matmul_efficiency : 1.0;
  const double memory = measured.memory_efficiency > 0.0 ? target.memory_efficiency / measured.memory_efficiency : 1.0;
  for (KernelCalibration::Entry& entry : to.entries) {
    KernelFit& fit = entry.fit;
    const Spread spreads = transfer_spread(entry.key);
    const double spread = relative ? spreads.family : spreads.generation;
    fit.law.compute = std::min(1.0, fit.law.compute * compute);
    fit.law.memory = std::min(1.0, fit.law.memory * memory);
    for (LogBand& band : fit.bands) {
      band.low -= spread;
      band.high += spread;
    }
    fit.power_band.low -= kPowerSpread;
    fit.power_band.high += kPowerSpread;
  }
  return to;
}

}  // namespace aifactory
