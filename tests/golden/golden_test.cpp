// The shipped scenarios answer what they answered when their golden results were last accepted (tests/golden/accept).
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <vector>

#include "models/catalog/json_reader.h"
#include "sim/study/compare.h"
#include "tests/cli/in_process.h"

namespace aifactory::test {
namespace {

using nlohmann::json;

const std::string kFolder = fmt::format("{}/tests/golden/", AIFACTORY_SOURCE_DIR);

json golden_json(const std::string& name) {
  Problems problems;
  const JsonDocument document = load_json(kFolder + name, problems);
  problems.throw_if_any();
  return *document.root;
}

class Golden : public testing::TestWithParam<const char*> {};

TEST_P(Golden, MetricsHaveNotDrifted) {
  const std::string name = GetParam();
  const Outcome outcome = run({"run", scenario(name), "--format", "json"});
  ASSERT_EQ(outcome.code, kExitOk) << outcome.err;
  const Tolerances tolerances = Tolerances::from_json(golden_json("tolerances.json"), kFolder + "tolerances.json");
  Comparison comparison;
  compare_documents(golden_json(name), json::parse(outcome.out), name, tolerances, comparison);
  EXPECT_GT(comparison.compared, 0U);
  for (const DriftRow& row : comparison.rows) {
    EXPECT_FALSE(row.drifted) << row.metric << ": base " << row.base << ", new " << row.now << " " << row.note
                              << "\nif this is meant, run tests/golden/accept and say why in the commit";
  }
}

TEST(Readme, ShowsTheFlagshipsAnswer) {
  std::ifstream file(fmt::format("{}/README.md", AIFACTORY_SOURCE_DIR));
  std::stringstream readme;
  readme << file.rdbuf();
  const Outcome outcome = run({"run", scenario("quickstart.json")});
  ASSERT_EQ(outcome.code, kExitOk) << outcome.err;
  EXPECT_NE(readme.str().find(outcome.out), std::string::npos)
      << "README.md shows another answer; docs/generate writes the current one";
}

INSTANTIATE_TEST_SUITE_P(Scenarios, Golden, testing::Values("quickstart.json"), [](const auto& given) {
  const std::string file = given.param;
  return file.substr(0, file.find('.'));
});

}  // namespace
}  // namespace aifactory::test
