#include "models/catalog/config_error.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>

namespace aifactory {
namespace {

TEST(ConfigErrorText, IsOneLinePerProblem) {
  Problems problems;
  problems.add("a.json", "/x", "is wrong", "did you mean \"y\"?");
  problems.add("a.json", "", "lacks something");
  try {
    problems.throw_if_any();
    FAIL() << "no exception";
  } catch (const ConfigError& error) {
    EXPECT_STREQ(error.what(), "a.json: /x: is wrong (did you mean \"y\"?)\na.json: lacks something");
    EXPECT_EQ(error.problems().size(), 2U);
  }
}

TEST(ConfigErrorText, NeverCarriesControlCharactersToATerminal) {
  const Problem problem{"a.json", "/\x1b[31m", "got \"\n\x07\xff\"", ""};
  EXPECT_EQ(problem.text(), "a.json: /\\x1b[31m: got \"\\x0a\\x07\\xff\"");
}

TEST(ProblemsOrder, FollowsTheDocument) {
  Problems problems;
  problems.attach("a.json", std::make_shared<const std::string>(R"({"z": {"b": 1, "a": 2}, "m": [0, 1]})"));
  problems.add("a.json", "/m/1", "third");
  problems.add("a.json", "/z/missing", "first");  // stands with its parent, ahead of the parent's members
  problems.add("b.json", "/q", "another file");
  problems.add("a.json", "/z/a", "second");
  std::vector<std::string> messages;
  for (const Problem& problem : problems.sorted()) {
    messages.push_back(problem.message);
  }
  EXPECT_EQ(messages, (std::vector<std::string>{"first", "second", "third", "another file"}));
}

TEST(ProblemsKept, AreUniqueAndBounded) {
  Problems problems;
  problems.add("a.json", "/x", "same");
  problems.add("a.json", "/x", "same");
  EXPECT_EQ(problems.size(), 1U);
  EXPECT_EQ(problems.reports(), 2U);
  for (std::size_t i = 0; i < Problems::kMostKept + 9; ++i) {
    problems.add("a.json", "/" + std::to_string(i), "other");
  }
  EXPECT_EQ(problems.size(), Problems::kMostKept);
  EXPECT_EQ(problems.sorted().back().message, "and 10 more problems");
}

TEST(Brief, CutsAtACharacter) {
  EXPECT_EQ(brief("abcdef", 3), "abc...");
  EXPECT_EQ(brief("\xc3\xa4\xc3\xa4", 1), "\xc3\xa4...");
}

}  // namespace
}  // namespace aifactory
