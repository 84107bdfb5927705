// A C++ source as the rules see it: where it is, what it includes, and its code without comments and literals.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace aifactory::architecture {

struct Include {
  int line;
  std::string path;
  bool quoted;  // "ours", as against <theirs>
};

struct SourceFile {
  std::string path;               // from the repository root, "models/units/date.h"
  std::vector<Include> includes;  // in order
  std::vector<std::string> code;  // line by line; comments and the inside of literals are blank

  [[nodiscard]] bool is_header() const;
  [[nodiscard]] std::string folder() const;  // "models/units"
};

[[nodiscard]] SourceFile read_source(std::string path, const std::string& text);

// Every C++ and CUDA source under the given folders of the repository, sorted by path.
[[nodiscard]] std::vector<SourceFile> read_tree(const std::filesystem::path& root,
                                                const std::vector<std::string>& folders);

}  // namespace aifactory::architecture
