// Completion times of an independent simulator (SimGrid 3.32), where its files are at hand.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "models/catalog/config_error.h"
#include "models/catalog/csv.h"
#include "sim/study/flows.h"
#include "tests/backtest/reference_file.h"

namespace aifactory {
namespace {

std::vector<std::string> reference_files() {
  std::vector<std::string> files;
  const std::filesystem::path folder = test::reference_file("flows");
  if (std::filesystem::is_directory(folder)) {
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
      files.push_back(entry.path().string());
    }
  }
  std::sort(files.begin(), files.end());
  return files;
}

TEST(FlowsBacktest, EveryFlowEndsWhenTheOracleSays) {
  const auto files = reference_files();
  if (files.empty()) {
    GTEST_SKIP() << "no reference flows beside the source tree";
  }
  for (const std::string& file : files) {
    const FlowCase flows = read_flow_case(file);
    const FlowTimes times = solve_flow_case(flows);
    Problems problems;
    std::string text;
    ASSERT_TRUE(read_possibly_gzipped(file, std::size_t{1} << 28, problems, text));
    const auto expected = nlohmann::json::parse(text).at("flows");
    ASSERT_EQ(expected.size(), times.finish.size());
    for (std::size_t f = 0; f < expected.size(); ++f) {
      const double date = expected[f].at("finish_s");
      ASSERT_NEAR(times.finish[f], date, std::max(1e-9 * date, 2e-9)) << file << " flow " << f;
      ASSERT_EQ(flows.ids[f], expected[f].at("id").dump());
    }
    EXPECT_EQ(nlohmann::json::parse(flow_times_json(flows, times)).at("flows").size(), expected.size());
  }
}

FlowRequest request(FlowPattern pattern, Routing routing) {
  FlowRequest result;
  result.pattern = pattern;
  result.routing = routing;
  result.topology.shape = "clos3";
  result.topology.hosts = 128;
  return result;
}

TEST(FlowsGenerated, EveryPatternAndRoutingSolves) {
  for (const FlowPattern pattern : {FlowPattern::kPermutation, FlowPattern::kIncast, FlowPattern::kAllToAll,
                                    FlowPattern::kRing, FlowPattern::kRandom}) {
    for (const Routing routing : {Routing::kDeterministic, Routing::kHashed, Routing::kSprayed}) {
      FlowRequest r = request(pattern, routing);
      r.topology.hosts = pattern == FlowPattern::kAllToAll ? 16 : 128;
      const FlowCase flows = generate_flow_case(r);
      const FlowTimes times = solve_flow_case(flows);
      EXPECT_EQ(times.finish.size(), flows.ids.size());
      EXPECT_GE(flows.ids.size(), r.topology.hosts / 2);
      EXPECT_TRUE(std::isfinite(times.makespan));
    }
  }
}

TEST(FlowsGenerated, SameSeedSameBytes) {
  const FlowRequest r = request(FlowPattern::kPermutation, Routing::kHashed);
  const auto text = [](const FlowRequest& q) {
    const FlowCase flows = generate_flow_case(q);
    return flow_times_json(flows, solve_flow_case(flows));
  };
  EXPECT_EQ(text(r), text(r));
  FlowRequest other = r;
  other.seed = 2;
  EXPECT_NE(text(r), text(other));
}

// Spraying spreads a permutation over a full fat tree without loss; hashing collides.
TEST(FlowsGenerated, SprayingBeatsHashing) {
  FlowRequest sprayed = request(FlowPattern::kPermutation, Routing::kSprayed);
  FlowRequest hashed = request(FlowPattern::kPermutation, Routing::kHashed);
  for (FlowRequest* r : {&sprayed, &hashed}) {
    r->least_bytes = r->most_bytes = 1e8;
    r->window_s = 0.0;
  }
  const double even = solve_flow_case(generate_flow_case(sprayed)).makespan;
  const double uneven = solve_flow_case(generate_flow_case(hashed)).makespan;
  EXPECT_NEAR(even, 1e8 / 50e9, 1e-5);
  EXPECT_GT(uneven, 1.5 * even);
}

TEST(FlowsGenerated, WhatCannotBeBuiltIsNamed) {
  FlowRequest r = request(FlowPattern::kPermutation, Routing::kHashed);
  r.topology.radix = 4;
  r.least_bytes = -1.0;
  try {
    generate_flow_case(r);
    FAIL();
  } catch (const ConfigError& error) {
    EXPECT_THAT(error.what(), testing::HasSubstr("switches of 4 ports do not reach 128 hosts"));
    EXPECT_THAT(error.what(), testing::HasSubstr("the sizes must be positive"));
  }
}

}  // namespace
}  // namespace aifactory
