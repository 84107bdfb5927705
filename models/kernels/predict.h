// How a KernelModel answers: the fit of a (kernel, format, cache precision) resolved once, and the evaluation of it.
#pragma once

#include <array>
#include <memory>

#include "models/kernels/calibration.h"

namespace aifactory {

// A fit ready to evaluate on one accelerator.
struct ResolvedFit {
  LawParameters law;
  DeviceRates rates;
  Precision math = Precision::kBf16;
  const ResidualTable* residual = nullptr;        // null: none; kept alive by KernelFits
  const ResidualTable* power_residual = nullptr;  // null: the power law alone
  RegimeBands bands{};                            // factors on the time, not their logarithms
  LogBand power_band{};
  bool quantises = false;         // a product whose time contains a standalone pass over the activations
  double quantise_startup = 0.0;  // s of law.startup that a standalone pass over the activations takes
  Grade grade = Grade::kTransferred;
};

// Power of the package while it runs a kernel: the accelerator's activity law times exp(residual), between idle and
// TDP.
Watts mean_power(const Accelerator& accelerator, const DeviceRates& rates, const KernelWork& work, double seconds,
                 const ResidualTable* residual);

// Time = max(roofline, law x exp(residual)); the band from the regime; energy = time x mean power at the activity.
KernelEstimate predict(const Accelerator& accelerator, const ResolvedFit& fit, const KernelWork& work);

// A GEMM without the pass that quantises its activations: the time it adds to the start-up and per activation is taken
// off, down to the start-up of a bf16 product and the roofline; mean power is kept.
KernelEstimate predict_fused(const Accelerator& accelerator, const ResolvedFit& fit, const KernelWork& work);

// Seconds of the pass that quantises activations, which predict_fused takes off; 0 for kernels that have none.
double quantising_pass(const ResolvedFit& fit, const KernelWork& work);

// What resolve() answers with, as a fit of its own.
KernelFit nearest_fit(const Accelerator& accelerator, const KernelCalibration* calibration, const KernelKey& key);

// The fit for a key: measured so, else measured at burst and slowed to the sustained clock, else that of the default
// variant, else the family law.
ResolvedFit resolve(const Accelerator& accelerator, const KernelCalibration* calibration, const KernelKey& key);

// All keys of one accelerator resolved; those it cannot run throw when asked for.
class KernelFits {
 public:
  KernelFits(const Accelerator& accelerator, std::shared_ptr<const KernelCalibration> calibration, Clocking clocking);
  [[nodiscard]] const ResolvedFit& at(KernelOp op, GemmFormat format, Precision kv,
                                      KernelVariant variant = KernelVariant::kDefault) const;

 private:
  struct Slot {
    bool supported = false;
    ResolvedFit fit;
  };
  static constexpr std::size_t kCacheKinds = 3;  // 16-, 8- and 4-bit KV cache
  std::string accelerator_;
  std::shared_ptr<const KernelCalibration> calibration_;  // owns the residuals the slots point to
  std::array<Slot, kKernelOpCount * kGemmFormatCount * kCacheKinds * kKernelVariantCount> slots_;
};

}  // namespace aifactory
