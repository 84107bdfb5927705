#include "models/catalog/calibration_table.h"

#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "models/catalog/accelerator_table.h"

namespace aifactory {
namespace {

TEST(ResidualText, RoundsToHalfAStepAndSpansTheAlphabet) {
  std::vector<float> nodes;
  for (int i = -100; i <= 100; ++i) {
    nodes.push_back(static_cast<float>(0.003 * i));
  }
  double scale = 0.0;
  const std::string text = encode_nodes(nodes, scale);
  EXPECT_EQ(text.find('"'), std::string::npos);
  EXPECT_EQ(text.find('\\'), std::string::npos);
  const std::vector<float> back = decode_nodes(text, scale);
  ASSERT_EQ(back.size(), nodes.size());
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    EXPECT_NEAR(back[i], nodes[i], 0.6 * scale);
  }
}

TEST(ResidualText, RefusesForeignCharacters) {
  EXPECT_THROW(decode_nodes("a\\b", 0.1), std::invalid_argument);
  EXPECT_THROW(decode_nodes("a b", 0.1), std::invalid_argument);
}

Catalog shipped() {
  return Catalog::load({.configs_dir = AIFACTORY_SOURCE_DIR "/configs", .overlays = {}, .as_of = {}});
}

TEST(ShippedCalibrations, AreWrittenAsTheyAreRead) {
  const Catalog catalog = shipped();
  for (const std::string& id : catalog.ids("calibration")) {
    KernelCalibration c = load_entry(catalog, "calibration", id, calibration_table());
    c.source_key = "aiconfigurator-kernels";
    c.as_of = "2026-08";
    const nlohmann::json written = calibration_json(c);
    const nlohmann::json& read = *catalog.get("calibration", id)->json;
    ASSERT_EQ(written.at("kernels").size(), read.at("kernels").size());
    for (std::size_t i = 0; i < read.at("kernels").size(); ++i) {
      EXPECT_EQ(written.at("kernels")[i].at("law"), read.at("kernels")[i].at("law")) << id << i;
      EXPECT_EQ(written.at("kernels")[i].at("bands"), read.at("kernels")[i].at("bands")) << id << i;
    }
  }
}

TEST(NearestRelative, MeasuredFirstThenFamilyThenVendor) {
  const Catalog catalog = shipped();
  const auto of = [&](const char* id, const std::vector<std::string>& without = {}) {
    return load_calibration(catalog, load_accelerator(catalog, id), nullptr, without);
  };
  EXPECT_EQ(of("h200_sxm")->grade, Grade::kHeldOut);
  EXPECT_EQ(of("h200_sxm", {"h200_sxm"})->id, "h100_sxm");
  EXPECT_EQ(of("h200_sxm", {"h200_sxm"})->grade, Grade::kTransferred);
  EXPECT_EQ(of("gh200")->id, "h200_sxm");
  EXPECT_EQ(of("vr200")->id.substr(0, 2), "gb");  // the closest Blackwell
  EXPECT_EQ(of("mi300x"), nullptr);
}

}  // namespace
}  // namespace aifactory
