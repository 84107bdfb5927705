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
    testing::Values(
        Bad{"Schema", R"({"schema": "flows/2", "links": [], "flows": []})", "/schema"},
        Bad{"MissingLink", flows_file(R"({"bytes": 1, "links": [5]})"), "/flows/0/links/0"},
        Bad{"ZeroCapacity", flows_file("", R"("links": [{"bandwidth_bytes_per_s": 0}])"), "/links/0"},
        Bad{"NegativeStart", flows_file(R"({"bytes": 1, "start_s": -1, "links": [0]})"), "/flows/0/start_s"},
        Bad{"NegativeBytes", flows_file(R"({"bytes": -1, "links": [0]})"), "/flows/0/bytes"},
        Bad{"ZeroWeight", flows_file(R"({"bytes": 1, "weight": 0, "links": [0]})"), "/flows/0/weight"},
        Bad{"LinkTwice", flows_file(R"({"bytes": 1, "links": [0, 0]})"), "/flows/0/links/1"},
        Bad{"NoRoute", flows_file(R"({"bytes": 1})"), "/flows/0/links"},
        Bad{"TextBytes", flows_file(R"({"bytes": "many", "links": [0]})"), "/flows/0/bytes"},
        Bad{"SchemaNumber", R"({"schema": 5, "links": [], "flows": []})", "/schema"},
        Bad{"EndlessFlow", flows_file(R"({"bytes": 1e300, "links": [0]})"), "/flows/0/bytes"},
        Bad{"NotJson", "{", "bad.json"},
        Bad{"EventWithoutLink", flows_file("", kLinks + std::string(R"(, "events": [{"at_s": 1, "share": 0}])")),
            "/events/0/link"},
        Bad{"EventOnMissingLink",
            flows_file("", kLinks + std::string(R"(, "events": [{"at_s": 1, "share": 0, "link": 9}])")),
            "/events/0/link"},
        Bad{"EventShare", flows_file("", kLinks + std::string(R"(, "events": [{"at_s": 1, "share": 2, "link": 0}])")),
            "/events/0/share"},
        Bad{"EventDate", flows_file("", kLinks + std::string(R"(, "events": [{"at_s": 1e12, "share": 0, "link": 0}])")),
            "/events/0/at_s"},
        Bad{"EventsNoList", flows_file("", kLinks + std::string(R"(, "events": 5)")), "/events"},
        Bad{"OtherwiseNoList", flows_file(R"({"bytes": 1, "links": [0], "otherwise": 1})"), "/flows/0/otherwise"},
        Bad{"OtherwiseLink", flows_file(R"({"bytes": 1, "links": [0], "otherwise": [[7]]})"), "/flows/0/otherwise/0/0"},
        Bad{"JobNumber", flows_file(R"({"bytes": 1, "links": [0], "job": 3})"), "/flows/0/job"},
        Bad{"NeverEnds",
            flows_file(R"({"bytes": 100, "links": [0]})",
                       kLinks + std::string(R"(, "events": [{"at_s": 1, "share": 0, "link": 0}])")),
            "never repaired"}),
    [](const auto& given) { return std::string(given.param.name); });

TEST(Flows, LinksThatFailAndReturnAreWaitedForOrGoneAround) {
  const Scratch scratch;
  const std::string events =
      kLinks + std::string(R"(, "events": [{"at_s": 5, "share": 0, "link": 0}, {"at_s": 8, "share": 0.5, "link": 0}])");
  const Outcome outcome =
      run({"flows",
           scratch.write("a.json", flows_file(R"({"bytes": 100, "links": [0]}, {"bytes": 100, "links": [1, 0],
                                              "otherwise": [[1]], "start_s": 100, "job": "b"},
                                              {"bytes": 0, "links": [0], "start_s": 6})",
                                              events)),
           "--format", "json"});
  ASSERT_EQ(outcome.code, kExitOk) << outcome.err;
  const json result = json::parse(outcome.out);
  // 5 s at 10 a second, a pause of 3 s, the rest at half the rate.
  EXPECT_NEAR(result["flows"][0]["finish_s"].get<double>(), 18.0, 1e-8);
  EXPECT_NEAR(result["flows"][1]["finish_s"].get<double>(), 120.0, 1e-8);  // link 0 works again, at half its rate
  EXPECT_DOUBLE_EQ(result["flows"][2]["finish_s"].get<double>(), 6.0);
  const Outcome around = run(
      {"flows",
       scratch.write("b.json", flows_file(R"({"bytes": 100, "links": [0], "otherwise": [[1]]})",
                                          kLinks + std::string(R"(, "events": [{"at_s": 5, "share": 0, "link": 0}])"))),
       "--format", "json"});
  ASSERT_EQ(around.code, kExitOk) << around.err;
  EXPECT_NEAR(json::parse(around.out)["makespan_s"].get<double>(), 7.5, 1e-8);  // 50 left over the link of 20
}

TEST(Flows, JobsOfAFileAreComparedWithThemselvesAlone) {
  const Scratch scratch;
  const Outcome outcome = run({"flows", scratch.write("a.json", flows_file(R"({"bytes": 100, "links": [0], "job": "a"},
                                                                  {"bytes": 50, "links": [0], "job": "b"})")),
                               "--format", "json"});
  ASSERT_EQ(outcome.code, kExitOk) << outcome.err;
  const json jobs = json::parse(outcome.out)["jobs"];
  ASSERT_EQ(jobs.size(), 2u);
  EXPECT_EQ(jobs[0]["id"], "a");
  EXPECT_NEAR(jobs[0]["alone_s"].get<double>(), 10.0, 1e-12);
  EXPECT_NEAR(jobs[0]["finish_s"].get<double>(), 15.0, 1e-12);
  EXPECT_NEAR(jobs[1]["finish_s"].get<double>(), 10.0, 1e-12);
}

TEST(Flows, CollectivesSideBySideSlowEachOtherWhereTheyMeet) {
  const auto jobs = [](std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {"flows", "--topology", "clos2", "--hosts", "128", "--radix", "32"});
    arguments.insert(arguments.end(), {"--format", "json"});
    const Outcome outcome = run(arguments);
    EXPECT_EQ(outcome.code, kExitOk) << outcome.err;
    return json::parse(outcome.out)["jobs"];
  };
  const json apart = jobs({"--job", "ring_all_reduce,1 GB,0-15", "--job", "ring_all_reduce,1 GB,16-31"});
  EXPECT_NEAR(apart[0]["alone_s"].get<double>(), apart[0]["finish_s"].get<double>(), 2e-9);
  const json same = jobs({"--job", "ring_all_reduce,1 GB,0-15", "--job", "ring_all_reduce,1 GB,0-15"});
  EXPECT_GT(same[0]["finish_s"].get<double>(), 1.9 * same[0]["alone_s"].get<double>());
  const json reduced = jobs({"--job", "in_network_all_reduce,1 GB,0-127", "--switch", "quantum2_qm9700"});
  const json ring = jobs({"--job", "ring_all_reduce,1 GB,0-127"});
  EXPECT_LT(reduced[0]["alone_s"].get<double>(), 0.6 * ring[0]["alone_s"].get<double>());
  const json around = jobs({"--job", "all_to_all,1 GB,0-127/16", "--fail", "switch:136"});
  EXPECT_GE(around[0]["alone_s"].get<double>(),
            jobs({"--job", "all_to_all,1 GB,0-127/16"})[0]["alone_s"].get<double>());
}

TEST(Flows, FailuresOverTimeDelayAndRepairsRelease) {
  const auto makespan = [](std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(),
                     {"flows", "--generate", "permutation", "--topology", "clos2", "--hosts", "128", "--radix", "32"});
    arguments.insert(arguments.end(), {"--format", "json"});
    const Outcome outcome = run(arguments);
    EXPECT_EQ(outcome.code, kExitOk) << outcome.err;
    return json::parse(outcome.out)["makespan_s"].get<double>();
  };
  const double healthy = makespan({});
  for (const char* routing : {"deterministic", "hashed", "sprayed"}) {  // long after the last flow
    const double alone = makespan({"--routing", routing});
    EXPECT_NEAR(makespan({"--routing", routing, "--fail", "link:0@5-6"}), alone, 1e-8) << routing;
  }
  EXPECT_GE(makespan({"--fail", "switch:136@0.001"}), healthy - 1e-8);
  EXPECT_GT(makespan({"--fail", "link:0@0-0.5"}), 0.5);  // a host waits for its only port
}

TEST(Flows, WhatIsSaidOfFailuresAndJobsIsCheckedByName) {
  const auto refused = [](std::vector<std::string> arguments, const std::string& says) {
    arguments.insert(arguments.begin(), {"flows", "--topology", "clos2", "--hosts", "128"});
    const Outcome outcome = run(arguments);
    EXPECT_EQ(outcome.code, kExitBadInput) << says;
    EXPECT_NE(outcome.err.find(says), std::string::npos) << outcome.err;
  };
  refused({"--job", "ring_allreduce,1 GB,0-3"}, "ring_all_reduce");
  refused({"--job", "ring_all_reduce,1 GB"}, "must say");
  refused({"--job", "ring_all_reduce,1 m,0-3"}, "--job");
  refused({"--job", "ring_all_reduce,0 B,0-3"}, "positive");
  refused({"--job", "ring_all_reduce,1 GB,0-128"}, "hosts go from 0 to 127");
  refused({"--job", "ring_all_reduce,1 GB,3"}, "no hosts");
  refused({"--job", "ring_all_reduce,1 GB,0-9/0"}, "no hosts");
  refused({"--job", "hierarchical_all_reduce,1 GB,0-9,3"}, "do not divide");
  refused({"--job", "in_network_all_reduce,1 GB,0-9"}, "do not reduce");
  refused({"--job", "ring_all_reduce,1 GB,0-9", "--switch", "spectrum9"}, "spectrum9");
  refused({"--job", "ring_all_reduce,1 GB,0-9", "--fail", "link:1@2"}, "from the start");
  refused({"--job", "ring_all_reduce,1 GB,0-9", "--fail", "link:0"}, "no route is left");
  refused({"--job", "ring_all_reduce,1 GB,0-9", "--generate", "ring"}, "one of them");
  refused({"--generate", "ring", "--fail", "cable:1"}, "neither");
  refused({"--generate", "ring", "--fail", "link:x"}, "neither");
  refused({"--generate", "ring", "--fail", "link:1@later"}, "dates");
  refused({"--generate", "ring", "--fail", "link:999999"}, "no link 999999");
  refused({"--generate", "ring", "--fail", "switch:5"}, "no switch 5");
  refused({"--generate", "ring", "--fail", "link:0@3-2"}, "return after");
  refused({"--generate", "ring", "--fail", "link:0@0"}, "never repaired");
}

TEST(Flows, JobsTooLargeOrTooLongAreRefused) {
  const auto outcome = [](std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {"flows", "--topology", "clos3"});
    return run(arguments);
  };
  EXPECT_EQ(outcome({"--hosts", "100000", "--job", "all_to_all,1 GB,0-99999"}).code, kExitBadInput);
  const std::string endless = "ring_all_reduce,1e12 GB,0-63";
  EXPECT_EQ(outcome({"--hosts", "128", "--job", endless, "--job", endless}).code, kExitBadInput);
}

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
