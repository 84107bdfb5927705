// `aifactory calibrate --collectives` as people use it.
#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>

#include "tests/cli/in_process.h"

namespace aifactory::test {
namespace {

using nlohmann::json;

// All-gather of eight H100 with a made-up law and some scatter.
std::string gather_rows() {
  std::string rows = "op,gpu,dtype,gpus,bytes,us\n";
  unsigned noise = 1;
  for (const int gpus : {2, 4, 8}) {
    for (double bytes = 512.0; bytes < 2e9; bytes *= 2.0) {
      noise = noise * 1103515245u + 12345u;
      const double scatter = 1.0 + 0.1 * (static_cast<double>(noise >> 16 & 1023u) / 1023.0 - 0.5);
      const double us = (30.0 + gpus + bytes * (gpus - 1.0) / gpus / 300e3) * scatter;
      rows += "collective_all_gather,H100-SXM5-80GB,half," + std::to_string(gpus) + "," + std::to_string(bytes) + "," +
              std::to_string(us) + "\n";
    }
  }
  return rows;
}

TEST(CalibrateCollectives, APartialFitKeepsWhatItHasNoRowsFor) {
  const Scratch scratch;
  const std::string table = scratch.write("gather.csv", gather_rows());
  const std::string out = scratch.path("laws");
  const Outcome outcome =
      run({"calibrate", "--collectives", table, "-o", out, "--folds", "3", "--format", "json", "--as-of", "2026-01"});
  ASSERT_EQ(outcome.code, kExitOk) << outcome.err;
  EXPECT_NE(outcome.err.find("all_reduce of hopper"), std::string::npos) << outcome.err;
  json fitted, shipped;
  std::ifstream(out + "/collectives_hopper.json") >> fitted;
  std::ifstream(std::string(AIFACTORY_SOURCE_DIR) + "/configs/fabrics/collectives_hopper.json") >> shipped;
  EXPECT_NE(fitted["scale_up"]["all_gather"], shipped["scale_up"]["all_gather"]);
  for (const char* kept : {"all_reduce", "reduce_scatter", "direct", "in_network", "dispatch", "combine"}) {
    EXPECT_EQ(fitted["scale_up"][kept], shipped["scale_up"][kept]) << kept;
  }
  for (const char* kept : {"scale_out", "engines", "networks", "scale_out_network"}) {
    EXPECT_EQ(fitted[kept], shipped[kept]) << kept;
  }
  EXPECT_FALSE(std::filesystem::exists(out + "/collectives_ampere.json"));
  // Bands are of errors in other folds: as wide as the scatter, and they hold most of what was held out.
  const json report = json::parse(outcome.out);
  for (const json& row : report["predictions"]) {
    EXPECT_LT(row["low"].get<double>(), row["high"].get<double>());
    EXPECT_LE(row["low"].get<double>(), row["predicted"].get<double>());
  }
  const double coverage = report["summary"]["time"]["band_coverage"].get<double>();
  EXPECT_GT(coverage, 0.6);
  EXPECT_LT(coverage, 0.97);
  EXPECT_TRUE(fitted["bands"].contains("library"));
}

json shipped_entry(const std::string& name) {
  json entry;
  std::ifstream(std::string(AIFACTORY_SOURCE_DIR) + "/configs/" + name) >> entry;
  return entry;
}

// A catalogue overlay with one changed entry.
std::string overlay(const Scratch& scratch, const std::string& folder, const std::string& name, const json& entry) {
  std::filesystem::create_directories(scratch.path("overlay/" + folder));
  scratch.write("overlay/" + folder + "/" + name, entry.dump());
  return scratch.path("overlay");
}

TEST(CalibrateCollectives, ALawWithABandUpsideDownIsNamed) {
  const Scratch scratch;
  const std::string table = scratch.write("gather.csv", gather_rows());
  json law = shipped_entry("fabrics/collectives_hopper.json");
  for (const json& bands : {json{{"library", {0.1, 0.2}}}, json{{"liberry", {-0.1, 0.2}}}}) {
    law["bands"] = bands;
    const Outcome outcome =
        run({"backtest", table, "--catalog", overlay(scratch, "fabrics", "collectives_hopper.json", law)});
    EXPECT_EQ(outcome.code, kExitBadInput);
    EXPECT_NE(outcome.err.find("/bands"), std::string::npos) << outcome.err;
    EXPECT_NE(outcome.err.find(bands.begin().key()), std::string::npos) << outcome.err;
  }
}

TEST(CalibrateCollectives, ReductionNeedsASwitchThatReduces) {
  const Scratch scratch;
  json system = shipped_entry("systems/hgx_h100.json");
  system["scale_out_reduction"] = true;
  const auto size = [&] {
    return run({"size", "1 MW contracted", "--system", "hgx_h100", "--site", "columbus", "--llm", "llama-3.1-70b",
                "--catalog", overlay(scratch, "systems", "hgx_h100.json", system)});
  };
  const Outcome without = size();
  EXPECT_EQ(without.code, kExitBadInput);
  EXPECT_NE(without.err.find("/scale_out_reduction"), std::string::npos) << without.err;
  system["scale_out_switch"] = "spectrum4_sn5600";
  EXPECT_EQ(size().code, kExitBadInput);
  system["scale_out_switch"] = "quantum2_qm9700";
  EXPECT_EQ(size().code, kExitOk) << size().err;
}

}  // namespace
}  // namespace aifactory::test
