#include "tests/architecture/rules/source_file.h"

#include <algorithm>
#include <cctype>
#include <fstream>
#include <iterator>
#include <regex>
#include <sstream>
#include <utility>

namespace aifactory::architecture {
namespace {

// Blanks comments and the inside of string, raw string and character literals; newlines stay. With keep_strings the
// literals stay too, so that include lines can be read.
std::string blanked(const std::string& text, bool keep_strings) {
  std::string out = text;
  const auto blank = [&](std::size_t from, std::size_t to) {
    for (std::size_t i = from; i < std::min(to, out.size()); ++i) {
      out[i] = out[i] == '\n' ? '\n' : ' ';
    }
  };
  const auto after = [&](const std::string& mark, std::size_t from) {
    const std::size_t at = text.find(mark, from);
    return at == std::string::npos ? text.size() : at + mark.size();
  };
  const auto is_word = [&](std::size_t i) {
    return std::isalnum(static_cast<unsigned char>(text[i])) || text[i] == '_';
  };
  std::size_t i = 0;
  while (i < text.size()) {
    std::size_t end = i + 1;
    if (text.compare(i, 2, "//") == 0) {
      end = std::min(text.find('\n', i), text.size());
      blank(i, end);
    } else if (text.compare(i, 2, "/*") == 0) {
      end = after("*/", i + 2);
      blank(i, end);
    } else if (text.compare(i, 2, "R\"") == 0 && (i == 0 || !is_word(i - 1))) {
      const std::size_t open = std::min(text.find('(', i), text.size());
      end = after(")" + text.substr(i + 2, open - i - 2) + "\"", open);
      if (!keep_strings) {
        blank(i + 2, end - 1);
      }
    } else if (text[i] == '"' || (text[i] == '\'' && (i == 0 || !is_word(i - 1)))) {  // 1'000 is no character
      while (end < text.size() && text[end] != text[i] && text[end] != '\n') {
        end += text[end] == '\\' ? 2 : 1;
      }
      if (!keep_strings) {
        blank(i + 1, end);
      }
      ++end;
    }
    i = end;
  }
  return out;
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) {
    lines.push_back(line);
  }
  return lines;
}

}  // namespace

bool SourceFile::is_header() const {
  const std::string extension = std::filesystem::path(path).extension().string();
  return extension == ".h" || extension == ".hpp" || extension == ".cuh";
}

std::string SourceFile::folder() const {
  return std::filesystem::path(path).parent_path().generic_string();
}

SourceFile read_source(std::string path, const std::string& text) {
  static const std::regex kInclude(R"(^\s*#\s*include\s*([<"])([^>"]+)[>"])");
  SourceFile file{std::move(path), {}, lines_of(blanked(text, false))};
  int number = 0;
  for (const std::string& line : lines_of(blanked(text, true))) {
    ++number;
    std::smatch match;
    if (std::regex_search(line, match, kInclude)) {
      file.includes.push_back({number, match[2], match[1] == "\""});
    }
  }
  return file;
}

std::vector<SourceFile> read_tree(const std::filesystem::path& root, const std::vector<std::string>& folders) {
  std::vector<std::filesystem::path> paths;
  for (const std::string& folder : folders) {
    for (auto it = std::filesystem::recursive_directory_iterator(root / folder);
         it != std::filesystem::recursive_directory_iterator(); ++it) {
      const std::string extension = it->path().extension().string();
      if (it->path().filename() == "node_modules") {
        it.disable_recursion_pending();
      } else if (extension == ".h" || extension == ".hpp" || extension == ".cpp" || extension == ".cu" ||
                 extension == ".cuh") {
        paths.push_back(it->path());
      }
    }
  }
  std::sort(paths.begin(), paths.end());
  std::vector<SourceFile> files;
  for (const std::filesystem::path& path : paths) {
    std::ifstream stream(path);
    const std::string text{std::istreambuf_iterator<char>(stream), {}};
    files.push_back(read_source(path.lexically_relative(root).generic_string(), text));
  }
  return files;
}

}  // namespace aifactory::architecture
