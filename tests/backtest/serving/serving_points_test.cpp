// Latencies of published closed-loop runs (InferenceX and AIConfigurator sweeps) against the closed form at the same
// concurrency, with the kernels and collectives a scenario would load. The policies' host and frontend constants come
// from runs of the same kind (not held out); no other constant does. Judged are runs whose speculative decoding is
// known to be off (it changes TPOT 1.5x), dense models and mixtures of experts apart: engines run mixtures with kernels
// newer than those measured one by one. The bounds are what was found, with a margin: they catch a regression.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <iostream>
#include <string>
#include <vector>

#include "models/catalog/catalog.h"
#include "sim/study/backtest_serving.h"
#include "tests/backtest/reference_file.h"

namespace aifactory {
namespace {

TEST(ServingBacktest, TimePerOutputToken) {
  const std::filesystem::path file = test::reference_file("serving_points.csv.gz");
  if (!std::filesystem::exists(file)) {
    GTEST_SKIP() << test::kNoReference;
  }
  const Catalog catalog = Catalog::load({fmt::format("{}/configs", AIFACTORY_SOURCE_DIR), {}, {}});
  Problems problems;
  const auto rows = read_measured_table(file.string(), problems);
  problems.throw_if_any();
  const BacktestReport report = backtest_serving_points(catalog, rows, {"model_path", "mtp"});
  std::vector<const BacktestPrediction*> dense;
  std::vector<const BacktestPrediction*> mixtures;
  for (const BacktestPrediction& prediction : report.predictions) {
    const bool off = prediction.group.find("/off") != std::string::npos;
    const bool is_dense =
        prediction.group.find("Llama") != std::string::npos || prediction.group.find("Qwen3-32B") != std::string::npos;
    if (off && prediction.metric == "tpot") {
      (is_dense ? dense : mixtures).push_back(&prediction);
    }
  }
  ASSERT_GT(dense.size(), 500u);
  ASSERT_GT(mixtures.size(), 500u);
  const BacktestSummary of_dense = summarise(dense);
  const BacktestSummary of_mixtures = summarise(mixtures);
  std::cout << "dense: median " << of_dense.median_ape << ", p90 " << of_dense.p90_ape << "; mixtures: median "
            << of_mixtures.median_ape << ", p90 " << of_mixtures.p90_ape << "\n";
  EXPECT_LT(of_dense.median_ape, 0.12);
  EXPECT_LT(of_mixtures.median_ape, 0.28);
}

}  // namespace
}  // namespace aifactory
