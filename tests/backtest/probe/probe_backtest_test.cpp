// kernel-probe/1 files, from the probe's writer through the reader to predictions. The times here are made up
// (synthetic.json says so): the tests are of the path, not of the model.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "models/catalog/accelerator_table.h"
#include "models/catalog/calibration_table.h"
#include "models/catalog/catalog.h"
#include "models/catalog/json_reader.h"
#include "models/catalog/probe_file.h"
#include "models/kernels/kernel_model.h"
#include "sim/study/backtest.h"
#include "sim/study/backtest_probe.h"
#include "sim/study/calibrate.h"
#include "sim/study/kernel_case.h"
#include "sim/study/recalibrate.h"
#include "tools/probe/probe_output.h"
#include "tools/probe/suites.h"
#include "tools/probe/work.h"

namespace aifactory {
namespace {

const std::string kFile = AIFACTORY_SOURCE_DIR "/tests/backtest/probe/synthetic.json";

const Catalog& catalog() {
  static const Catalog kCatalog = Catalog::load({AIFACTORY_SOURCE_DIR "/configs", {}, {}});
  return kCatalog;
}

ProbeFile synthetic() {
  Problems problems;
  ProbeFile file = read_probe_file(kFile, problems);
  problems.throw_if_any();
  return file;
}

const ProbeRecord& record_of(const ProbeFile& file, const std::string& op) {
  return *std::find_if(file.records.begin(), file.records.end(), [&](const ProbeRecord& r) { return r.op == op; });
}

std::string reason_of(const BacktestReport& report, const std::string& start) {
  for (const auto& [id, reason] : report.skipped) {
    if (id.rfind(start, 0) == 0) {
      return reason;
    }
  }
  return {};
}

// Every case of the suites, each with the same made-up result.
probe::ProbeOutput made_up_output() {
  probe::ProbeOutput output;
  output.info.gpu_name = "NVIDIA H200";
  output.info.uuid_hash = "00";
  output.info.driver = "1";
  output.info.cuda = "13.0";
  output.info.cublas = "130000";
  output.info.compute_capability = "9.0";
  output.info.date = "2026-01-01T00:00:00Z";
  output.info.runtime = "test";
  for (const std::string_view suite : probe::suite_names()) {
    for (const probe::Case& c : probe::cases_of(suite, true)) {
      probe::Record r;
      r.config = c;
      r.us = {10.0, 9.0, 11.0, 10.0, 0.01, 20};
      r.flops = probe::work_of(c).flops;
      r.bytes = probe::work_of(c).bytes;
      r.power_w = 500.0;
      r.energy_j = 0.005;
      r.sm_mhz = 1980.0;
      r.throttle = {"sw_power_cap"};
      r.algo.name = "test";
      r.best_us = 9.0;
      r.best_algo.name = "test";
      r.check_error = 0.001;
      r.check_tolerance = 0.02;
      output.records.push_back(r);
    }
  }
  output.skipped = {{"key", "reason"}};
  output.left = {"key"};
  return output;
}

TEST(ProbeFile, WhatTheProbeWritesTheReaderTakes) {
  const probe::ProbeOutput output = made_up_output();
  Problems problems;
  const ProbeFile file = parse_probe_file(probe::to_json(output).dump(), "written", problems);
  EXPECT_TRUE(problems.empty()) << problems.sorted().front().text();
  ASSERT_EQ(file.records.size(), output.records.size());
  EXPECT_EQ(file.left, output.left);
  ASSERT_EQ(file.skipped.size(), 1u);
  EXPECT_EQ(file.skipped[0].reason, "reason");
  EXPECT_EQ(file.records[0].throttle, (std::vector<std::string>{"sw_power_cap"}));

  // And every kind of kernel is either predicted or refused for a reason.
  const BacktestReport report = backtest_probe(catalog(), file, "written");
  EXPECT_EQ(report.evaluated + report.skipped.size(), report.rows);
  EXPECT_GT(report.evaluated, report.rows / 2);
  for (const auto& [id, reason] : report.skipped) {
    EXPECT_TRUE(reason.find("no law") != std::string::npos || reason.find("own kernel") != std::string::npos ||
                reason.find("warm cache") != std::string::npos)
        << id << ": " << reason;
  }
}

// The probe and the models count the same work: a record's bytes are what the law is asked for.
TEST(ProbeFile, TheProbeCountsBytesAsTheModelDoes) {
  const KernelModel model(load_accelerator(catalog(), "h200_sxm"),
                          load_calibration(catalog(), load_accelerator(catalog(), "h200_sxm")), Clocking::kBurst);
  probe::Case c;
  c.op = "gemm";
  c.dtype = "bf16";
  c.shape = {{"m", 100}, {"n", 4096}, {"k", 8192}};
  EXPECT_DOUBLE_EQ(model.gemm({100, 4096, 8192, GemmFormat::kBf16}).bytes.value(), probe::work_of(c).bytes);
  EXPECT_DOUBLE_EQ(model.gemm({100, 4096, 8192, GemmFormat::kBf16}).flops.value(), probe::work_of(c).flops);
  c.op = "attn_decode";
  c.shape = {{"batch", 8}, {"past", 4095}, {"heads", 64}, {"kv_heads", 8}, {"head_dim", 128}};
  AttentionShape decode;
  decode.batch = 8;
  decode.new_tokens = 1;
  decode.past_tokens = 4095;
  decode.heads = 64;
  decode.kv_heads = 8;
  decode.head_dim = 128;
  EXPECT_NEAR(model.attention(decode).bytes.value() / probe::work_of(c).bytes, 1.0, 1e-3);
  EXPECT_NEAR(model.attention(decode).flops.value() / probe::work_of(c).flops, 1.0, 1e-3);
}

TEST(ProbeFile, ProblemsAreNamedByPointer) {
  nlohmann::json bad = nlohmann::json::parse(R"({"schema": "kernel-probe/1", "gpu": {"name": "x"},
      "env": {"date": "2026"}, "records": [{"op": "gemm", "impl": "a", "dtype": {"a": "bf16"}, "shape": {}, "l2": "cold",
      "mode": "burst", "launch": "graph", "repeat_group": 0, "us": {"median": -1}, "bytes": 1, "speed": 2,
      "throttle": [3]}], "skipped": [{"key": "a"}], "left": "all", "summary": {"failed_checks": "none", "mood": 1}})");
  Problems problems;
  parse_probe_file(bad.dump(), "bad.json", problems);
  std::string all;
  for (const Problem& p : problems.sorted()) {
    all += p.text() + "\n";
  }
  for (const char* pointer : {"/records/0/us/median", "/records/0/speed", "/records/0/throttle/0", "/skipped/0/reason",
                              "/left", "/summary/failed_checks", "/summary/mood"}) {
    EXPECT_NE(all.find(pointer), std::string::npos) << pointer << "\n" << all;
  }
}

TEST(ProbeBacktest, EvaluatesWhatHasALawAndSaysWhyNotElsewhere) {
  const BacktestReport report = backtest_file(catalog(), kFile, {});
  EXPECT_EQ(report.kind, "kernel_probe");
  EXPECT_EQ(report.evaluated + report.skipped.size(), report.rows);
  EXPECT_NE(reason_of(report, "memcpy").find("no law"), std::string::npos);
  EXPECT_NE(reason_of(report, "interference").find("no law"), std::string::npos);
  EXPECT_NE(reason_of(report, "gemm k=8192 m=48").find("differs from the reference"), std::string::npos);
  EXPECT_NE(reason_of(report, "attn_prefill").find("own kernel"), std::string::npos);
  const auto summary = report.summary();
  for (const char* metric : {"time", "power", "energy", "layer_time", "layer_power", "layer_energy"}) {
    EXPECT_EQ(summary.count(metric), 1u) << metric;
  }
}

TEST(ProbeBacktest, ALayerIsTheSumOfItsKernels) {
  ProbeFile file = synthetic();
  const ProbeRecord layer = record_of(file, "layer");
  file.records = {layer};
  for (const ProbeKernel& part : layer.parts) {
    ProbeRecord alone = layer;
    static_cast<ProbeKernel&>(alone) = part;
    alone.parts.clear();
    file.records.push_back(alone);
  }
  const BacktestReport report = backtest_probe(catalog(), file, kFile);
  ASSERT_TRUE(report.skipped.empty()) << report.skipped.front().second;
  double whole = 0.0;
  double sum = 0.0;
  double joules = 0.0;
  double parts_joules = 0.0;
  for (const BacktestPrediction& p : report.predictions) {
    whole += p.metric == "layer_time" ? p.predicted : 0.0;
    sum += p.metric == "time" ? p.predicted : 0.0;
    joules += p.metric == "layer_energy" ? p.predicted : 0.0;
    parts_joules += p.metric == "energy" ? p.predicted : 0.0;
  }
  EXPECT_GT(whole, 0.0);
  EXPECT_NEAR(whole, sum, 1e-12);
  EXPECT_NEAR(joules, parts_joules, 1e-9);
}

TEST(ProbeBacktest, AnUnknownGpuIsRefusedByName) {
  ProbeFile file = synthetic();
  file.gpu = "NVIDIA H2OO";
  try {
    backtest_probe(catalog(), file, kFile);
    FAIL() << "accepted";
  } catch (const ConfigError& error) {
    EXPECT_NE(std::string(error.what()).find("/gpu/name"), std::string::npos) << error.what();
  }
  EXPECT_THROW(backtest_file(catalog(), kFile, {"colour"}), ConfigError);
}

TEST(ProbeCalibration, NeverFitsWhatIsKeptForValidation) {
  Problems problems;
  const std::vector<KernelMeasurement> rows = read_kernel_measurements(kFile, problems);
  problems.throw_if_any();
  ASSERT_EQ(rows.size(), synthetic().records.size());
  std::size_t held_out = 0;
  for (const KernelMeasurement& row : rows) {
    held_out += row.problem == "kept for validation" ? 1 : 0;
  }
  EXPECT_EQ(held_out, 1u);
  EXPECT_EQ(calibrate(catalog(), rows).fitted, 0u) << "a handful of rows is no calibration";
}

// Rows of one kernel: products timed by a known law come back as that law.
TEST(ProbeCalibration, FitsTheProductsOfAFile) {
  ProbeFile file = synthetic();
  ProbeRecord product = record_of(file, "gemm");
  file.records.clear();
  for (const double n : {1024.0, 1536.0, 4096.0, 7168.0, 12288.0}) {
    for (const double k : {1024.0, 2048.0, 8192.0}) {
      for (double m = 1.0; m <= 8192.0; m *= 4.0) {
        product.shape = {{"m", m}, {"n", n}, {"k", k}};
        product.us = 4.0 + std::max(2.0 * m * n * k / 7e8, 2.0 * (m * k + n * k + m * n) / 4e6);
        file.records.push_back(product);
      }
    }
  }
  const CalibrationReport report = calibrate(catalog(), probe_measurements(file));
  EXPECT_EQ(report.fitted, file.records.size());
  ASSERT_EQ(report.calibrations.size(), 1u);
  EXPECT_EQ(report.calibrations[0].accelerator, "h200_sxm");
  for (const CalibrationError& e : report.errors) {
    if (e.metric == "time" && e.regime == "all") {
      EXPECT_LT(e.summary.median_ape, 0.05);
    }
  }
}

// An own kernel gives way to the vendor's in the same configuration, and only there.
TEST(ProbeFile, AnOwnKernelIsACrossCheckOnlyWhereTheVendorsWasMeasured) {
  ProbeFile file;
  ProbeRecord own;
  own.op = "attn_decode";
  own.impl = "own";
  own.dtype = "bf16";
  own.shape = {{"batch", 1}, {"past", 255}};
  own.l2 = "cold";
  own.mode = "burst";
  own.launch = "graph";
  ProbeRecord vendor = own;
  vendor.impl = "cudnn";
  ProbeRecord windowed = own;
  windowed.shape["window"] = 128;
  ProbeRecord sustained = own;
  sustained.mode = "sustained";
  ProbeRecord refused = own;  // whose vendor's kernel was wrong
  refused.shape["batch"] = 2;
  ProbeRecord wrong = refused;
  wrong.impl = "cudnn";
  wrong.check_error = 1.0;
  wrong.check_tolerance = 0.06;
  file.records = {own, vendor, windowed, sustained, refused, wrong};
  const std::vector<std::string> reasons = reasons_to_skip(file);
  EXPECT_NE(reasons[0].find("cross-check"), std::string::npos);
  for (const std::size_t kept : {1U, 2U, 3U, 4U}) {
    EXPECT_EQ(reasons[kept], "") << kept;
  }
  EXPECT_NE(reasons[5].find("differs"), std::string::npos);
}

// --- recalibration: a device that differs from the catalogue's in a known way

double hashed_noise(const std::string& id) {  // -1 .. 1
  return static_cast<double>(stable_hash(id) % 2001) / 1000.0 - 1.0;
}

// Products the slower the more rows they have, prefill a tenth faster, decode slower, streams at less bandwidth.
double time_factor(const ProbeRecord& r) {
  const double sustained = r.mode == "sustained" ? 1.05 : 1.0;
  if (r.op == "gemm") {
    const double fp8 = r.dtype == "fp8" ? 0.94 : 1.0;
    return sustained * fp8 * (1.06 + 0.008 * std::log2(*r.number("m")));
  }
  return sustained * (r.op.find("prefill") != std::string::npos  ? 0.90
                      : r.op.find("decode") != std::string::npos ? 1.10
                      : r.op == "grouped_gemm"                   ? 1.2
                                                                 : 1.15);
}

ProbeFile other_device() {
  Problems problems;
  ProbeFile file = parse_probe_file(probe::to_json(made_up_output()).dump(), "made up", problems);
  problems.throw_if_any();
  std::map<std::string, const BacktestPrediction*> time, power;
  const BacktestReport model = backtest_probe(catalog(), file, "made up");
  for (const BacktestPrediction& p : model.predictions) {
    (p.unit == "s" ? time : power).emplace(p.id, p.unit == "J" ? nullptr : &p);
  }
  std::vector<ProbeRecord> kept;
  for (ProbeRecord r : file.records) {
    const std::string id = probe_id(r);
    const auto at = time.find(id);
    if (at == time.end() || r.op == "layer" || r.op == "launch") {
      continue;
    }
    const double noise = 1.0 + 0.01 * hashed_noise(id);
    r.us = at->second->predicted * 1e6 * time_factor(r) * noise;
    r.energy_j.reset();
    r.power_w.reset();
    if (r.mode == "sustained") {
      r.power_w = 0.9 * power.at(id)->predicted * (1.0 + 0.01 * hashed_noise("p" + id));
    }
    kept.push_back(std::move(r));
  }
  file.records = std::move(kept);
  return file;
}

TEST(Recalibration, AFewHundredShapesRecoverAKnownDifference) {
  const ProbeFile file = other_device();
  const Recalibration found =
      recalibrate(catalog(), file, "made up", 300, {"test", "own-measurements", "2026"}, {"op", "dtype", "mode"});
  EXPECT_EQ(found.calibration.accelerator, "h200_sxm");
  const auto before = found.before.groups();
  const auto after = found.after.groups();
  for (const char* group : {"gemm/bf16/burst", "gemm/fp8/burst", "gemm/bf16/sustained", "attn_prefill/bf16/burst",
                            "attn_decode/bf16/burst", "grouped_gemm/bf16/burst", "mla_prefill/bf16/burst"}) {
    const BacktestSummary& was = before.at(group).at("time");
    const BacktestSummary& is = after.at(group).at("time");
    EXPECT_EQ(was.n, is.n) << group;
    EXPECT_GT(was.median_ape, 0.04) << group;
    EXPECT_LE(is.median_ape, 0.02) << group;
    EXPECT_LE(is.p90_ape, 0.06) << group;
    EXPECT_LE(std::abs(is.bias), 0.015) << group;
  }
  EXPECT_LE(after.at("copy/bf16/burst").at("time").median_ape, 0.05);
  EXPECT_LE(after.at("gemm/bf16/sustained").at("power").median_ape, 0.03);
  EXPECT_GT(before.at("gemm/bf16/sustained").at("power").median_ape, 0.08);
}

// What was fitted is never judged, what is kept for validation never fitted, and the file that is written predicts as
// the report says.
TEST(Recalibration, IsJudgedOnWhatItNeverSaw) {
  const ProbeFile file = other_device();
  const Recalibration found = recalibrate(catalog(), file, "made up", 40, {"test", "own-measurements", "2026"});
  EXPECT_GT(found.fitted, 0u);
  EXPECT_EQ(found.before.evaluated, found.after.evaluated);
  EXPECT_EQ(found.after.evaluated + found.after.skipped.size(), found.rows);
  std::multiset<std::string> fitted;
  for (const auto& [id, reason] : found.after.skipped) {
    if (reason == "of the configurations fitted") {
      fitted.insert(id);
    }
  }
  EXPECT_LT(found.fitted, fitted.size()) << "more than 40 products are in the half";
  std::map<std::pair<double, double>, std::set<bool>> seen;  // by (n, k) of products: were they fitted?
  for (const ProbeRecord& r : file.records) {
    EXPECT_FALSE(r.hold_out && fitted.count(probe_id(r)) > 0) << probe_id(r);
    if (r.op == "gemm" && !r.hold_out && r.l2 == "cold" && r.model != "sanity") {
      seen[{*r.number("n"), *r.number("k")}].insert(fitted.count(probe_id(r)) > 0);
    }
  }
  for (const auto& [shape, halves] : seen) {
    EXPECT_EQ(halves.size(), 1u) << "(n, k) = (" << shape.first << ", " << shape.second << ") is on both sides";
  }
  const std::filesystem::path overlay =
      std::filesystem::temp_directory_path() / fmt::format("aifactory-recalibrated-{}", getpid());
  std::filesystem::create_directories(overlay / "calibration");
  std::ofstream(overlay / "calibration" / "h200_sxm.json") << calibration_text(found.calibration);
  const Catalog with = Catalog::load({AIFACTORY_SOURCE_DIR "/configs", {overlay.string()}, {}});
  const BacktestReport report = backtest_probe(with, file, "made up");
  std::filesystem::remove_all(overlay);
  EXPECT_LE(report.groups().at("gemm").at("time").median_ape, 0.03);
  std::vector<ProbeRecord> reversed(file.records.rbegin(), file.records.rend());
  ProbeFile other = file;
  other.records = reversed;
  EXPECT_EQ(
      calibration_text(recalibrate(catalog(), other, "made up", 40, {"test", "own-measurements", "2026"}).calibration),
      calibration_text(found.calibration))
      << "the order of records must not matter";
}

TEST(Recalibration, TooFewRecordsLeaveAKernelAsItWas) {
  const Recalibration found = recalibrate(catalog(), synthetic(), kFile, 300, {"test", "own-measurements", "2026"});
  EXPECT_EQ(found.fitted, 0u);
  ASSERT_FALSE(found.kept.empty());
  EXPECT_NE(found.kept[0].second.find("fewer than 4"), std::string::npos);
}

// The fp8 law contains the pass that quantises; the probe's products do not. Rows of the model itself, fitted, still
// are the model's.
TEST(ProbeCalibration, ProductsWithoutTheQuantisingPassAreFittedAsSuch) {
  ProbeFile file = other_device();
  std::vector<ProbeRecord> products;
  for (ProbeRecord r : file.records) {
    if (r.op == "gemm" && r.dtype == "fp8" && r.mode == "burst") {
      r.us /= time_factor(r);
      products.push_back(std::move(r));
    }
  }
  file.records = std::move(products);
  const CalibrationReport report = calibrate(catalog(), probe_measurements(file));
  ASSERT_EQ(report.calibrations.size(), 1u);
  ProbeBacktestOptions options;
  KernelCalibration fitted = *load_calibration(catalog(), load_accelerator(catalog(), "h200_sxm"));
  for (KernelCalibration::Entry& entry : fitted.entries) {
    if (entry.key == report.calibrations[0].entries.at(0).key) {
      entry.fit = report.calibrations[0].entries[0].fit;
    }
  }
  options.calibration = std::make_shared<const KernelCalibration>(fitted);
  const BacktestSummary error = backtest_probe(catalog(), file, "made up", options).summary().at("time");
  EXPECT_LE(error.median_ape, 0.03);
  EXPECT_LE(std::abs(error.bias), 0.02);
}

}  // namespace
}  // namespace aifactory
