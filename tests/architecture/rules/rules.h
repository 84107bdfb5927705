// The rules of docs/architecture.md that a program can check.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "tests/architecture/rules/source_file.h"

namespace aifactory::architecture {

struct Violation {
  std::string path;
  int line;
  std::string message;
};

// May a source in folder `from` include a header of ours in folder `to`? Folders are named to their second level,
// "models/units"; a folder that the design does not know may include nothing and be included by nobody.
[[nodiscard]] bool may_include(std::string_view from, std::string_view to);

// Everything one source breaks: the include rule, libraries outside their folder, printing, iostream in headers,
// transcendental functions and standard distributions, whose results depend on the machine or the library.
[[nodiscard]] std::vector<Violation> check(const SourceFile& file);

}  // namespace aifactory::architecture
