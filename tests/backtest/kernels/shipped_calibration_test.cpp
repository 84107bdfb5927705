// What the shipped calibrations promise, without any measurement at hand: held-out errors within the targets, and the
// laws of kernels kept by laws and residuals together.
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <map>

#include "models/catalog/accelerator_table.h"
#include "models/catalog/calibration_table.h"
#include "models/kernels/kernel_model.h"

namespace aifactory {
namespace {

const Catalog& catalog() {
  static const Catalog shipped =
      Catalog::load({.configs_dir = AIFACTORY_SOURCE_DIR "/configs", .overlays = {}, .as_of = {}});
  return shipped;
}

struct Target {
  double median, p90;
};

// The error aimed at; where it is missed, what was found and why.
Target target(const std::string& accelerator, const KernelKey& key) {
  const bool hopper = accelerator == "h100_sxm" || accelerator == "h200_sxm";
  switch (key.op) {
    case KernelOp::kGemm:
      if (key.format != GemmFormat::kBf16) {
        return {0.07, 0.20};
      }
      if (key.clocking == Clocking::kSustained) {
        // GB200 has a third of H200's rows for as many (n, k).
        return accelerator == "gb200" ? Target{0.055, 0.147} : Target{0.05, 0.14};
      }
      return accelerator == "a100_sxm" ? Target{0.08, 0.24} : hopper ? Target{0.06, 0.18} : Target{0.07, 0.20};
    case KernelOp::kDecode:
      return {0.07, 0.20};
    case KernelOp::kPrefill:
      // 512-wide heads: 200 rows of another library.
      return key.variant == KernelVariant::kWideHead ? Target{0.075, 0.21} : Target{0.06, 0.18};
    case KernelOp::kLatentPrefill:
    case KernelOp::kLatentDecode:
      return {0.08, 0.20};
    case KernelOp::kGroupedGemm:
      // Rows without a tuned tile configuration are few, and so are those of 4-bit weights with wider activations.
      if (key.variant == KernelVariant::kUntuned) {
        return {0.135, 0.60};  // 41 rows and more
      }
      return key.format == GemmFormat::kFp4Fp8 ? Target{0.12, 0.345} : Target{0.112, 0.30};
    case KernelOp::kStream:
      break;
  }
  return {0.0, 0.0};
}

TEST(ShippedCalibrations, HeldOutErrorsStayWithinTheirBounds) {
  std::size_t kernels = 0;
  for (const std::string& id : catalog().ids("calibration")) {
    const KernelCalibration c = load_entry(catalog(), "calibration", id, calibration_table());
    for (const KernelCalibration::Entry& entry : c.entries) {
      const Target limit = target(id, entry.key);
      EXPECT_LE(entry.fit.median_error, limit.median)
          << id << ' ' << name(entry.key.op) << ' ' << name(entry.key.format);
      EXPECT_LE(entry.fit.p90_error, limit.p90) << id << ' ' << name(entry.key.op) << ' ' << name(entry.key.format);
      ++kernels;
    }
  }
  EXPECT_GE(kernels, 140U);
}

TEST(ShippedCalibrations, LoadWithinFiftyMilliseconds) {
  const Catalog fresh = Catalog::load({.configs_dir = AIFACTORY_SOURCE_DIR "/configs", .overlays = {}, .as_of = {}});
  const auto start = std::chrono::steady_clock::now();
  for (const std::string& id : fresh.ids("calibration")) {
    EXPECT_NE(load_entry(fresh, "calibration", id, calibration_table()).entries.size(), 0U);
  }
  const std::chrono::duration<double, std::milli> elapsed = std::chrono::steady_clock::now() - start;
#if defined(NDEBUG) && !defined(__SANITIZE_ADDRESS__)
  EXPECT_LT(elapsed.count(), 50.0 * 3.0);  // measured 14 ms; room for a machine shared with other tests
#else
  RecordProperty("milliseconds", static_cast<int>(elapsed.count()));
#endif
}

class CalibratedLaws : public testing::TestWithParam<const char*> {
 protected:
  CalibratedLaws()
      : accelerator_(load_accelerator(catalog(), GetParam())),
        model_(accelerator_, load_calibration(catalog(), accelerator_)) {}
  Accelerator accelerator_;
  KernelModel model_;
};

// A doubled dimension may be faster by what tiles explain: 10 % from 64 rows on, for bf16. Below, libraries change from
// matrix-vector to tile kernels at some m and a larger product is then faster by a third, as measured: B300 takes
// 5.9 us for 8 x 2048 x 2048 and 3.9 us for 9 rows, A100 10.7 us for 16 x 4096 x 512 and 6.2 us for 32.
TEST_P(CalibratedLaws, TimesFallByNoMoreThanTileEffectsInAnyDimension) {
  const auto seconds = [&](double m, double n, double k) { return model_.gemm({m, n, k}).time.value(); };
  for (double m = 1; m <= 32768; m *= 2) {
    for (double n = 256; n <= 65536; n *= 2) {
      for (double k = 256; k <= 65536; k *= 2) {
        const double tolerance = m < 64 ? 0.35 : 0.10;
        const double least = (1.0 - tolerance) * seconds(m, n, k);
        EXPECT_GE(seconds(2 * m, n, k), least) << m << "->x" << n << "x" << k;
        EXPECT_GE(seconds(m, 2 * n, k), least) << m << "x" << n << "->x" << k;
        EXPECT_GE(seconds(m, n, 2 * k), least) << m << "x" << n << "x" << k << "->";
      }
    }
  }
}

TEST_P(CalibratedLaws, NeverFasterThanTheDatasheet) {
  for (double m = 1; m <= 65536; m = std::ceil(m * 1.7)) {
    for (double n = 32; n <= 131072; n *= 2) {
      const KernelEstimate e = model_.gemm({m, n, 7168});
      const Seconds floor = max(e.flops / accelerator_.peak(Precision::kBf16), e.bytes / accelerator_.memory_bandwidth);
      EXPECT_GE(e.low.value(), floor.value() * (1 - 1e-12));
      EXPECT_GE(e.energy / e.time, accelerator_.tdp * accelerator_.power.idle_fraction * (1 - 1e-12));
      EXPECT_LE(e.energy / e.time, accelerator_.tdp * (1 + 1e-12));
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Measured, CalibratedLaws,
                         testing::Values("a100_sxm", "h100_sxm", "h200_sxm", "b200_sxm", "gb200", "b300_sxm", "gb300",
                                         "vr200", "gh200"));

// Best matmuls that other people found on accelerators nobody calibrated (stas00/ml-engineering@744d01e, MAMF finder);
// operands in fp8 to begin with.
TEST(FamilyLaw, HoldsTheBestMatmulsOfOtherVendorsInItsBand) {
  struct Best {
    const char* id;
    GemmShape shape;
    double tflops;
  };
  const Best rows[] = {{"gaudi2", {14336, 15360, 2048}, 418.7},
                       {"gaudi3", {16384, 4096, 768}, 1243.0},
                       {"mi300x", {10240, 15360, 8192}, 668.4},
                       {"mi325x", {13312, 10240, 8192}, 784.9},
                       {"mi355x", {12288, 8192, 8192}, 1565.0},
                       {"gaudi2", {6144, 11264, 5120, GemmFormat::kFp8, Quantisation::kFused}, 826.5},
                       {"gaudi3", {16640, 1536, 3072, GemmFormat::kFp8, Quantisation::kFused}, 1289.5}};
  for (const Best& row : rows) {
    const Accelerator accelerator = load_accelerator(catalog(), row.id);
    const KernelModel model(accelerator, load_calibration(catalog(), accelerator), Clocking::kBurst);
    const KernelEstimate e = model.gemm(row.shape);
    const double measured = e.flops.value() / (row.tflops * 1e12);
    EXPECT_LE(e.low.value(), measured) << row.id;
    EXPECT_GE(e.high.value(), measured) << row.id;
    EXPECT_EQ(e.grade, Grade::kTransferred);
  }
}

}  // namespace
}  // namespace aifactory
