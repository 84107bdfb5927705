// Every subcommand used as its help says.
#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <vector>

#include "tests/cli/in_process.h"

namespace aifactory::test {
namespace {

using nlohmann::json;

TEST(Commands, RunReportsTheFlagshipMetricsWithBandsAndGrades) {
  const Outcome outcome = run({"run", scenario("quickstart.json"), "--format", "json"});
  ASSERT_EQ(outcome.code, kExitOk) << outcome.err;
  const json result = json::parse(outcome.out);
  EXPECT_EQ(result["status"], "ok");
  for (const char* metric : {"fleet.accelerators",
                             "fleet.packages_per_gw",
                             "fleet.dies_per_gw",
                             "throughput.tokens_per_second",
                             "throughput.tokens_per_second.input",
                             "throughput.tokens_per_second.output",
                             "throughput.tokens_per_second_per_mw",
                             "efficiency.tokens_per_joule",
                             "power.facility_average",
                             "power.facility_peak",
                             "power.it_average",
                             "power.pue_average",
                             "energy.facility",
                             "water.total",
                             "carbon.total",
                             "capex.total",
                             "capex.per_gw",
                             "opex.annual",
                             "tco.annual",
                             "cost.usd_per_mtoken",
                             "revenue.annual",
                             "finance.npv",
                             "schedule.first_token",
                             "training.step_time",
                             "training.mfu",
                             "training.goodput",
                             "serving.ttft_p50",
                             "serving.ttft_p99",
                             "serving.requests",
                             "serving.tpot_p50",
                             "serving.tpot_p99",
                             "serving.goodput"}) {
    ASSERT_TRUE(result["metrics"].contains(metric)) << metric;
    const json& value = result["metrics"][metric];
    EXPECT_LE(value["low"].get<double>(), value["value"].get<double>()) << metric;
    EXPECT_GE(value["high"].get<double>(), value["value"].get<double>()) << metric;
    EXPECT_FALSE(value["grade"].get<std::string>().empty()) << metric;
  }
  for (const json& check : result["checks"]) {
    EXPECT_TRUE(check["ok"].get<bool>()) << check.dump();
  }
  EXPECT_EQ(outcome.out.find(AIFACTORY_SOURCE_DIR), std::string::npos) << "a result holds an absolute path";
}

TEST(Commands, GpusPerGigawattOfGb200LieWhereIndependentCountsLie) {
  const json result = json::parse(run({"run", scenario("quickstart.json"), "--format", "json", "--no-bands"}).out);
  const double per_gw = result["metrics"]["fleet.packages_per_gw"]["value"].get<double>();
  EXPECT_GT(per_gw, 340e3);
  EXPECT_LT(per_gw, 480e3);
}

TEST(Commands, CompareCatchesADriftOfOnePercent) {
  const Scratch scratch;
  const Outcome outcome = run({"run", scenario("quickstart.json"), "--format", "json", "--no-bands"});
  ASSERT_EQ(outcome.code, kExitOk);
  json result = json::parse(outcome.out);
  const std::string base = scratch.write("base.json", result.dump());
  EXPECT_EQ(run({"compare", base, base}).code, kExitOk);
  result["metrics"]["capex.total"]["value"] = result["metrics"]["capex.total"]["value"].get<double>() * 1.01;
  const std::string drifted = scratch.write("new.json", result.dump());
  for (const char* format : {"table", "json", "junit", "markdown", "github"}) {
    const Outcome comparison = run({"compare", base, drifted, "--format", format, "--why"});
    EXPECT_EQ(comparison.code, kExitDrift) << format;
    EXPECT_NE(comparison.out.find("capex.total"), std::string::npos) << format;
  }
  const std::string loose = scratch.write("tolerances.json", R"({"capex.*": {"rtol": 0.02}})");
  EXPECT_EQ(run({"compare", base, drifted, "--tolerances", loose}).code, kExitOk);
  const std::string worse = scratch.write("worse.json", R"({"*": {"only_worse": true}})");
  EXPECT_EQ(run({"compare", base, drifted, "--tolerances", worse}).code, kExitDrift) << "dearer is worse";
  EXPECT_EQ(run({"compare", drifted, base, "--tolerances", worse}).code, kExitOk) << "cheaper is not";
}

TEST(Commands, SizeSpeaksOfItsOptions) {
  const Outcome outcome = run({"size", "1 GW contracted", "--system", "nope", "--site", "atlantis", "--llm", "foo"});
  EXPECT_EQ(outcome.code, kExitBadInput);
  for (const char* option : {"--system: ", "--site: ", "--llm: "}) {
    EXPECT_NE(outcome.err.find(option), std::string::npos) << outcome.err;
  }
  EXPECT_EQ(outcome.err.find("/fleet"), std::string::npos) << outcome.err;
}

TEST(Commands, SizeAnswersInOneScreen) {
  const Outcome outcome = run({"size", "1 GW contracted", "--system", "gb300_nvl72"});
  ASSERT_EQ(outcome.code, kExitOk) << outcome.err;
  EXPECT_LE(std::count(outcome.out.begin(), outcome.out.end(), '\n'), 25);
  EXPECT_NE(outcome.out.find(" to "), std::string::npos) << "no band";
  EXPECT_NE(outcome.out.find("  3. "), std::string::npos) << "no third driver";
}

TEST(Commands, WhatDoesNotFitIsInfeasibleAndSaysWhy) {
  const std::vector<std::string> tiny = {"run", scenario("quickstart.json"), "--no-bands", "--set",
                                         "/sites/0/power=50 kW"};
  const Outcome outcome = run(tiny);
  EXPECT_EQ(outcome.code, kExitInfeasible);
  EXPECT_NE(outcome.out.find("not one rack"), std::string::npos) << outcome.out;
  std::vector<std::string> expected = tiny;
  expected.insert(expected.end(), {"--expect", "infeasible"});
  EXPECT_EQ(run(expected).code, kExitOk);
}

TEST(Commands, AsOfChoosesWhatWasBelievedThen) {
  const auto bandwidth = [](const std::string& date) {
    const Outcome outcome = run({"show", "accelerators", "vr200", "--format", "json", "--as-of", date});
    EXPECT_EQ(outcome.code, kExitOk) << outcome.err;
    for (const json& row : json::parse(outcome.out)) {
      if (row["fact"] == "/memory_bandwidth") {
        return row["value"].get<std::string>();
      }
    }
    return std::string();
  };
  EXPECT_NE(bandwidth("2025-09-30"), bandwidth("2026-06-30"));
}

TEST(Commands, ExplainLeadsBackToFactsWithSources) {
  const Outcome outcome = run({"explain", scenario("quickstart.json"), "fleet.packages_per_gw", "--format", "json"});
  ASSERT_EQ(outcome.code, kExitOk) << outcome.err;
  const json explanation = json::parse(outcome.out);
  ASSERT_FALSE(explanation["facts"].empty());
  // Fewer racks fit when each draws more: the count goes with the inverse of rack power.
  bool found = false;
  for (const json& fact : explanation["facts"]) {
    EXPECT_FALSE(fact["sources"].empty());
    if (fact["entry"] == "systems/gb200_nvl72" && fact["pointer"] == "/rack_power") {
      found = true;
      EXPECT_NEAR(fact["elasticity"].get<double>(), -1.0, 0.1);
    }
  }
  EXPECT_TRUE(found);
}

TEST(Commands, OutWritesResultTablesAndTheScenarioThatReproducesIt) {
  const Scratch scratch;
  const Outcome first = run({"run", scenario("quickstart.json"), "--no-bands", "--set", "/seed=7", "--out",
                             scratch.path("out"), "--format", "json"});
  ASSERT_EQ(first.code, kExitOk) << first.err;
  EXPECT_EQ(read(scratch.path("out/result.json")), first.out);
  EXPECT_FALSE(read(scratch.path("out/metrics.csv")).empty());
  EXPECT_FALSE(read(scratch.path("out/tables/power_chain.csv")).empty());
  const Outcome again = run({"run", scratch.path("out/scenario.json"), "--no-bands", "--format", "json"});
  EXPECT_EQ(again.out, first.out);
}

TEST(Commands, CatalogueOverlayReplacesAFact) {
  const Scratch scratch;
  std::filesystem::create_directories(scratch.path("mine/systems"));
  scratch.write(
      "mine/systems/gb200_nvl72.json",
      R"({"schema": "system/1", "id": "gb200_nvl72", "rack_power": {"value": 264, "unit": "kW", "source": "hardwareluxx-gb200-rack", "as_of": "2026", "evidence": "estimate", "confidence": "low"}})");
  const auto count = [](const std::vector<std::string>& front) {
    std::vector<std::string> arguments = front;
    arguments.insert(arguments.end(), {"run", scenario("quickstart.json"), "--no-bands", "--format", "json"});
    const Outcome outcome = run(arguments);
    EXPECT_EQ(outcome.code, kExitOk) << outcome.err;
    return outcome.code == kExitOk ? json::parse(outcome.out)["metrics"]["fleet.accelerators"]["value"].get<double>()
                                   : 0.0;
  };
  EXPECT_NEAR(count({"--catalog", scratch.path("mine")}) / count({}), 0.5, 0.01);
}

TEST(Commands, TraceReplacesArrivalsAndLengths) {
  const Scratch scratch;
  std::string trace = "TIMESTAMP,ContextTokens,GeneratedTokens\r\n";
  for (int i = 0; i < 60; ++i) {
    trace += "2023-11-16 18:15:" + std::string(i < 10 ? "0" : "") + std::to_string(i) + ".5000000,400,100\r\n";
  }
  const std::string file = scratch.write("trace.csv", trace);
  const Outcome outcome = run(
      {"run", scenario("quickstart.json"), "--no-bands", "--format", "json", "--set", "/workloads/0/trace=" + file});
  ASSERT_EQ(outcome.code, kExitOk) << outcome.err;
  const json result = json::parse(outcome.out);
  EXPECT_NEAR(result["metrics"]["throughput.tokens_per_second.input"]["value"].get<double>() /
                  result["metrics"]["throughput.tokens_per_second.output"]["value"].get<double>(),
              4.0, 0.04);
  EXPECT_TRUE(result["inputs"].contains("traces"));
}

TEST(Commands, EveryShippedScenarioValidates) {
  std::size_t found = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(scenario(""))) {
    if (entry.path().extension() == ".json") {
      ++found;
      const Outcome outcome = run({"validate", entry.path().string()});
      EXPECT_EQ(outcome.code, kExitOk) << outcome.err;
    }
  }
  EXPECT_GE(found, 2U);
}

// The schema that editors use and the parser accept the same documents; only where python3 has jsonschema.
TEST(Commands, SchemaAcceptsWhatTheParserAccepts) {
  if (std::system("/usr/bin/python3 -c 'import jsonschema' 2>/dev/null") != 0) {
    GTEST_SKIP() << "python3-jsonschema is not installed";
  }
  const Scratch scratch;
  const std::string schema = scratch.write("schema.json", run({"schema", "scenario"}).out);
  const auto accepts = [&](const std::string& file) {
    return std::system(
               fmt::format("/usr/bin/python3 -c \"import json, jsonschema; jsonschema.validate(json.load(open('{}')), "
                           "json.load(open('{}')))\" 2>/dev/null",
                           file, schema)
                   .c_str()) == 0;
  };
  EXPECT_TRUE(accepts(scenario("quickstart.json")));
  const std::string bad = scratch.write("bad.json", R"({"schema": "scenario/1", "sites": [], "flet": []})");
  EXPECT_FALSE(accepts(bad));
}

TEST(Commands, ShowAndSchemaCoverEveryKind) {
  for (const char* kind : {"accelerators", "systems", "fabrics", "llms", "sites", "facilities", "energy", "prices",
                           "reliability", "metrics", "scenario", "sources"}) {
    EXPECT_EQ(run({"show", kind}).code, kExitOk) << kind;
    const Outcome as_json = run({"show", kind, "--format", "json"});
    EXPECT_EQ(as_json.code, kExitOk) << kind;
    EXPECT_FALSE(json::parse(as_json.out).empty()) << kind;
  }
  for (const char* schema : {"scenario", "accelerator", "system", "llm", "site", "energy", "price"}) {
    const Outcome outcome = run({"schema", schema});
    ASSERT_EQ(outcome.code, kExitOk) << schema;
    EXPECT_TRUE(json::parse(outcome.out).contains("properties")) << schema;
  }
}

}  // namespace
}  // namespace aifactory::test
