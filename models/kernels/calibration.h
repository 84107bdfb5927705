// Fitted parameters of the kernels of one accelerator. A KernelCalibration is an immutable value: built by the fit
// (calibration_fit.h) or read by models/catalog, then shared by every KernelModel.
#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "models/hardware/accelerator.h"
#include "models/hardware/evidence.h"
#include "models/kernels/kernel_model.h"
#include "models/kernels/law.h"
#include "models/kernels/residual.h"
#include "models/kernels/work.h"

namespace aifactory {

enum class KernelOp { kGemm, kGroupedGemm, kPrefill, kDecode, kLatentPrefill, kLatentDecode, kStream };
inline constexpr std::size_t kKernelOpCount = 7;
inline constexpr std::array<std::string_view, kKernelOpCount> kKernelOpNames = {
    "gemm", "grouped_gemm", "attention_prefill", "attention_decode", "mla_prefill", "mla_decode", "stream"};
constexpr std::string_view name(KernelOp op) {
  return kKernelOpNames[static_cast<std::size_t>(op)];
}

// Implementations that a shape selects: experts without a gate, attention heads wider than 256 (another library). And
// grouped GEMMs that run without a tuned tile configuration: measured sweeps hold them, no simulation asks for them.
enum class KernelVariant { kDefault, kUngated, kWideHead, kUntuned };
inline constexpr std::size_t kKernelVariantCount = 4;
inline constexpr std::array<std::string_view, kKernelVariantCount> kKernelVariantNames = {"default", "ungated",
                                                                                          "wide_head", "untuned"};
constexpr std::string_view name(KernelVariant v) {
  return kKernelVariantNames[static_cast<std::size_t>(v)];
}

// What one set of parameters is for.
struct KernelKey {
  KernelOp op = KernelOp::kGemm;
  GemmFormat format = GemmFormat::kBf16;  // of weights, or of scores and values in attention
  Precision kv = Precision::kBf16;        // attention only
  Clocking clocking = Clocking::kBurst;
  KernelVariant variant = KernelVariant::kDefault;
  friend auto operator<=>(const KernelKey&, const KernelKey&) = default;
};

KernelVariant variant_of(const AttentionShape& shape);

// Where a kernel sits on the roofline; errors are reported and banded by it. Tiny: roofline time below 5 us; the others
// by arithmetic intensity over the device's ridge: below 0.7, up to 1.4, above.
enum class Regime { kTiny, kMemory, kKnee, kCompute };
inline constexpr std::size_t kRegimeCount = 4;
inline constexpr std::array<std::string_view, kRegimeCount> kRegimeNames = {"tiny", "memory", "knee", "compute"};
constexpr std::string_view name(Regime r) {
  return kRegimeNames[static_cast<std::size_t>(r)];
}
Regime regime(const LawWork& work, const DeviceRates& rates);

// P10 and P90 of ln(true / predicted).
struct LogBand {
  double low = 0.0;
  double high = 0.0;

  bool operator==(const LogBand&) const = default;
};
using RegimeBands = std::array<LogBand, kRegimeCount>;

struct KernelFit {
  LawParameters law;
  ResidualTable residual;        // of ln(time / law)
  RegimeBands bands{};           // of held-out measurements
  ResidualTable power_residual;  // of ln(power / power law); empty where power was not measured
  // Of ln(true / predicted power). The default is the activity law's own: it is at most right where the package is busy
  // and far too high where short kernels leave it idle (H200 predicted from H100, of which no power was measured).
  LogBand power_band{-1.0, 0.1};
  std::string stack;          // software timed
  std::size_t rows = 0;       // measurements fitted
  double median_error = 0.0;  // held out, absolute, relative
  double p90_error = 0.0;
  double bias = 0.0;  // held out, mean signed, + = predicted slower
};

struct KernelCalibration {
  struct Entry {
    KernelKey key;
    KernelFit fit;
  };

  std::string id, name;
  std::string accelerator;        // id of the accelerator measured, or transferred to
  std::string source;             // of the measurements, for people
  std::string source_key;         // of configs/sources.json
  std::string as_of;              // when they were published: 2026-08
  Grade grade = Grade::kHeldOut;  // kTransferred once carried to another accelerator
  std::vector<Entry> entries;     // ascending by key

  [[nodiscard]] const KernelFit* find(const KernelKey& key) const;  // null when not calibrated
};

// The same kernels on hardware nobody has measured: efficiencies follow the ratio of the accelerators' own matmul and
// memory efficiencies, rates come from the datasheet, start-ups and residuals are kept (both belong to libraries and
// tile shapes, which change less between generations than rates do), bands widen (transfer_spread in the .cpp).
KernelCalibration transfer(const KernelCalibration& from, const Accelerator& measured, const Accelerator& target);

// Parameters when nothing related was measured: the accelerator's own efficiencies and start-up with the ratios between
// kernels that hold across measured families (constants and sources in family_law.cpp).
KernelFit family_fit(const Accelerator& accelerator, const KernelKey& key);

DeviceRates device_rates(const Accelerator& accelerator, GemmFormat format);

}  // namespace aifactory
