// Whatever is wrong with an input, the program exits 2, names the place, and says what to do; it never crashes or
// hangs.
#include <string>
#include <vector>

#include "tests/cli/in_process.h"

namespace aifactory::test {
namespace {

struct Case {
  const char* name;
  std::string text;     // of the scenario file
  const char* pointer;  // that the message must name; "" for the whole document
  const char* says;     // that the message must contain
};

// A sound scenario with one part replaced.
std::string with(const std::string& sites, const std::string& fleet, const std::string& workloads,
                 const std::string& more = "") {
  return R"({"schema": "scenario/1", "sites": )" + sites + R"(, "fleet": )" + fleet + R"(, "workloads": )" + workloads +
         more + "}";
}
const std::string kSites = R"([{"power": "1 GW", "boundary": "contracted"}])";
const std::string kFleet = R"([{"system": "gb200_nvl72"}])";
const std::string kWork = R"([{"kind": "serving", "llm": "deepseek-r1"}])";

std::vector<Case> cases() {
  std::string deep = "[";
  for (int i = 0; i < 5000; ++i) {
    deep += "[";
  }
  const std::string not_utf8 = std::string(R"({"schema": "scenario/1", "title": ")") + "\xff\xfe" + "\"}";
  return {
      {"Empty", "", "", "empty"},
      {"NotJson", "hello", "", "line 1"},
      {"Truncated", R"({"schema": "scenario/1", "sites": [)", "", "end"},
      {"TrailingComma", R"({"schema": "scenario/1",})", "", "line 1"},
      {"TrailingGarbage", with(kSites, kFleet, kWork) + " x", "", "line 1"},
      {"SingleQuotes", "{'schema': 1}", "", "line 1"},
      {"NotUtf8", not_utf8, "/title", "UTF-8"},
      {"DeepNesting", deep, "", "deep"},
      {"DeepObjects",
       [] {
         std::string text;
         for (int i = 0; i < 5000; ++i) {
           text += R"({"a":)";
         }
         return text;
       }(),
       "", "deep"},
      {"NotAnObject", "[1, 2, 3]", "", "object"},
      {"JustNull", "null", "", "object"},
      {"NaN", with(kSites, kFleet, kWork, R"(, "seed": NaN)"), "", "line 1"},
      {"Infinity", with(kSites, kFleet, kWork, R"(, "seed": Infinity)"), "", "line 1"},
      {"HugeNumber", with(kSites, kFleet, kWork, R"(, "seed": 1e999)"), "/seed", ""},
      {"HugeInteger", with(kSites, kFleet, kWork, R"(, "seed": 123456789012345678901234567890)"), "/seed", ""},
      {"NegativeSeed", with(kSites, kFleet, kWork, R"(, "seed": -1)"), "/seed", "0"},
      {"FractionalSeed", with(kSites, kFleet, kWork, R"(, "seed": 1.5)"), "/seed", ""},
      {"DuplicateKey", R"({"schema": "scenario/1", "schema": "scenario/1"})", "/schema", "twice"},
      {"NoSchema", R"({"sites": )" + kSites + R"(, "fleet": )" + kFleet + R"(, "workloads": )" + kWork + "}", "/schema",
       "missing"},
      {"FutureSchema",
       R"({"schema": "scenario/99", "sites": )" + kSites + R"(, "fleet": )" + kFleet + R"(, "workloads": )" + kWork +
           "}",
       "/schema", "scenario/1"},
      {"UnknownKey", with(kSites, kFleet, kWork, R"(, "sited": [])"), "/sited", "did you mean"},
      {"UnknownNestedKey",
       with(R"([{"power": "1 GW", "boundary": "contracted", "loaction": "columbus"}])", kFleet, kWork),
       "/sites/0/loaction", "location"},
      {"MissingPower", with(R"([{"boundary": "contracted"}])", kFleet, kWork), "/sites/0/power", "missing"},
      {"MissingBoundary", with(R"([{"power": "1 GW"}])", kFleet, kWork), "/sites/0/boundary", "missing"},
      {"UnknownBoundary", with(R"([{"power": "1 GW", "boundary": "facility"}])", kFleet, kWork), "/sites/0/boundary",
       "did you mean"},
      {"PowerWithoutUnit", with(R"([{"power": 1000000000, "boundary": "contracted"}])", kFleet, kWork),
       "/sites/0/power", "unit"},
      {"PowerInWrongUnit", with(R"([{"power": "1 GWh", "boundary": "contracted"}])", kFleet, kWork), "/sites/0/power",
       "power"},
      {"PowerInUnknownUnit", with(R"([{"power": "1 gigawatz", "boundary": "contracted"}])", kFleet, kWork),
       "/sites/0/power", "W"},
      {"NegativePower", with(R"([{"power": "-1 GW", "boundary": "contracted"}])", kFleet, kWork), "/sites/0/power", ""},
      {"ZeroPower", with(R"([{"power": "0 W", "boundary": "contracted"}])", kFleet, kWork), "/sites/0/power", ""},
      {"PowerIsNaNText", with(R"([{"power": "NaN GW", "boundary": "contracted"}])", kFleet, kWork), "/sites/0/power",
       ""},
      {"PowerOverflows", with(R"([{"power": "1e400 GW", "boundary": "contracted"}])", kFleet, kWork), "/sites/0/power",
       ""},
      {"PowerIsList", with(R"([{"power": ["1 GW"], "boundary": "contracted"}])", kFleet, kWork), "/sites/0/power", ""},
      {"PowerIsNull", with(R"([{"power": null, "boundary": "contracted"}])", kFleet, kWork), "/sites/0/power", "null"},
      {"PowerIsBoolean", with(R"([{"power": true, "boundary": "contracted"}])", kFleet, kWork), "/sites/0/power", ""},
      {"SitesIsObject", with(R"({"power": "1 GW"})", kFleet, kWork), "/sites", ""},
      {"SitesEmpty", with("[]", kFleet, kWork), "/sites", ""},
      {"SiteIsText", with(R"(["columbus"])", kFleet, kWork), "/sites/0", ""},
      {"UnknownLocation",
       with(R"([{"power": "1 GW", "boundary": "contracted", "location": "columbia"}])", kFleet, kWork),
       "/sites/0/location", "columbus"},
      {"UnknownSystem", with(kSites, R"([{"system": "gb200_nvl73"}])", kWork), "/fleet/0/system", "gb200_nvl72"},
      {"SystemIsNumber", with(kSites, R"([{"system": 200}])", kWork), "/fleet/0/system", ""},
      {"SystemWithControlCharacter", with(kSites, R"([{"system": "gb\u0000200"}])", kWork), "/fleet/0/system", ""},
      {"UnknownModel", with(kSites, kFleet, R"([{"kind": "serving", "llm": "deepseek-r2"}])"), "/workloads/0/llm",
       "deepseek-r1"},
      {"UnknownKind", with(kSites, kFleet, R"([{"kind": "serve", "llm": "deepseek-r1"}])"), "/workloads/0/kind",
       "serving"},
      {"NoKind", with(kSites, kFleet, R"([{"llm": "deepseek-r1"}])"), "/workloads/0/kind", ""},
      {"KeyOfOtherKind", with(kSites, kFleet, R"([{"kind": "training", "llm": "deepseek-r1", "slo": {}}])"),
       "/workloads/0/slo", ""},
      {"ShareAboveOne", with(kSites, kFleet, R"([{"kind": "serving", "llm": "deepseek-r1", "share": 1.5}])"),
       "/workloads/0/share", ""},
      {"SharesAboveOne",
       with(
           kSites, kFleet,
           R"([{"id": "a", "kind": "serving", "llm": "deepseek-r1", "share": 0.7}, {"id": "b", "kind": "serving", "llm": "deepseek-r1", "share": 0.7}])"),
       "/workloads/1/share", "more than all"},
      {"DuplicateIds",
       with(
           kSites, kFleet,
           R"([{"id": "a", "kind": "serving", "llm": "deepseek-r1", "share": 0.5}, {"id": "a", "kind": "serving", "llm": "deepseek-r1", "share": 0.5}])"),
       "/workloads/1", "a"},
      {"UnknownFleetName", with(kSites, kFleet, R"([{"kind": "serving", "llm": "deepseek-r1", "fleet": "other"}])"),
       "/workloads/0/fleet", "fleet"},
      {"AmbiguousSite",
       with(
           R"([{"id": "a", "power": "1 GW", "boundary": "contracted"}, {"id": "b", "power": "1 GW", "boundary": "contracted"}])",
           kFleet, kWork),
       "/fleet/0/site", "several"},
      {"IdWithUpperCase", with(R"([{"id": "Site", "power": "1 GW", "boundary": "contracted"}])", kFleet, kWork),
       "/sites/0/id", ""},
      {"IdIsNan", with(R"([{"id": "nan", "power": "1 GW", "boundary": "contracted"}])", kFleet, kWork), "/sites/0/id",
       ""},
      {"PrecisionNotSupported",
       with(kSites, R"([{"system": "hgx_h100"}])",
            R"([{"kind": "serving", "llm": "deepseek-r1", "precision": "fp4"}])"),
       "/workloads/0/precision", "fp8"},
      {"LengthWithoutDistribution",
       with(kSites, kFleet, R"([{"kind": "serving", "llm": "deepseek-r1", "prompt": {"tokens": 5}}])"),
       "/workloads/0/prompt", ""},
      {"LengthBackwards",
       with(
           kSites, kFleet,
           R"([{"kind": "serving", "llm": "deepseek-r1", "prompt": {"distribution": "uniform", "low": 10, "high": 5}}])"),
       "/workloads/0/prompt/high", ""},
      {"ImpossibleLognormal",
       with(
           kSites, kFleet,
           R"([{"kind": "serving", "llm": "deepseek-r1", "prompt": {"distribution": "lognormal", "mean": 10, "p95": 1000}}])"),
       "/workloads/0/prompt/p95", ""},
      {"MissingTrace", with(kSites, kFleet, R"([{"kind": "serving", "llm": "deepseek-r1", "trace": "no_such.csv"}])"),
       "", "no_such.csv"},
      {"TraceIsDirectory", with(kSites, kFleet, R"([{"kind": "serving", "llm": "deepseek-r1", "trace": "."}])"), "",
       ""},
      {"DemandTwice",
       with(kSites, kFleet, kWork, R"(, "demand": {"peak_utilization": 0.5, "requests_per_second": "3 requests/s"})"),
       "/demand/peak_utilization", "twice"},
      {"BadDate", with(kSites, kFleet, kWork, R"(, "horizon": {"start": "2026-02-30"})"), "/horizon/start", ""},
      {"ExtendsNothing", with(kSites, kFleet, kWork, R"(, "extends": "missing.json")"), "", "missing.json"},
      {"ExtendsItself", with(kSites, kFleet, kWork, R"(, "extends": "bad.json")"), "/extends", "itself"},
      {"ExtendsNumber", with(kSites, kFleet, kWork, R"(, "extends": 3)"), "/extends", ""},
      {"NullWithoutExtends", with(kSites, kFleet, kWork, R"(, "economics": null)"), "/economics", "null"},
      {"UncertaintyOfNothing",
       with(kSites, kFleet, kWork, R"(, "uncertainty": [{"input": "systems/nothing/x", "low": 1, "high": 2}])"),
       "/uncertainty/0/input", "systems/nothing/x"},
      {"UncertaintyInUnknownUnit",
       with(
           kSites, kFleet, kWork,
           R"(, "uncertainty": [{"input": "systems/gb200_nvl72/rack_power", "low": "120 bananas", "high": "140 kW"}])"),
       "/uncertainty/0/low", "bananas"},
      {"UncertaintyIsBoolean",
       with(kSites, kFleet, kWork,
            R"(, "uncertainty": [{"input": "systems/gb200_nvl72/rack_power", "low": "120 kW", "high": true}])"),
       "/uncertainty/0/high", "true"},
      {"UncertaintyWithoutHigh",
       with(kSites, kFleet, kWork, R"(, "uncertainty": [{"input": "/economics/wacc", "low": 1}])"), "/uncertainty/0",
       "high"},
  };
}

class MalformedScenario : public testing::TestWithParam<Case> {};

TEST_P(MalformedScenario, ExitsTwoAndNamesThePlace) {
  const Scratch scratch;
  const Case& given = GetParam();
  const std::string file = scratch.write("bad.json", given.text);
  const Outcome outcome = run({"run", file});
  EXPECT_EQ(outcome.code, kExitBadInput) << outcome.err;
  EXPECT_TRUE(outcome.out.empty());
  EXPECT_NE(outcome.err.find(std::string(given.pointer)), std::string::npos) << outcome.err;
  EXPECT_NE(outcome.err.find(given.says), std::string::npos) << outcome.err;
}

INSTANTIATE_TEST_SUITE_P(All, MalformedScenario, testing::ValuesIn(cases()),
                         [](const auto& given) { return std::string(given.param.name); });

TEST(MalformedScenario, ReportsEveryProblemAtOnce) {
  const Scratch scratch;
  const std::string file =
      scratch.write("bad.json", with(R"([{"power": "1 GWh", "boundary": "nowhere"}])", R"([{"system": "gb2000"}])",
                                     R"([{"kind": "serving", "llm": "gpt-9", "share": 7}])"));
  const Outcome outcome = run({"validate", file});
  EXPECT_EQ(outcome.code, kExitBadInput);
  for (const char* pointer :
       {"/sites/0/power", "/sites/0/boundary", "/fleet/0/system", "/workloads/0/llm", "/workloads/0/share"}) {
    EXPECT_NE(outcome.err.find(pointer), std::string::npos) << pointer << " missing in\n" << outcome.err;
  }
}

TEST(MalformedScenario, CycleOverTwoFilesIsNamed) {
  const Scratch scratch;
  scratch.write("a.json", R"({"schema": "scenario/1", "extends": "b.json"})");
  scratch.write("b.json", R"({"schema": "scenario/1", "extends": "a.json"})");
  const Outcome outcome = run({"run", scratch.path("a.json")});
  EXPECT_EQ(outcome.code, kExitBadInput);
  EXPECT_NE(outcome.err.find("b.json: /extends"), std::string::npos) << outcome.err;
}

TEST(MalformedCommandLine, SetNamesThePointerItCannotReach) {
  for (const auto& [assignment, says] :
       std::vector<std::pair<std::string, std::string>>{{"/fleet/7/system=hgx_h100", "/fleet"},
                                                        {"/fleet/@nobody/system=hgx_h100", "@racks"},
                                                        {"fleet/0/system=hgx_h100", "pointer"},
                                                        {"/fleet/0/system", "=VALUE"},
                                                        {"/fleet/0/system/x=1", "/fleet/0/system"},
                                                        {"/fleet/0/system=null", "/fleet/0/system"},
                                                        {"/fleet/0/system=", "/fleet/0/system"},
                                                        {"/fleet/0/system=[1,2", "/fleet/0/system"},
                                                        {"/no/such/key=1", "/no"},
                                                        {"/seed={\"a\":1,\"a\":2}", "/seed"}}) {
    const Outcome outcome = run({"run", scenario("quickstart.json"), "--set", assignment});
    EXPECT_EQ(outcome.code, kExitBadInput) << assignment;
    EXPECT_NE(outcome.err.find(says), std::string::npos) << assignment << "\n" << outcome.err;
  }
}

TEST(MalformedCommandLine, UsageErrorsExitTwo) {
  for (const std::vector<std::string>& arguments : std::vector<std::vector<std::string>>{
           {},
           {"fly"},
           {"run"},
           {"run", scenario("quickstart.json"), "--format", "yaml"},
           {"run", scenario("quickstart.json"), "--seed", "soon"},
           {"run", scenario("quickstart.json"), "--as-of", "yesterday"},
           {"run", scenario("quickstart.json"), "--vary", "/fleet/0/system"},
           {"run", scenario("quickstart.json"), "--vary", "/fleet/0/system=hgx_h100,,hgx_h200"},
           {"run", scenario("no_such.json")},
           {"run", "/dev/zero"},
           {"run", "/"},
           {"size", "1 GW", "--system", "gb300_nvl72"},
           {"size", "one GW contracted", "--system", "gb300_nvl72"},
           {"size", "1 GW contracted", "--system", "nope"},
           {"show", "acelerators"},
           {"show", "systems", "gb2000"},
           {"show", "metrics", "capex"},
           {"schema", "scenari"},
           {"explain", scenario("quickstart.json"), "capex.totl"},
           {"validate", "/no/such/file"},
           {"compare", scenario("quickstart.json"), scenario("quickstart.json")},
           {"--configs", "/nowhere", "show", "systems"}}) {
    EXPECT_EQ(run(arguments).code, kExitBadInput) << testing::PrintToString(arguments);
  }
}

}  // namespace
}  // namespace aifactory::test
