#include "models/catalog/json_reader.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>

namespace aifactory {
namespace {

using nlohmann::json;

// The only problem of a text that must have exactly one.
Problem only_problem(const std::string& text) {
  Problems problems;
  const JsonDocument document = parse_json(text, "a.json", problems);
  EXPECT_FALSE(document.ok()) << text;
  EXPECT_EQ(problems.size(), 1U) << text;
  return problems.empty() ? Problem{} : problems.sorted().front();
}

TEST(ParseJson, ReadsWhatIsSound) {
  Problems problems;
  const JsonDocument document = parse_json(R"({"a": [1, 2.5, "x", true, null], "b": {}})", "a.json", problems);
  ASSERT_TRUE(document.ok());
  EXPECT_TRUE(problems.empty());
  EXPECT_EQ(*document.root, json::parse(R"({"a": [1, 2.5, "x", true, null], "b": {}})"));
}

TEST(ParseJson, DropsCommentsAtAnyDepth) {
  Problems problems;
  const JsonDocument document = parse_json(
      R"({"$comment": {"deep": [1, {"x": 2}]}, "a": {"$comment": "x", "b": [{"$comment": 1}]}})", "a.json", problems);
  ASSERT_TRUE(document.ok());
  EXPECT_EQ(*document.root, json::parse(R"({"a": {"b": [{}]}})"));
}

TEST(ParseJson, NamesEveryDuplicateKeyWithItsPointer) {
  Problems problems;
  const JsonDocument document =
      parse_json(R"({"a": {"x/y": 1, "x/y": 2}, "b": [0, {"k": 1, "k": 1}]})", "a.json", problems);
  EXPECT_FALSE(document.ok());
  ASSERT_EQ(problems.size(), 2U);
  EXPECT_EQ(problems.sorted()[0].pointer, "/a/x~1y");
  EXPECT_EQ(problems.sorted()[1].pointer, "/b/1/k");
}

TEST(ParseJson, RefusesNumbersThatNoDoubleHolds) {
  EXPECT_EQ(only_problem(R"({"a": [1, 1e999]})").pointer, "/a/1");
  EXPECT_EQ(only_problem(R"({"a": {"b": -1e400}})").pointer, "/a/b");
}

TEST(ParseJson, RefusesNanAndInfinityWithAHint) {
  for (const char* text : {R"({"a": NaN})", R"({"a": nan})", R"({"a": Infinity})", R"({"a": -Infinity})"}) {
    const Problem problem = only_problem(text);
    EXPECT_EQ(problem.pointer, "/a") << text;
    EXPECT_NE(problem.hint.find("NaN"), std::string::npos) << problem.text();
  }
}

TEST(ParseJson, GivesLineAndColumnOfSyntaxErrors) {
  const Problem problem = only_problem("{\n  \"a\": 1,\n  \"b\" 2\n}");
  EXPECT_NE(problem.message.find("line 3, column 7"), std::string::npos) << problem.text();
  EXPECT_EQ(problem.pointer, "/b");
}

TEST(ParseJson, RecognisesCommonSlips) {
  EXPECT_NE(only_problem(R"({"a": [1, 2,]})").hint.find("comma"), std::string::npos);
  EXPECT_NE(only_problem(R"({"a": 1,})").hint.find("comma"), std::string::npos);
  EXPECT_NE(only_problem("{'a': 1}").hint.find("double quotes"), std::string::npos);
  EXPECT_NE(only_problem("{\"a\": 1} // x").hint.find("$comment"), std::string::npos);
  EXPECT_NE(only_problem(R"({"a": [1, {"b": 2)").hint.find("ends too early"), std::string::npos);
}

TEST(ParseJson, RefusesEveryProperPrefixOfADocument) {
  const std::string text = R"({"a": [1, {"b": "c\u00e4"}], "d": -1.5e3})";
  for (std::size_t length = 0; length < text.size(); ++length) {
    Problems problems;
    EXPECT_FALSE(parse_json(text.substr(0, length), "a.json", problems).ok()) << length;
    EXPECT_EQ(problems.size(), 1U) << length;
  }
}

TEST(ParseJson, RefusesTextThatIsNotUtf8AndPrintsItSafely) {
  for (const std::string bytes : {"\xff", "\xc3\x28", "\xed\xa0\x80", "\xf5\x80\x80\x80", "\xc0\xaf"}) {
    const Problem problem = only_problem("{\"a\": \"" + bytes + "\"}");
    EXPECT_EQ(problem.pointer, "/a");
    EXPECT_NO_THROW(static_cast<void>(json(problem.text()).dump())) << problem.text();
  }
}

TEST(ParseJson, BoundsTheDepth) {
  const auto nested = [](std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); };
  Problems problems;
  EXPECT_TRUE(parse_json(nested(kMaxJsonDepth), "a.json", problems).ok());
  EXPECT_NE(only_problem(nested(kMaxJsonDepth + 1)).message.find("nested"), std::string::npos);
  EXPECT_NE(only_problem(std::string(1000000, '[')).message.find("nested"), std::string::npos);
  EXPECT_NE(only_problem("{\"$comment\": " + nested(1000) + "}").message.find("nested"), std::string::npos);
}

TEST(ParseJson, RefusesEmptyText) {
  EXPECT_EQ(only_problem("").message, "is empty");
  EXPECT_EQ(only_problem(" \n\t").message, "is empty");
}

class LoadJson : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::temp_directory_path() / ("aifactory_json_" + std::to_string(::getpid()) + "_" +
                                                        testing::UnitTest::GetInstance()->current_test_info()->name());
    std::filesystem::create_directories(folder_);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::string problem_of(const std::string& path) {
    Problems problems;
    EXPECT_FALSE(load_json(path, problems).ok());
    EXPECT_EQ(problems.size(), 1U);
    return problems.empty() ? "" : problems.sorted().front().text();
  }

  std::filesystem::path folder_;
};

TEST_F(LoadJson, ReadsRegularFilesOnly) {
  EXPECT_NE(problem_of((folder_ / "none.json").string()).find("cannot open"), std::string::npos);
  EXPECT_NE(problem_of(folder_.string()).find("a directory"), std::string::npos);
  EXPECT_NE(problem_of("/dev/zero").find("a device"), std::string::npos);
  const std::string pipe = (folder_ / "pipe").string();
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  EXPECT_NE(problem_of(pipe).find("a pipe"), std::string::npos);
}

TEST_F(LoadJson, ReadsTheWholeFile) {
  const std::string path = (folder_ / "a.json").string();
  std::ofstream(path) << R"({"a": 1})";
  Problems problems;
  const JsonDocument document = load_json(path, problems);
  ASSERT_TRUE(document.ok());
  EXPECT_EQ(document.root->at("a"), 1);
  EXPECT_EQ(document.file, path);
}

TEST(Pointers, EscapeAndUnescape) {
  EXPECT_EQ(child_pointer("", "a/b~c"), "/a~1b~0c");
  EXPECT_EQ(child_pointer("/x", std::size_t{3}), "/x/3");
  EXPECT_EQ(pointer_tokens("/a~1b~0c/3/"), (std::vector<std::string>{"a/b~c", "3", ""}));
  EXPECT_TRUE(pointer_tokens("").empty());
}

TEST(Pointers, FindValuesAndNeverThrow) {
  const json root = json::parse(R"({"a/b": [10, {"c": 1}]})");
  ASSERT_NE(find_pointer(root, "/a~1b/1/c"), nullptr);
  EXPECT_EQ(*find_pointer(root, "/a~1b/1/c"), 1);
  for (const char* none : {"/a", "/a~1b/2", "/a~1b/-", "/a~1b/01x", "/a~1b/0/c", "/a~1b/99999999999999999999"}) {
    EXPECT_EQ(find_pointer(root, none), nullptr) << none;
  }
}

TEST(Pointers, ComeInDocumentOrder) {
  EXPECT_EQ(pointers_in_order(R"({"z": 1, "a": [true, {"y": 2, "b": 3}], "$comment": {"q": 1}, "c": null})"),
            (std::vector<std::string>{"", "/z", "/a", "/a/0", "/a/1", "/a/1/y", "/a/1/b", "/c"}));
}

}  // namespace
}  // namespace aifactory
