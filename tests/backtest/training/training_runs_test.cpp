// Steps of published pre-training runs against the closed form, with the kernels and collectives a scenario would load.
// The overlap constants of StepOverlap come from fits to public runs of the same kind (not held out). The bounds are
// what was found, with a margin: they catch a regression.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <iostream>

#include "models/catalog/catalog.h"
#include "sim/study/backtest_training.h"
#include "tests/backtest/reference_file.h"

namespace aifactory {
namespace {

TEST(TrainingBacktest, StepsOfPublishedRuns) {
  const std::filesystem::path file = test::reference_file("training_measured.json");
  if (!std::filesystem::exists(file)) {
    GTEST_SKIP() << test::kNoReference;
  }
  const Catalog catalog = Catalog::load({fmt::format("{}/configs", AIFACTORY_SOURCE_DIR), {}, {}});
  Problems problems;
  const auto rows = read_measured_table(file.string(), problems);
  problems.throw_if_any();
  const BacktestReport report = backtest_training(catalog, rows, {"group"});
  ASSERT_GT(report.evaluated, 400u);
  EXPECT_EQ(report.evaluated + report.skipped.size(), report.rows);
  for (const auto& [group, metrics] : report.groups()) {
    for (const auto& [metric, summary] : metrics) {
      std::cout << group << " " << metric << " " << summary.n << ": median " << summary.median_ape << ", p90 "
                << summary.p90_ape << "\n";
    }
  }
  EXPECT_LT(report.groups().at("mlperf").at("step_time").median_ape, 0.14);
  EXPECT_LT(report.groups().at("bridge").at("tokens_per_second_per_accelerator").median_ape, 0.20);
  const auto summary = report.summary();
  EXPECT_LT(summary.at("step_time").median_ape, 0.28);
  EXPECT_LT(summary.at("tokens_per_second_per_accelerator").median_ape, 0.22);
}

}  // namespace
}  // namespace aifactory
