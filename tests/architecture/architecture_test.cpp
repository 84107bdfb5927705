// The source tree keeps the rules of docs/architecture.md.
#include <gtest/gtest.h>

#include <filesystem>
#include <iostream>

#include "tests/architecture/rules/rules.h"

namespace aifactory::architecture {
namespace {

const std::vector<SourceFile>& tree() {
  static const std::vector<SourceFile> kTree = read_tree(AIFACTORY_SOURCE_DIR, {"models", "sim", "tools"});
  return kTree;
}

TEST(Architecture, EverySourceKeepsTheRules) {
  ASSERT_GT(tree().size(), 20u) << "the walk found no sources";
  for (const SourceFile& file : tree()) {
    for (const Violation& violation : check(file)) {
      ADD_FAILURE_AT(violation.path.c_str(), violation.line) << violation.message;
    }
  }
}

TEST(Architecture, IncludesAreWrittenFromTheRepositoryRoot) {
  const std::filesystem::path root = AIFACTORY_SOURCE_DIR;
  for (const SourceFile& file : tree()) {
    for (const Include& include : file.includes) {
      if (include.quoted && include.path != "aifactory_version.h") {
        EXPECT_TRUE(std::filesystem::exists(root / include.path))
            << file.path << ":" << include.line << " " << include.path;
      }
    }
  }
}

// A list to think about, not a law: a long file usually does more than one thing.
TEST(Architecture, ListsFilesLongerThan400Lines) {
  constexpr std::size_t kLong = 400;
  for (const SourceFile& file : tree()) {
    if (file.code.size() > kLong) {
      std::cout << "  long: " << file.path << " has " << file.code.size() << " lines\n";
    }
  }
}

}  // namespace
}  // namespace aifactory::architecture
