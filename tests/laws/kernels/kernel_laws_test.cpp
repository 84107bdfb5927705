// What must hold for every kernel on every accelerator, whatever the parameters.
#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <vector>

#include "models/kernels/kernel_model.h"
#include "tests/laws/kernels/sample_accelerator.h"

namespace aifactory {
namespace {

using Kernel = std::function<KernelEstimate(const KernelModel&)>;

std::vector<Kernel> kernels_of_all_kinds() {
  std::vector<Kernel> kernels;
  for (const double size : {1.0, 7.0, 64.0, 1000.0, 16384.0}) {
    for (std::size_t f = 0; f < kGemmFormatCount; ++f) {
      const auto format = static_cast<GemmFormat>(f);
      kernels.push_back([=](const KernelModel& m) { return m.gemm({size, 4096.0, 7168.0, format}); });
      kernels.push_back([=](const KernelModel& m) { return m.gemm({16384.0, size, 8192.0, format}); });
      kernels.push_back([=](const KernelModel& m) {
        GroupedGemmShape s;
        s.tokens = size;
        s.hidden = 7168;
        s.intermediate = 2048;
        s.experts = 256;
        s.experts_per_token = 8;
        s.expert_parallel = 8;
        s.format = format;
        return m.grouped_gemm(s);
      });
    }
    for (const Precision kv : {Precision::kBf16, Precision::kFp8}) {
      for (const double new_tokens : {1.0, 4.0, 5.0, 512.0, 8192.0}) {
        kernels.push_back([=](const KernelModel& m) {
          AttentionShape s;
          s.batch = size;
          s.new_tokens = new_tokens;
          s.past_tokens = 3000;
          s.heads = 64;
          s.kv_heads = 8;
          s.head_dim = 128;
          s.kv = kv;
          return m.attention(s);
        });
        kernels.push_back([=](const KernelModel& m) {
          LatentAttentionShape s;
          s.batch = size;
          s.new_tokens = new_tokens;
          s.past_tokens = 3000;
          s.heads = 16;
          s.kv = kv;
          return m.latent_attention(s);
        });
      }
    }
    for (const StreamKind kind : {StreamKind::kCopy, StreamKind::kNorm, StreamKind::kSampling}) {
      kernels.push_back([=](const KernelModel& m) { return m.stream(kind, Bytes{size * 1e6}); });
    }
  }
  return kernels;
}

TEST(KernelLaws, NeverFasterThanTheDatasheetRoofline) {
  const KernelModel model(sample_accelerator());
  for (const Kernel& kernel : kernels_of_all_kinds()) {
    const KernelEstimate e = kernel(model);
    EXPECT_GE(e.time.value(), e.bytes.value() / 4e12);
    EXPECT_GE(e.low.value(), e.bytes.value() / 4e12);
  }
  for (const double m : {1.0, 333.0, 65536.0}) {
    const KernelEstimate e = model.gemm({m, 8192.0, 8192.0});
    EXPECT_GE(e.low.value(), e.flops.value() / 1e15);
  }
}

TEST(KernelLaws, BandsHoldTheEstimate) {
  const KernelModel model(sample_accelerator());
  for (const Kernel& kernel : kernels_of_all_kinds()) {
    const KernelEstimate e = kernel(model);
    EXPECT_LE(e.low, e.time);
    EXPECT_LE(e.time, e.high);
    EXPECT_TRUE(isfinite(e.time));
  }
}

TEST(KernelLaws, EnergyIsAtLeastIdleAndAtMostTdpTimesTime) {
  const KernelModel model(sample_accelerator());
  for (const Kernel& kernel : kernels_of_all_kinds()) {
    const KernelEstimate e = kernel(model);
    EXPECT_GE(e.energy.value(), 70.0 * e.time.value() * (1 - 1e-12));
    EXPECT_LE(e.energy.value(), 700.0 * e.time.value() * (1 + 1e-12));
  }
}

TEST(KernelLaws, MoreBandwidthOrFlopsIsNeverSlower) {
  Accelerator wide = sample_accelerator();
  wide.memory_bandwidth = wide.memory_bandwidth * 1.5;
  Accelerator strong = sample_accelerator();
  for (FlopsPerSecond& peak : strong.dense_peak) {
    peak *= 1.5;
  }
  const KernelModel base(sample_accelerator());
  const KernelModel wider(wide);
  const KernelModel stronger(strong);
  for (const Kernel& kernel : kernels_of_all_kinds()) {
    const double t = kernel(base).time.value();
    EXPECT_LE(kernel(wider).time.value(), t * (1 + 1e-12));
    EXPECT_LE(kernel(stronger).time.value(), t * (1 + 1e-12));
  }
}

TEST(KernelLaws, SustainedClocksAreNeverFasterThanBurst) {
  const KernelModel burst(sample_accelerator(), nullptr, Clocking::kBurst);
  const KernelModel sustained(sample_accelerator());
  for (const Kernel& kernel : kernels_of_all_kinds()) {
    EXPECT_GE(kernel(sustained).time.value(), kernel(burst).time.value());
  }
  const GemmShape large{16384, 16384, 16384};
  EXPECT_NEAR(sustained.gemm(large).time / burst.gemm(large).time, 1 / 0.87, 0.01);
  const GemmShape small{8, 8192, 8192};  // waits for memory, which the cap leaves alone
  EXPECT_NEAR(sustained.gemm(small).time / burst.gemm(small).time, 1.0, 0.001);
}

TEST(KernelLaws, UncalibratedTimesNeverFallInAnyDimension) {
  const KernelModel model(sample_accelerator());
  const double steps[] = {1, 2, 3, 15, 16, 17, 100, 128, 129, 1000, 8192, 8193, 65536};
  const auto rises = [&](const std::function<KernelEstimate(double)>& at) {
    double previous = 0.0;
    for (const double x : steps) {
      const double t = at(x).time.value();
      EXPECT_GE(t, previous * (1 - 1e-12)) << "at " << x;
      previous = t;
    }
  };
  for (const double other : {16.0, 4096.0}) {
    rises([&](double x) { return model.gemm({x, other, 4096.0, GemmFormat::kFp8}); });
    rises([&](double x) { return model.gemm({other, x, 4096.0}); });
    rises([&](double x) { return model.gemm({other, 512.0, x}); });
    rises([&](double x) {
      AttentionShape s;
      s.batch = x;
      s.new_tokens = 1;
      s.past_tokens = other;
      s.heads = 32;
      s.kv_heads = 8;
      s.head_dim = 128;
      return model.attention(s);
    });
    rises([&](double x) {
      AttentionShape s;
      s.batch = 2;
      s.new_tokens = x;
      s.past_tokens = other;
      s.heads = 32;
      s.kv_heads = 8;
      s.head_dim = 128;
      return model.attention(s);
    });
    rises([&](double x) {
      LatentAttentionShape s;
      s.batch = 2;
      s.new_tokens = 1;
      s.past_tokens = x + other;
      s.heads = 16;
      return model.latent_attention(s);
    });
    rises([&](double x) {
      GroupedGemmShape s;
      s.tokens = x;
      s.hidden = other;
      s.intermediate = 2048;
      s.experts = 64;
      s.experts_per_token = 6;
      return model.grouped_gemm(s);
    });
  }
}

TEST(KernelLaws, CompositionAddsAndRepeats) {
  const KernelModel model(sample_accelerator());
  const KernelEstimate a = model.gemm({64, 4096, 4096});
  const KernelEstimate b = model.stream(StreamKind::kNorm, Bytes{1e6});
  const KernelEstimate sum = a * 2.0 + b;
  EXPECT_DOUBLE_EQ(sum.time.value(), 2 * a.time.value() + b.time.value());
  EXPECT_DOUBLE_EQ(sum.energy.value(), 2 * a.energy.value() + b.energy.value());
  EXPECT_DOUBLE_EQ(sum.flops.value(), 2 * a.flops.value());
  EXPECT_EQ(sum.grade, Grade::kTransferred);
}

}  // namespace
}  // namespace aifactory
