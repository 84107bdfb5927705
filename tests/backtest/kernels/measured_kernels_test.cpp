// Against the measured rows themselves, where they are at hand: every row predicted, transfers within their targets,
// and fits that never saw a shape as good on it as the shipped files say.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <string>
#include <vector>

#include "models/catalog/accelerator_table.h"
#include "models/catalog/calibration_table.h"
#include "models/catalog/kernel_measurements.h"
#include "models/kernels/kernel_model.h"
#include "sim/study/backtest_kernels.h"
#include "sim/study/calibrate.h"
#include "sim/study/kernel_case.h"
#include "tests/backtest/reference_file.h"

namespace aifactory {
namespace {

const Catalog& catalog() {
  static const Catalog shipped =
      Catalog::load({.configs_dir = AIFACTORY_SOURCE_DIR "/configs", .overlays = {}, .as_of = {}});
  return shipped;
}

std::string measured_file(const std::string& accelerator) {
  return test::reference_file("kernels/" + accelerator + ".csv.gz").string();
}

class MeasuredKernels : public testing::Test {
 protected:
  void SetUp() override {
    if (!std::filesystem::exists(measured_file("h200_sxm"))) {
      GTEST_SKIP() << "no measured kernel tables beside the sources";
    }
  }

  static std::vector<KernelMeasurement> rows(const std::string& accelerator, const std::string& op = {},
                                             const std::string& dtype = {}) {
    Problems problems;
    std::vector<KernelMeasurement> all = read_kernel_measurements(measured_file(accelerator), problems);
    problems.throw_if_any();
    all.erase(std::remove_if(all.begin(), all.end(),
                             [&](const KernelMeasurement& row) {
                               return (!op.empty() && row.op != op) || (!dtype.empty() && row.dtype != dtype);
                             }),
              all.end());
    return all;
  }
};

TEST_F(MeasuredKernels, EveryRowIsPredictedAndBiasStaysSmall) {
  for (const char* id : {"a100_sxm", "h200_sxm", "gb300"}) {
    const BacktestReport report = backtest_kernels(catalog(), rows(id), {{"op"}, {}});
    EXPECT_EQ(report.kind, "kernels");
    EXPECT_TRUE(report.skipped.empty());
    for (const auto& [op, metrics] : report.groups()) {
      const BacktestSummary& s = metrics.at("time");
      EXPECT_LE(s.median_ape, 0.10) << id << ' ' << op;
      // One law serves all accelerators of a family in collectives, so a single one may lie further off.
      EXPECT_LE(std::abs(s.bias), op.rfind("collective_", 0) == 0 ? 0.05 : 0.035) << id << ' ' << op;
    }
  }
}

TEST_F(MeasuredKernels, AShapeNeverSeenIsPredictedAsWellAsTheFilesSay) {
  const CalibrationReport report = calibrate(catalog(), rows("h200_sxm", "gemm", "bfloat16"));
  ASSERT_EQ(report.calibrations.size(), 1U);
  const KernelFit& fit = report.calibrations[0].entries.at(0).fit;
  EXPECT_LE(fit.median_error, 0.035);
  EXPECT_LE(fit.p90_error, 0.10);
  for (const CalibrationError& error : report.errors) {
    EXPECT_LE(std::abs(error.summary.bias), 0.03) << error.regime;
    EXPECT_GE(error.summary.band_coverage, 0.75) << error.regime;
    EXPECT_LE(error.summary.band_coverage, 0.90) << error.regime;
  }
}

// Sweeps that ran without a tuned tile configuration are a population of their own, told apart by their neighbours'
// times alone: what is left is predicted within the bounds of a tuned kernel.
TEST_F(MeasuredKernels, UntunedGroupedGemmsAreToldFromTunedOnes) {
  const CalibrationReport report = calibrate(catalog(), rows("h200_sxm", "moe", "bfloat16"));
  ASSERT_EQ(report.calibrations.size(), 1U);
  KernelKey key{KernelOp::kGroupedGemm, GemmFormat::kBf16, Precision::kBf16, Clocking::kBurst, KernelVariant::kDefault};
  const KernelFit* tuned = report.calibrations[0].find(key);
  key.variant = KernelVariant::kUntuned;
  const KernelFit* untuned = report.calibrations[0].find(key);
  ASSERT_NE(tuned, nullptr);
  ASSERT_NE(untuned, nullptr);
  EXPECT_GT(tuned->rows, 7 * untuned->rows);
  EXPECT_LE(tuned->median_error, 0.10);
  EXPECT_LE(tuned->p90_error, 0.30);
}

// Leave one accelerator out: it is predicted from the nearest relative that is left. Median over bf16 products, and the
// share of all its rows inside the widened bands.
TEST_F(MeasuredKernels, AnAcceleratorLeftOutIsPredictedFromItsRelative) {
  struct Left {
    const char* id;
    std::vector<std::string> without;
    double median;
  };
  const Left left[] = {{"h200_sxm", {"h200_sxm", "gb200", "b200_sxm", "b300_sxm", "gb300", "a100_sxm"}, 0.07},
                       {"b200_sxm", {"b200_sxm", "gb200", "b300_sxm", "gb300", "h100_sxm", "a100_sxm"}, 0.14},
                       {"gb300", {"gb300", "gb200", "b300_sxm", "h200_sxm", "h100_sxm", "a100_sxm"}, 0.10}};
  for (const Left& one : left) {
    std::vector<KernelMeasurement> all = rows(one.id);
    all.erase(std::remove_if(all.begin(), all.end(), is_collective), all.end());
    const BacktestReport report = backtest_kernels(catalog(), all, {{"op", "dtype"}, one.without});
    EXPECT_LE(report.groups().at("gemm/bfloat16").at("time").median_ape, one.median) << one.id;
    const BacktestSummary s = report.summary().at("time");
    EXPECT_LE(s.median_ape, one.median) << one.id;
    EXPECT_GE(s.band_coverage, 0.75) << one.id;
    EXPECT_LE(s.band_coverage, 0.90) << one.id;
  }
}

// Nothing calibrated at all: the width of the family law's band is judged on accelerators whose rows did not set it
// (its compute regime was chosen on the best matmuls of other vendors).
TEST_F(MeasuredKernels, TheFamilyLawsBandHoldsAcceleratorsWithoutAnyCalibration) {
  const std::vector<std::string> none = {"a100_sxm", "h100_sxm", "h200_sxm", "b200_sxm", "b300_sxm", "gb200", "gb300"};
  for (const char* id : {"a100_sxm", "h100_sxm", "b200_sxm"}) {
    std::vector<KernelMeasurement> all = rows(id);
    std::vector<KernelMeasurement> some;
    for (std::size_t i = 0; i < all.size(); i += 7) {
      if (!is_collective(all[i])) {
        some.push_back(std::move(all[i]));
      }
    }
    const BacktestSummary s = backtest_kernels(catalog(), some, {{}, none}).summary().at("time");
    EXPECT_GE(s.band_coverage, 0.75) << id;
    EXPECT_LE(s.band_coverage, 0.90) << id;
  }
}

// The power cap: products that tensor cores bound run 13 % slower once the package is hot.
TEST(KernelBacktest, SustainedProductsAreAsMuchSlowerAsTheCapMakesThem) {
  const Accelerator h200 = load_accelerator(catalog(), "h200_sxm");
  const auto calibration = load_calibration(catalog(), h200);
  const KernelModel burst(h200, calibration, Clocking::kBurst);
  const KernelModel sustained(h200, calibration, Clocking::kSustained);
  double slower = 0.0;
  int shapes = 0;
  for (double m = 2048; m <= 16384; m *= 2) {
    for (double n = 4096; n <= 16384; n *= 2) {
      slower += sustained.gemm({m, n, 8192}).time / burst.gemm({m, n, 8192}).time - 1.0;
      ++shapes;
    }
  }
  EXPECT_NEAR(slower / shapes, 0.13, 0.03);
}

TEST_F(MeasuredKernels, SustainedClocksAreSlowerWhereTheCapBinds) {
  const BacktestReport burst = backtest_kernels(catalog(), rows("h200_sxm", "gemm", "bfloat16"), {{"regime"}, {}});
  const BacktestReport capped =
      backtest_kernels(catalog(), rows("h200_sxm", "gemm_sustained", "bfloat16"), {{"regime"}, {}});
  EXPECT_LE(burst.groups().at("compute").at("time").median_ape, 0.05);
  EXPECT_LE(capped.groups().at("compute").at("time").median_ape, 0.05);
  EXPECT_LE(capped.summary().at("power").median_ape, 0.08);
  EXPECT_LE(std::abs(capped.summary().at("time").bias), 0.03);
}

TEST(KernelBacktest, WhatCannotBePredictedSaysWhy) {
  Problems problems;
  const auto bad = parse_kernel_measurements(
      "op,gpu,dtype,m,n,k,us,heads,kv_heads,head_dim,batch,isl,past\n"
      "gemm,H200-SXM5-141GB,bfloat16,0,8,8,1\n"
      "gemm,H200-SXM5-141GB,bf17,8,8,8,1\n"
      "gemm,Q9000,bfloat16,8,8,8,1\n"
      "fft,H200-SXM5-141GB,bfloat16,8,8,8,1\n"
      "attention_decode,H200-SXM5-141GB,bfloat16,,,,1,8,3,128,1,1,100\n"
      "gemm,H200-SXM5-141GB,bfloat16,8,8,8,\n"
      "gemm,H200-SXM5-141GB,nvfp4,8,8,8,5\n"
      "gemm,H200-SXM5-141GB,bfloat16,8,8,8,4\n",
      "f", problems);
  const BacktestReport report = backtest_kernels(catalog(), bad);
  EXPECT_EQ(report.evaluated, 1U);
  ASSERT_EQ(report.skipped.size(), 7U);
  EXPECT_EQ(report.skipped[0].second, "m must be positive and finite");
  EXPECT_NE(report.skipped[1].second.find("bf17"), std::string::npos);
  EXPECT_NE(report.skipped[2].second.find("Q9000"), std::string::npos);
  EXPECT_NE(report.skipped[3].second.find("fft"), std::string::npos);
  EXPECT_EQ(report.skipped[4].second, "heads must be a multiple of kv_heads");
  EXPECT_EQ(report.skipped[5].second, "us is missing or not positive");
  EXPECT_NE(report.skipped[6].second.find("no peak rate for nvfp4"), std::string::npos);
}

}  // namespace
}  // namespace aifactory
