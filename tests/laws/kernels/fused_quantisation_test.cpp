// What a GEMM saves when another kernel quantises its activations.
#include <gtest/gtest.h>

#include "models/kernels/kernel_model.h"
#include "tests/laws/kernels/sample_accelerator.h"

namespace aifactory {
namespace {

TEST(FusedQuantisation, SavesTimeOnlyWhereActivationsAreQuantised) {
  const KernelModel model(sample_accelerator());
  for (const double m : {1.0, 64.0, 1000.0, 16384.0}) {
    for (std::size_t f = 0; f < kGemmFormatCount; ++f) {
      GemmShape shape{m, 4096.0, 7168.0, static_cast<GemmFormat>(f)};
      const KernelEstimate alone = model.gemm(shape);
      shape.quantisation = Quantisation::kFused;
      const KernelEstimate fused = model.gemm(shape);
      const bool quantised = shape.format == GemmFormat::kFp8 || shape.format == GemmFormat::kFp8Block ||
                             shape.format == GemmFormat::kFp4 || shape.format == GemmFormat::kInt8 ||
                             shape.format == GemmFormat::kFp4Fp8;
      if (quantised) {
        EXPECT_LT(fused.time, alone.time) << name(shape.format);
        EXPECT_NEAR(fused.energy / fused.time / (alone.energy / alone.time), 1.0, 1e-12);
      } else {
        EXPECT_EQ(fused.time, alone.time) << name(shape.format);
      }
      EXPECT_LE(fused.low, fused.time);
      EXPECT_LE(fused.time, fused.high);
    }
  }
}

TEST(FusedQuantisation, NeverBelowTheRooflineNorAPlainStart) {
  const KernelModel model(sample_accelerator());
  for (const double size : {1.0, 64.0, 8192.0}) {
    const KernelEstimate e = model.gemm({size, size, 8192.0, GemmFormat::kFp8, Quantisation::kFused});
    EXPECT_GE(e.low.value(), e.bytes.value() / 4e12);
    EXPECT_GE(e.low.value(), e.flops.value() / 2e15);
    EXPECT_GE(e.time.value(), 3e-6);
  }
}

// At the size where time is weights alone, half the bytes take half the time; a separate pass would hide that.
TEST(FusedQuantisation, HalfTheBytesAreHalfTheTimeOfALargeDecode) {
  const KernelModel model(sample_accelerator());
  const double plain = model.gemm({16.0, 57344.0, 16384.0}).time.value();
  const double narrow = model.gemm({16.0, 57344.0, 16384.0, GemmFormat::kFp8, Quantisation::kFused}).time.value();
  EXPECT_NEAR(narrow / plain, 0.5, 0.03);
}

}  // namespace
}  // namespace aifactory
