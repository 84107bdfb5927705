// A small catalogue written to a temporary folder: sources, two NICs and whatever a test adds.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "models/catalog/catalog.h"

namespace aifactory {

class CatalogueFolder : public testing::Test {
 protected:
  void SetUp() override {
    root_ = std::filesystem::temp_directory_path() / ("aifactory_catalog_" + std::to_string(::getpid()) + "_" +
                                                      testing::UnitTest::GetInstance()->current_test_info()->name());
    write("configs/sources.json",
          R"({"sheet": {"title": "A data sheet"}, "talk": {"title": "A talk", "date": "2025-03"}})");
    write("configs/fabrics/cx7.json", R"({
      "schema": "nic/1", "id": "cx7", "name": "ConnectX-7", "aliases": ["CX-7", "mlx/cx7"],
      "facts": {"source": "sheet", "as_of": "2023", "evidence": "datasheet", "confidence": "high"},
      "bandwidth": "400 Gbit/s",
      "power": {"value": 25, "unit": "W", "low": 20, "high": 30, "evidence": "estimate", "confidence": "low",
                "source": ["sheet", "talk"], "note": "typical"},
      "price": [{"value": 1500, "unit": "USD", "as_of": "2023"}, {"value": 1200, "unit": "USD", "as_of": "2025-03"}]})");
    write("configs/fabrics/cx8.json", R"({
      "schema": "nic/1", "id": "cx8", "name": "ConnectX-8",
      "facts": {"source": "sheet", "as_of": "2025", "evidence": "datasheet", "confidence": "high"},
      "bandwidth": "800 Gbit/s"})");
  }
  void TearDown() override { std::filesystem::remove_all(root_); }

  void write(const std::string& path, const std::string& text) const {
    std::filesystem::create_directories((root_ / path).parent_path());
    std::ofstream(root_ / path) << text;
  }
  [[nodiscard]] std::string path(const std::string& name) const { return (root_ / name).string(); }
  [[nodiscard]] Catalog load(std::vector<std::string> overlays = {}, std::optional<Date> as_of = {}) const {
    for (std::string& overlay : overlays) {
      overlay = path(overlay);
    }
    return Catalog::load({path("configs"), std::move(overlays), as_of});
  }
  // A NIC file with these members beside a sound header.
  void write_nic(const std::string& id, const std::string& members, const std::string& folder = "configs") const {
    write(folder + "/fabrics/" + id + ".json",
          R"({"schema": "nic/1", "id": ")" + id + R"(", "name": "N", )" + members + "}");
  }

  // Each problem of the whole catalogue as "file name: /pointer: message (hint)".
  [[nodiscard]] static std::vector<std::string> texts(const Problems& problems) {
    std::vector<std::string> out;
    for (Problem problem : problems.sorted()) {
      problem.file = std::filesystem::path(problem.file).filename().string();
      out.push_back(problem.text());
    }
    return out;
  }

  std::filesystem::path root_;
};

}  // namespace aifactory
