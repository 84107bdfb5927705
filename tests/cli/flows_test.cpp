// `aifactory flows` and `show topologies` as other programs and people use them.
#include <nlohmann/json.hpp>

#include "tests/cli/in_process.h"

namespace aifactory::test {
namespace {

using nlohmann::json;

constexpr const char* kLinks = R"("links": [{"bandwidth_bytes_per_s": 10}, {"bandwidth_bytes_per_s": 20}])";

std::string flows_file(const std::string& flows, const std::string& links = kLinks) {
  return "{\"schema\": \"flows/1\", " + links + ", \"flows\": [" + flows + "]}";
}

TEST(Flows, IdsAreEchoedAndEmptyFlowsAndFlowsToOneselfTakeNoTime) {
  const Scratch scratch;
  const std::string file = scratch.write(
      "a.json",
      flows_file(R"({"id": "x", "bytes": 100, "links": [0, 1]}, {"id": 7, "bytes": 0, "start_s": 3, "links": [0]},
                              {"bytes": 5, "links": []}, {"id": "w", "bytes": 200, "weight": 2, "links": [0]})"));
  const Outcome outcome = run({"flows", file, "--format", "json"});
  ASSERT_EQ(outcome.code, kExitOk) << outcome.err;
  const json result = json::parse(outcome.out);
  EXPECT_EQ(result["flows"][0]["id"], "x");
  EXPECT_EQ(result["flows"][1]["id"], 7);
  EXPECT_EQ(result["flows"][2]["id"], 2);
  EXPECT_NEAR(result["flows"][0]["finish_s"].get<double>(), 30.0, 1e-12);  // 10/3 a second beside a double weight
  EXPECT_DOUBLE_EQ(result["flows"][1]["finish_s"].get<double>(), 3.0);
  EXPECT_DOUBLE_EQ(result["flows"][2]["finish_s"].get<double>(), 0.0);
  EXPECT_NEAR(result["makespan_s"].get<double>(), 30.0, 1e-12);
}

struct Bad {
  const char* name;
  std::string text;
  const char* says;
};
class BadFlows : public testing::TestWithParam<Bad> {};

TEST_P(BadFlows, AreNamedWithTheirPointer) {
  const Scratch scratch;
  const Outcome outcome = run({"flows", scratch.write("bad.json", GetParam().text)});
  EXPECT_EQ(outcome.code, kExitBadInput);
  EXPECT_NE(outcome.err.find(GetParam().says), std::string::npos) << outcome.err;
  EXPECT_TRUE(outcome.out.empty());
}
INSTANTIATE_TEST_SUITE_P(
    Flows, BadFlows,
    testing::Values(Bad{"Schema", R"({"schema": "flows/2", "links": [], "flows": []})", "/schema"},
                    Bad{"MissingLink", flows_file(R"({"bytes": 1, "links": [5]})"), "/flows/0/links/0"},
                    Bad{"ZeroCapacity", flows_file("", R"("links": [{"bandwidth_bytes_per_s": 0}])"), "/links/0"},
                    Bad{"NegativeStart", flows_file(R"({"bytes": 1, "start_s": -1, "links": [0]})"),
                        "/flows/0/start_s"},
                    Bad{"NegativeBytes", flows_file(R"({"bytes": -1, "links": [0]})"), "/flows/0/bytes"},
                    Bad{"ZeroWeight", flows_file(R"({"bytes": 1, "weight": 0, "links": [0]})"), "/flows/0/weight"},
                    Bad{"LinkTwice", flows_file(R"({"bytes": 1, "links": [0, 0]})"), "/flows/0/links/1"},
                    Bad{"NoRoute", flows_file(R"({"bytes": 1})"), "/flows/0/links"},
                    Bad{"TextBytes", flows_file(R"({"bytes": "many", "links": [0]})"), "/flows/0/bytes"},
                    Bad{"SchemaNumber", R"({"schema": 5, "links": [], "flows": []})", "/schema"},
                    Bad{"EndlessFlow", flows_file(R"({"bytes": 1e300, "links": [0]})"), "/flows/0/bytes"},
                    Bad{"NotJson", "{", "bad.json"}),
    [](const auto& given) { return std::string(given.param.name); });

TEST(Flows, AFanInBeyondTheHostsMeansAllOfThem) {
  const Outcome all = run({"flows", "--generate", "incast", "--hosts", "16", "--fan-in", "15"});
  const Outcome more = run({"flows", "--generate", "incast", "--hosts", "16", "--fan-in", "4294967295"});
  EXPECT_EQ(more.code, kExitOk) << more.err;
  EXPECT_EQ(more.out, all.out);
}

TEST(Flows, WhatCannotBeGeneratedIsNamed) {
  EXPECT_EQ(run({"flows", "--generate", "alltoall", "--hosts", "100000"}).code, kExitBadInput);
  EXPECT_EQ(run({"flows", "--generate", "ring", "--hosts", "1000000000", "--topology", "clos3"}).code, kExitBadInput);
  EXPECT_EQ(run({"flows"}).code, kExitBadInput);
  EXPECT_EQ(run({"flows", "no_such_file.json"}).code, kExitBadInput);
  EXPECT_EQ(run({"flows", "--generate", "permutatoin", "--hosts", "8"}).code, kExitBadInput);
  EXPECT_EQ(run({"flows", "--generate", "ring", "--hosts", "8", "--topology", "clos9"}).code, kExitBadInput);
  EXPECT_EQ(run({"flows", "--generate", "ring", "--hosts", "1024", "--radix", "4"}).code, kExitBadInput);
  EXPECT_EQ(run({"flows", "--generate", "ring", "--hosts", "8", "--port", "0 GB/s"}).code, kExitBadInput);
}

TEST(Flows, APatternIsRepeatedUpToTheFlowsAskedFor) {
  const Outcome outcome =
      run({"flows", "--generate", "incast", "--hosts", "64", "--flows", "200", "--fan-in", "20", "--format", "json"});
  ASSERT_EQ(outcome.code, kExitOk) << outcome.err;
  EXPECT_EQ(json::parse(outcome.out)["flows"].size(), 200u);
}

TEST(ShowTopologies, DrawsMeasuresAndPricesEveryShape) {
  const Outcome list = run({"show", "topologies", "--format", "json"});
  ASSERT_EQ(list.code, kExitOk) << list.err;
  const json shapes = json::parse(list.out);
  EXPECT_EQ(shapes.size(), 8u);
  for (const json& shape : shapes) {
    const Outcome one = run({"show", "topologies", shape["shape"].get<std::string>(), "--hosts", "64",
                             "--between-buildings", "1 TB/s", "--format", "json"});
    ASSERT_EQ(one.code, kExitOk) << shape << one.err;
    EXPECT_NE(one.out.find("bisection"), std::string::npos);
    EXPECT_NE(one.out.find("diameter"), std::string::npos);
  }
  const Outcome drawn = run({"show", "topologies", "clos2", "--hosts", "1024"});
  ASSERT_EQ(drawn.code, kExitOk) << drawn.err;
  EXPECT_NE(drawn.out.find("[ tier 2  ] 32 switches"), std::string::npos) << drawn.out;
  // Spines use 32 of 64 ports, so that two of them are one switch.
  EXPECT_NE(drawn.out.find("48 x Quantum-2"), std::string::npos) << drawn.out;
  EXPECT_NE(drawn.out.find("M USD"), std::string::npos) << drawn.out;
  EXPECT_EQ(run({"show", "topologies", "clos9"}).code, kExitBadInput);
  EXPECT_EQ(run({"show", "topologies", "clos2", "--switch", "no_such_switch"}).code, kExitBadInput);
}

}  // namespace
}  // namespace aifactory::test
