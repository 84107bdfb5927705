// Every kernel of the probe against its double-precision reference, on whatever GPU there is; skipped without one.
#include <gtest/gtest.h>

#include <iostream>
#include <memory>

#include "tools/probe/cudnn_attention.h"
#include "tools/probe/device_setup.h"
#include "tools/probe/runner.h"
#include "tools/probe/suites.h"

namespace aifactory::probe {
namespace {

class OnDevice : public testing::Test {
 protected:
  // One session for all tests: filling the pools takes a second.
  static void SetUpTestSuite() {
    std::string reason;
    if (device_count(reason) > 0) {
      session_ = std::make_unique<DeviceSession>(0);
    } else {
      reason_ = reason;
    }
  }
  static void TearDownTestSuite() { session_.reset(); }
  void SetUp() override {
    if (session_ == nullptr) {
      GTEST_SKIP() << "no CUDA device: " << reason_;
    }
  }

  static Case of(const char* op, const char* impl, std::map<std::string, std::int64_t> shape,
                 const char* dtype = "bf16", const char* detail = "") {
    Case c;
    c.op = op;
    c.impl = impl;
    c.dtype = dtype;
    c.detail = detail;
    c.shape = std::move(shape);
    return c;
  }
  static void expect_right(const Case& c) {
    session_->device().pools.reset();
    try {
      const std::unique_ptr<Kernel> kernel = make_kernel(session_->device(), c);
      const Stream stream;
      const Check check = kernel->check(stream.get());
      EXPECT_TRUE(check.ok()) << key_of(c) << ": " << check.error << " over " << check.tolerance;
    } catch (const DoesNotFit& error) {
      GTEST_SKIP() << key_of(c) << " does not fit: " << error.what();
    }
  }

  static std::unique_ptr<DeviceSession> session_;
  static std::string reason_;
};
std::unique_ptr<DeviceSession> OnDevice::session_;
std::string OnDevice::reason_;

TEST_F(OnDevice, Products) {
  for (const std::int64_t m : {1, 7, 128, 333}) {
    expect_right(of("gemm", "cublaslt", {{"m", m}, {"n", 1280}, {"k", 2048}}));
    expect_right(of("gemm", "cublaslt", {{"m", m}, {"n", 1280}, {"k", 2048}}, "fp8"));
    expect_right(of("batched_gemm", "cublaslt", {{"batch", 16}, {"m", m}, {"n", 512}, {"k", 128}}));
  }
}

TEST_F(OnDevice, GroupedProducts) {
  for (const char* routing : {"balanced", "uniform", "power_law_1.2"}) {
    expect_right(
        of("grouped_gemm", "cublas",
           {{"tokens", 300}, {"hidden", 1024}, {"inter", 512}, {"experts", 16}, {"topk", 4}, {"ep", 2}, {"tp", 1}},
           "bf16", routing));
    for (const char* dtype : {"bf16", "fp8"}) {
      expect_right(
          of("grouped_gemm", "cublaslt",
             {{"tokens", 300}, {"hidden", 1024}, {"inter", 512}, {"experts", 16}, {"topk", 4}, {"ep", 2}, {"tp", 1}},
             dtype, routing));
    }
  }
}

TEST_F(OnDevice, Prefill) {
  for (const std::int64_t dim : {64, 128}) {
    for (const std::int64_t isl : {1, 63, 128, 129, 1000}) {
      for (const std::int64_t past : {0, 70}) {
        for (const std::int64_t window : {0, 100}) {
          expect_right(of("attn_prefill", "own",
                          {{"batch", 2},
                           {"isl", isl},
                           {"past", past},
                           {"heads", 8},
                           {"kv_heads", 2},
                           {"head_dim", dim},
                           {"window", window}}));
        }
      }
    }
  }
  expect_right(of("mla_prefill", "own", {{"batch", 1}, {"isl", 500}, {"heads", 4}}));
}

TEST_F(OnDevice, Decode) {
  for (const std::int64_t dim : {64, 128}) {
    for (const std::int64_t past : {0, 62, 63, 64, 1000, 40000}) {
      for (const std::int64_t kv_heads : {1, 2, 16}) {
        for (const std::int64_t window : {0, 128}) {
          expect_right(of("attn_decode", "own",
                          {{"batch", 3},
                           {"past", past},
                           {"heads", 16},
                           {"kv_heads", kv_heads},
                           {"head_dim", dim},
                           {"window", window}}));
        }
      }
    }
  }
}

TEST_F(OnDevice, LatentDecode) {
  for (const std::int64_t heads : {16, 48, 64, 128}) {
    for (const std::int64_t past : {0, 31, 32, 63, 64, 1000, 40000}) {
      expect_right(of("mla_decode", "own", {{"batch", 3}, {"past", past}, {"heads", heads}}));
    }
  }
}

TEST_F(OnDevice, CudnnAttention) {
  const std::string problem = cudnn_problem(session_->device());
  if (!problem.empty()) {
    GTEST_SKIP() << problem;
  }
  expect_right(
      of("attn_prefill", "cudnn", {{"batch", 2}, {"isl", 1000}, {"heads", 8}, {"kv_heads", 2}, {"head_dim", 128}}));
  expect_right(
      of("attn_decode", "cudnn", {{"batch", 4}, {"past", 999}, {"heads", 8}, {"kv_heads", 2}, {"head_dim", 128}}));
}

TEST_F(OnDevice, Streams) {
  for (const std::int64_t rows : {1, 5, 300}) {
    for (const std::int64_t hidden : {2880, 8192, 16384}) {
      expect_right(of("rmsnorm", "own", {{"rows", rows}, {"hidden", hidden}}));
      expect_right(of("silu_mul", "own", {{"rows", rows}, {"inter", hidden}}));
    }
    expect_right(of("embed", "own", {{"rows", rows}, {"hidden", 4096}, {"vocab", 128256}}));
    expect_right(of("sample", "own", {{"rows", rows}, {"vocab", 128256}}));
  }
  expect_right(of("copy", "own", {{"bytes", 1 << 20}}));
  expect_right(of("add", "own", {{"bytes", 1 << 20}}));
  for (const char* direction : {"d2d", "h2d", "d2h"}) {
    expect_right(of("memcpy", "runtime", {{"bytes", 1 << 20}}, "none", direction));
  }
}

// The whole way of one case of every suite, timed.
TEST_F(OnDevice, OneCaseOfEverySuiteIsTimed) {
  const PowerSampler sampler(session_->nvml());
  Runner runner(session_->device(), sampler);
  for (const std::string_view suite : suite_names()) {
    const Case c = cases_of(suite, false).front();
    const Record record = runner.run({c, 0});
    EXPECT_GT(record.us.median, 0.0) << suite;
    EXPECT_LE(record.check_error, record.check_tolerance) << suite;
  }
}

// Long decode has to be bound by memory: three quarters of what the best copy reaches on this device.
TEST_F(OnDevice, LongDecodeReachesThreeQuartersOfTheBestCopy) {
  const PowerSampler sampler(nullptr);
  Runner runner(session_->device(), sampler);
  const Record copy = runner.run({of("copy", "own", {{"bytes", std::int64_t{1} << 30}}), 0});
  const Record decode = runner.run(
      {of("attn_decode", "own", {{"batch", 64}, {"past", 32767}, {"heads", 8}, {"kv_heads", 1}, {"head_dim", 128}}),
       0});
  EXPECT_GE(decode.bytes / decode.us.median, 0.75 * copy.bytes / copy.us.median);
}

}  // namespace
}  // namespace aifactory::probe
