#include "models/kernels/calibration.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "models/kernels/calibration_fit.h"
#include "models/kernels/fit_options.h"
#include "models/kernels/predict.h"
#include "tests/laws/kernels/sample_accelerator.h"

namespace aifactory {
namespace {

const LawParameters kTruth{4e-6, 0.7, 0.8, 0.14, 0.0, 0.0};

// Times of a known law with a reproducible scatter of +-3 %.
std::vector<FitSample> synthetic_gemms() {
  const DeviceRates rates = device_rates(sample_accelerator(), GemmFormat::kBf16);
  std::vector<FitSample> samples;
  std::uint64_t group = 0;
  for (const double n : {256.0, 1024.0, 4096.0, 16384.0}) {
    for (const double k : {512.0, 2048.0, 8192.0}) {
      ++group;
      for (double m = 1.0; m <= 16384.0; m *= 2.0) {
        FitSample s;
        s.work = gemm_work({m, n, k});
        s.seconds = law_time(kTruth, s.work, rates) * (1.0 + 0.03 * std::sin(17.0 * m + n + 3.0 * k));
        s.watts = power_at(sample_accelerator(), {0.2, 0.3}).value();
        s.group = group;
        samples.push_back(s);
      }
    }
  }
  return samples;
}

TEST(LawFit, RecoversTheParametersThatMadeTheTimes) {
  FitOptions options = fit_options({});
  const LawParameters law = fit_law(synthetic_gemms(), device_rates(sample_accelerator(), GemmFormat::kBf16), options);
  EXPECT_NEAR(law.startup, kTruth.startup, 0.05 * kTruth.startup);
  EXPECT_NEAR(law.compute, kTruth.compute, 0.02);
  EXPECT_NEAR(law.memory, kTruth.memory, 0.03);
  EXPECT_NEAR(law.serial, kTruth.serial, 0.05);
}

TEST(KernelFitting, HeldOutErrorIsTheScatterAndTheBandHoldsIt) {
  const FitOutcome outcome = fit_kernel(sample_accelerator(), GemmFormat::kBf16, synthetic_gemms(), fit_options({}));
  EXPECT_LT(outcome.fit.median_error, 0.035);
  EXPECT_NEAR(outcome.fit.bias, 0.0, 0.01);
  std::size_t inside = 0;
  const std::vector<FitSample> samples = synthetic_gemms();
  for (std::size_t i = 0; i < samples.size(); ++i) {
    const LogBand& band = outcome.held_out.bands[i];
    const double log = std::log(samples[i].seconds / outcome.held_out.seconds[i]);
    inside += band.low <= log && log <= band.high ? 1 : 0;
  }
  const double coverage = static_cast<double>(inside) / static_cast<double>(samples.size());
  EXPECT_GE(coverage, 0.75);
  EXPECT_LE(coverage, 0.95);
}

TEST(KernelFitting, TheBandOfAFoldKnowsNothingOfItsOwnErrors) {
  std::vector<FitSample> samples = synthetic_gemms();
  const auto own = [](const FitSample& s) { return s.group % 5 == 1; };
  for (FitSample& s : samples) {
    s.seconds *= own(s) ? 3.0 : 1.0;
  }
  FitOptions options = fit_options({});
  options.residual.clear();
  const FitOutcome outcome = fit_kernel(sample_accelerator(), GemmFormat::kBf16, samples, options);
  double widest = 0.0;
  double highest = 0.0;
  for (std::size_t i = 0; i < samples.size(); ++i) {
    (own(samples[i]) ? highest : widest) = std::max(own(samples[i]) ? highest : widest, outcome.held_out.bands[i].high);
  }
  EXPECT_GT(widest, 0.5);   // the others see the three times slower fold
  EXPECT_LT(highest, 0.3);  // which sees only them
}

TEST(KernelFitting, IsDeterministic) {
  const FitOutcome a = fit_kernel(sample_accelerator(), GemmFormat::kBf16, synthetic_gemms(), fit_options({}));
  const FitOutcome b = fit_kernel(sample_accelerator(), GemmFormat::kBf16, synthetic_gemms(), fit_options({}));
  EXPECT_EQ(a.held_out.seconds, b.held_out.seconds);
  EXPECT_EQ(a.fit.law.startup, b.fit.law.startup);
}

std::shared_ptr<KernelCalibration> burst_only() {
  auto calibration = std::make_shared<KernelCalibration>();
  KernelFit fit;
  fit.law = kTruth;
  fit.bands = {{{-0.1, 0.1}, {-0.1, 0.1}, {-0.1, 0.1}, {-0.1, 0.1}}};
  calibration->accelerator = "sample";
  calibration->entries.push_back({{}, fit});
  return calibration;
}

TEST(Calibration, IsUsedAndGradedHeldOut) {
  const KernelModel model(sample_accelerator(), burst_only(), Clocking::kBurst);
  const GemmShape shape{512, 4096, 4096};
  const KernelEstimate e = model.gemm(shape);
  EXPECT_EQ(e.grade, Grade::kHeldOut);
  EXPECT_DOUBLE_EQ(e.time.value(), law_time(kTruth, gemm_work(shape), {1e15, 4e12}));
  EXPECT_NEAR(e.high / e.time, std::exp(0.1), 1e-12);
  EXPECT_EQ(model.stream(StreamKind::kCopy, Bytes{1e6}).grade, Grade::kTransferred);
}

TEST(Calibration, SustainedFallsBackToBurstAtTheCappedClock) {
  const KernelModel sustained(sample_accelerator(), burst_only());
  const KernelModel burst(sample_accelerator(), burst_only(), Clocking::kBurst);
  const GemmShape large{16384, 16384, 16384};
  EXPECT_NEAR(sustained.gemm(large).time / burst.gemm(large).time, 1.0 / 0.87, 0.01);
}

TEST(Transfer, FollowsTheTargetsEfficienciesAndWidensTheBand) {
  Accelerator target = sample_accelerator();
  target.id = "target";
  target.matmul_efficiency = 0.4;
  const KernelCalibration moved = transfer(*burst_only(), sample_accelerator(), target);
  EXPECT_EQ(moved.accelerator, "target");
  EXPECT_EQ(moved.grade, Grade::kTransferred);
  EXPECT_DOUBLE_EQ(moved.entries[0].fit.law.compute, 0.35);
  EXPECT_LT(moved.entries[0].fit.bands[0].low, -0.1);
  Accelerator stranger = target;
  stranger.family = "another";
  const KernelCalibration far = transfer(*burst_only(), sample_accelerator(), stranger);
  EXPECT_GT(far.entries[0].fit.bands[0].high, moved.entries[0].fit.bands[0].high);
}

TEST(Calibration, UnsupportedFormatsAreNamed) {
  Accelerator old = sample_accelerator();
  old.dense_peak[static_cast<std::size_t>(Precision::kFp8)] = FlopsPerSecond{0.0};
  const KernelModel model(old);
  try {
    (void)model.gemm({1, 1, 1, GemmFormat::kFp8});
    FAIL();
  } catch (const std::invalid_argument& error) {
    EXPECT_STREQ(error.what(), "sample does not multiply in fp8");
  }
}

}  // namespace
}  // namespace aifactory
