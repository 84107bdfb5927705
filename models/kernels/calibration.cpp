#include "models/kernels/calibration.h"

#include <algorithm>

namespace aifactory {
namespace {

// Added to the half-width of ln(true / predicted) by a transfer: leave-one-accelerator-out errors within a generation
// stay those of the fit plus a few percent, across one generation the ninth decile grows to about a third.
constexpr double kRelativeSpread = 0.06;
constexpr double kGenerationSpread = 0.18;

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
  const double spread = relative ? kRelativeSpread : kGenerationSpread;
  const double compute = measured.matmul_efficiency > 0.0 ? target.matmul_efficiency / measured.matmul_efficiency : 1.0;
  const double memory = measured.memory_efficiency > 0.0 ? target.memory_efficiency / measured.memory_efficiency : 1.0;
  for (KernelCalibration::Entry& entry : to.entries) {
    KernelFit& fit = entry.fit;
    fit.law.compute = std::min(1.0, fit.law.compute * compute);
    fit.law.memory = std::min(1.0, fit.law.memory * memory);
    if (!relative) {
      fit.residual = ResidualTable();
      fit.power_residual = ResidualTable();
    }
    for (LogBand& band : fit.bands) {
      band.low -= spread;
      band.high += spread;
    }
  }
  return to;
}

}  // namespace aifactory
