#include "models/catalog/config_error.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <utility>

#include "models/catalog/json_reader.h"

namespace aifactory {

namespace {

std::string lines(const std::vector<Problem>& problems) {
  std::string text;
  for (const Problem& problem : problems) {
    text += text.empty() ? "" : "\n";
    text += problem.text();
  }
  return text;
}

// Where a pointer stands in a document; one that is not there (a missing field) stands with its nearest parent.
std::size_t position_of(std::string pointer, const std::map<std::string, std::size_t>& positions) {
  while (true) {
    const auto found = positions.find(pointer);
    if (found != positions.end()) {
      return found->second;
    }
    const std::size_t slash = pointer.rfind('/');
    if (slash == std::string::npos) {
      return 0;
    }
    pointer.resize(slash);
  }
}

constexpr std::size_t kLongestMessage = 2000;

// Length of the UTF-8 sequence that starts a text, 0 if none does (RFC 3629, without the finer rules on overlong forms,
// which terminals bear).
std::size_t sequence_length(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text.front());
  const std::size_t length = lead < 0x80   ? 1
                             : lead < 0xC2 ? 0
                             : lead < 0xE0 ? 2
                             : lead < 0xF0 ? 3
                             : lead < 0xF5 ? 4
                                           : 0;
  if (length == 0 || length > text.size()) {
    return 0;
  }
  for (std::size_t i = 1; i < length; ++i) {
    if ((static_cast<unsigned char>(text[i]) & 0xC0U) != 0x80U) {
      return 0;
    }
  }
  return length;
}

}  // namespace

std::string brief(std::string_view text, std::size_t longest) {
  std::string out;
  while (!text.empty()) {
    if (out.size() >= longest) {
      return out + "...";
    }
    const std::size_t length = sequence_length(text);
    const auto byte = static_cast<unsigned char>(text.front());
    if (length == 0 || byte < 0x20 || byte == 0x7f) {
      out += fmt::format("\\x{:02x}", byte);
      text.remove_prefix(1);
    } else {
      out += text.substr(0, length);
      text.remove_prefix(length);
    }
  }
  return out;
}

std::string Problem::text() const {
  std::string out = file.empty() ? "" : brief(file, kLongestMessage) + ": ";
  out += pointer.empty() ? "" : brief(pointer, kLongestMessage) + ": ";
  out += brief(message, kLongestMessage);
  out += hint.empty() ? "" : " (" + brief(hint, kLongestMessage) + ")";
  return out;
}

ConfigError::ConfigError(std::vector<Problem> problems)
    : std::runtime_error(lines(problems)),
      problems_(std::make_shared<const std::vector<Problem>>(std::move(problems))) {}

ConfigError::ConfigError(std::string file, std::string pointer, std::string message, std::string hint)
    : ConfigError(std::vector<Problem>{{std::move(file), std::move(pointer), std::move(message), std::move(hint)}}) {}

void Problems::add(Problem problem) {
  ++reports_;
  if (full()) {
    ++dropped_;
    return;
  }
  if (std::find(problems_.begin(), problems_.end(), problem) == problems_.end()) {
    problems_.push_back(std::move(problem));
  }
}

void Problems::add(std::string file, std::string pointer, std::string message, std::string hint) {
  add(Problem{std::move(file), std::move(pointer), std::move(message), std::move(hint)});
}

void Problems::attach(const std::string& file, std::shared_ptr<const std::string> text) {
  texts_.insert_or_assign(file, std::move(text));
}

void Problems::merge(const Problems& other) {
  for (const Problem& problem : other.problems_) {
    add(problem);
  }
  for (const auto& [file, text] : other.texts_) {
    attach(file, text);
  }
  dropped_ += other.dropped_;
}

std::vector<Problem> Problems::sorted() const {
  std::vector<std::string> files;
  std::map<std::string, std::vector<std::pair<std::size_t, const Problem*>>> by_file;
  for (const Problem& problem : problems_) {
    if (by_file.find(problem.file) == by_file.end()) {
      files.push_back(problem.file);
    }
    by_file[problem.file].emplace_back(0, &problem);
  }
  std::vector<Problem> out;
  for (const std::string& file : files) {
    auto& ranked = by_file[file];
    const auto text = texts_.find(file);
    if (text != texts_.end() && text->second != nullptr && ranked.size() > 1) {
      std::map<std::string, std::size_t> positions;
      for (std::string& pointer : pointers_in_order(*text->second)) {
        positions.emplace(std::move(pointer), positions.size());
      }
      for (auto& [position, problem] : ranked) {
        position = position_of(problem->pointer, positions);
      }
      std::stable_sort(ranked.begin(), ranked.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
    }
    for (const auto& [position, problem] : ranked) {
      out.push_back(*problem);
    }
  }
  if (dropped_ > 0) {
    out.push_back({"", "", fmt::format("and {} more problems", dropped_), ""});
  }
  return out;
}

void Problems::throw_if_any() const {
  if (!problems_.empty()) {
    throw ConfigError(sorted());
  }
}

}  // namespace aifactory
