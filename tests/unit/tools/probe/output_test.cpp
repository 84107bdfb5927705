#include <gtest/gtest.h>

#include <cstdio>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "tools/probe/probe_output.h"

namespace aifactory::probe {
namespace {

Record sample_record() {
  Record r;
  r.config.op = "gemm";
  r.config.impl = "cublaslt";
  r.config.dtype = "bf16";
  r.config.shape = {{"m", 16}, {"n", 4096}, {"k", 8192}};
  r.config.model = "made up";
  r.config.hold_out = true;
  r.us = {12.0, 11.5, 12.5, 12.1, 0.02, 20};
  r.flops = 2.0 * 16 * 4096 * 8192;
  r.bytes = 2.0 * (16 * 8192 + 4096 * 8192 + 16 * 4096);
  r.power_w = 512.5;
  r.throttle = {"sw_power_cap"};
  r.algo = {"cublaslt", 66, 15, 34, 1, 0, 2, -1};
  r.best_us = 11.0;
  r.best_algo = {"cublaslt", 67, -1, -1, -1, -1, -1, -1};
  r.check_error = 0.004;
  r.check_tolerance = 0.02;
  r.check_elements = 96;
  r.nodes = 10;
  r.sets = 5;
  r.rotated_bytes = 3e8;
  return r;
}

TEST(Output, ARecordSurvivesTheFile) {
  Record layer = sample_record();
  layer.config.op = "layer";
  layer.config.detail = "made_up";
  layer.config.parts = {sample_record().config};
  for (const Record& r : {sample_record(), layer}) {
    const nlohmann::json json = to_json(r);
    const Record again = record_from_json(json);
    EXPECT_EQ(to_json(again), json);
    EXPECT_EQ(key_of(again.config), key_of(r.config));
  }
}

TEST(Output, RatesFollowFromTheMedian) {
  const nlohmann::json json = to_json(sample_record());
  EXPECT_DOUBLE_EQ(json.at("tflops").get<double>(), 2.0 * 16 * 4096 * 8192 / 12e-6 * 1e-12);
  EXPECT_DOUBLE_EQ(json.at("gbps").get<double>(), sample_record().bytes / 12e-6 * 1e-9);
}

TEST(Output, AnInterruptedRunGoesOnWithItsFile) {
  ProbeOutput output;
  output.info.gpu_name = "Made-up GPU";
  output.info.uuid_hash = "00";
  output.info.date = "2026-01-01T00:00:00Z";
  output.records = {sample_record(), sample_record()};
  output.records[1].repeat_group = 1;
  output.records[1].us.median = 12.6;
  output.skipped = {{"a|b", "does not fit"}};
  output.left = {"c|d"};
  const std::string path = testing::TempDir() + "probe_output_test.json";
  write_output(output, path);
  const ProbeOutput again = read_output(path);
  EXPECT_EQ(to_json(again), to_json(output));
  EXPECT_NEAR(to_json(output).at("summary").at("repeatability_median_ape").get<double>(), 0.6 / 12.3, 1e-12);
  EXPECT_NO_THROW(require_same_setup(again.info, output.info));
  RunInfo other = output.info;
  other.driver = "999";
  EXPECT_THROW(require_same_setup(again.info, other), std::runtime_error);
  static_cast<void>(std::remove(path.c_str()));
  EXPECT_THROW(read_output(path), std::runtime_error);
}

TEST(Output, AWrongResultIsCounted) {
  ProbeOutput output;
  output.records = {sample_record()};
  output.records[0].check_error = 1.0;
  EXPECT_EQ(to_json(output).at("summary").at("failed_checks").get<int>(), 1);
}

TEST(Case, TheKeyHoldsWhatIdentifiesAndNothingElse) {
  Case a = sample_record().config;
  Case b = a;
  b.model = "another";
  b.priority = 3;
  EXPECT_EQ(key_of(a), key_of(b));
  b.l2 = "warm";
  EXPECT_NE(key_of(a), key_of(b));
  EXPECT_EQ(key_of(a), "gemm|cublaslt|bf16||k=8192,m=16,n=4096|cold|burst|graph");
}

TEST(Output, AKernelThatStoppedTheDeviceTwiceIsLeftOut) {
  ProbeOutput output;
  Case grouped;
  grouped.op = "grouped_gemm";
  grouped.impl = "cublas";
  grouped.dtype = "bf16";
  Case layer;
  layer.op = "layer";
  layer.impl = "own";
  layer.dtype = "bf16";
  layer.parts = {grouped};
  Case product = grouped;
  product.op = "gemm";
  output.skipped = {{key_of(grouped), std::string(kStopped) + "illegal address"}, {key_of(product), "failed: once"}};
  EXPECT_TRUE(stopping_kernels(output).empty()) << "once may be the configuration";
  grouped.detail = "uniform";
  output.skipped.push_back({key_of(grouped), std::string(kStopped) + "illegal address"});
  const std::set<std::string> stopping = stopping_kernels(output);
  EXPECT_EQ(stopping, (std::set<std::string>{"grouped_gemm|cublas|bf16"}));
  EXPECT_TRUE(uses_one_of(grouped, stopping));
  EXPECT_TRUE(uses_one_of(layer, stopping)) << "a part of it does";
  EXPECT_FALSE(uses_one_of(product, stopping));
}

}  // namespace
}  // namespace aifactory::probe
