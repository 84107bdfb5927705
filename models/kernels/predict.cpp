#include "models/kernels/predict.h"

#include <algorithm>
#include <stdexcept>
#include <string>
#include <utility>

#include "models/units/pinned_math.h"

namespace aifactory {
namespace {

std::size_t cache_kind(Precision kv) {
  switch (kv) {
    case Precision::kBf16:
      return 0;
    case Precision::kFp8:
    case Precision::kInt8:
      return 1;
    case Precision::kFp4:
      return 2;
    default:
      throw std::invalid_argument("a KV cache is stored in bf16, fp8, int8 or fp4, not " + std::string(name(kv)));
  }
}
constexpr std::array<Precision, 3> kCachePrecisions = {Precision::kBf16, Precision::kFp8, Precision::kFp4};

std::size_t slot_index(KernelOp op, GemmFormat format, std::size_t cache, KernelVariant variant) {
  std::size_t index = static_cast<std::size_t>(op) * kGemmFormatCount + static_cast<std::size_t>(format);
  index = index * kCachePrecisions.size() + cache;
  return index * kKernelVariantCount + static_cast<std::size_t>(variant);
}

}  // namespace

Watts mean_power(const Accelerator& accelerator, const DeviceRates& rates, const KernelWork& work, double seconds,
                 const ResidualTable* residual) {
  Activity activity;
  activity.compute = std::min(1.0, work.flops / (seconds * rates.flops_per_second));
  activity.memory = std::min(1.0, work.bytes / (seconds * rates.bytes_per_second));
  const Watts law = power_at(accelerator, activity);
  if (residual == nullptr || residual->empty()) {
    return law;
  }
  const Watts idle = accelerator.tdp * accelerator.power.idle_fraction;
  return min(accelerator.tdp, max(idle, law * pinned::exp(residual->at(work.coordinates))));
}

Regime regime(const LawWork& work, const DeviceRates& rates) {
  const double compute = work.flops / rates.flops_per_second;
  const double memory = work.bytes / rates.bytes_per_second;
  if (std::max(compute, memory) < 5e-6) {
    return Regime::kTiny;
  }
  if (compute < 0.7 * memory) {
    return Regime::kMemory;
  }
  return compute <= 1.4 * memory ? Regime::kKnee : Regime::kCompute;
}

KernelEstimate predict(const Accelerator& accelerator, const ResolvedFit& fit, const KernelWork& work) {
  double time = law_time(fit.law, work, fit.rates);
  if (fit.residual != nullptr) {
    time *= pinned::exp(fit.residual->at(work.coordinates));
  }
  const double floor = roofline_time(work, fit.rates);
  time = std::max(time, floor);
  const LogBand& band = fit.bands[static_cast<std::size_t>(regime(work, fit.rates))];
  KernelEstimate estimate;
  estimate.time = Seconds{time};
  estimate.low = Seconds{std::max(floor, time * band.low)};
  estimate.high = Seconds{time * band.high};
  estimate.flops = Flops{work.flops};
  estimate.bytes = Bytes{work.bytes};
  estimate.energy = estimate.time * mean_power(accelerator, fit.rates, work, time, fit.power_residual);
  estimate.grade = fit.grade;
  return estimate;
}

double quantising_pass(const ResolvedFit& fit, const KernelWork& work) {
  return fit.quantises ? fit.quantise_startup + fit.law.item * work.items : 0.0;
}

KernelEstimate predict_fused(const Accelerator& accelerator, const ResolvedFit& fit, const KernelWork& work) {
  KernelEstimate estimate = predict(accelerator, fit, work);
  const double standalone = estimate.time.value();
  const double quantise = quantising_pass(fit, work);
  const double least = std::max(roofline_time(work, fit.rates), fit.law.startup - fit.quantise_startup);
  const double share = std::max(least, standalone - quantise) / standalone;
  estimate.time = estimate.time * share;
  estimate.low = max(Seconds{roofline_time(work, fit.rates)}, estimate.low * share);
  estimate.high = estimate.high * share;
  estimate.energy = estimate.energy * share;
  return estimate;
}

namespace {

RegimeBands as_factors(RegimeBands bands) {
  for (LogBand& band : bands) {
    band = {pinned::exp(band.low), pinned::exp(band.high)};
  }
  return bands;
}

struct Found {
  const KernelFit* fit = nullptr;
  bool slowed = false;  // measured at burst clocks, asked for sustained ones
};

Found find_nearest(const KernelCalibration& calibration, KernelKey key) {
  const Clocking clocking = key.clocking;
  for (const KernelVariant variant : {key.variant, KernelVariant::kDefault}) {
    key.variant = variant;
    for (const Clocking measured : {clocking, Clocking::kBurst}) {
      key.clocking = measured;
      if (const KernelFit* fit = calibration.find(key)) {
        return {fit, measured != clocking};
      }
    }
  }
  return {};
}

}  // namespace

KernelFit nearest_fit(const Accelerator& accelerator, const KernelCalibration* calibration, const KernelKey& key) {
  const auto [fit, slowed] = calibration == nullptr ? Found{} : find_nearest(*calibration, key);
  KernelFit copy = fit == nullptr ? family_fit(accelerator, key) : *fit;
  if (slowed) {
    copy.law.compute *= std::min(1.0, accelerator.sustained_clock_fraction);
  }
  return copy;
}

ResolvedFit resolve(const Accelerator& accelerator, const KernelCalibration* calibration, const KernelKey& key) {
  ResolvedFit resolved;
  resolved.rates = device_rates(accelerator, key.format);
  resolved.math = math_precision(key.format);
  resolved.quantises = key.op == KernelOp::kGemm && traits(key.format).quantises_activations;
  const auto beyond_bf16 = [&](double startup) {
    if (!resolved.quantises) {
      return 0.0;
    }
    KernelKey plain = key;
    plain.format = GemmFormat::kBf16;
    return std::max(0.0, startup - resolve(accelerator, calibration, plain).law.startup);
  };
  const auto [fit, slowed] = calibration == nullptr ? Found{} : find_nearest(*calibration, key);
  if (fit == nullptr) {
    const KernelFit family = family_fit(accelerator, key);
    resolved.law = family.law;
    resolved.quantise_startup = beyond_bf16(family.law.startup);
    resolved.bands = as_factors(family.bands);
    resolved.power_band = family.power_band;
    return resolved;
  }
  resolved.law = fit->law;
  resolved.quantise_startup = beyond_bf16(fit->law.startup);
  if (slowed) {
    resolved.law.compute *= std::min(1.0, accelerator.sustained_clock_fraction);
  }
  resolved.residual = fit->residual.empty() ? nullptr : &fit->residual;
  resolved.power_residual = fit->power_residual.empty() ? nullptr : &fit->power_residual;
  resolved.bands = as_factors(fit->bands);
  resolved.power_band = fit->power_band;
  resolved.grade = calibration->grade;
  return resolved;
}

KernelFits::KernelFits(const Accelerator& accelerator, std::shared_ptr<const KernelCalibration> calibration,
                       Clocking clocking)
    : accelerator_(accelerator.id), calibration_(std::move(calibration)) {
  for (std::size_t op = 0; op < kKernelOpCount; ++op) {
    for (std::size_t format = 0; format < kGemmFormatCount; ++format) {
      if (!accelerator.supports(math_precision(static_cast<GemmFormat>(format)))) {
        continue;
      }
      for (std::size_t cache = 0; cache < kCachePrecisions.size(); ++cache) {
        for (std::size_t variant = 0; variant < kKernelVariantCount; ++variant) {
          const KernelKey key{static_cast<KernelOp>(op), static_cast<GemmFormat>(format), kCachePrecisions[cache],
                              clocking, static_cast<KernelVariant>(variant)};
          Slot& slot = slots_[slot_index(key.op, key.format, cache, key.variant)];
          slot.fit = resolve(accelerator, calibration_.get(), key);
          slot.supported = true;
        }
      }
    }
  }
}

const ResolvedFit& KernelFits::at(KernelOp op, GemmFormat format, Precision kv, KernelVariant variant) const {
  const Slot& slot = slots_[slot_index(op, format, cache_kind(kv), variant)];
  if (!slot.supported) {
    throw std::invalid_argument(accelerator_ + " does not multiply in " + std::string(name(math_precision(format))));
  }
  return slot.fit;
}

}  // namespace aifactory
