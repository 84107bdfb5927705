#include "models/catalog/json_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

namespace aifactory {

namespace {

using nlohmann::json;

constexpr std::string_view kComment = "$comment";

std::pair<std::size_t, std::size_t> line_and_column(std::string_view text, std::size_t offset) {
  const std::string_view before = text.substr(0, std::min(offset, text.size()));
  const auto line = static_cast<std::size_t>(std::count(before.begin(), before.end(), '\n')) + 1;
  const std::size_t newline = before.rfind('\n');
  return {line, before.size() - (newline == std::string_view::npos ? 0 : newline + 1) + 1};
}

// The library's sentence without its "[json.exception...] parse error at line 1, column 2: " head.
std::string reason_of(const std::string& what) {
  const std::size_t head = what.find("] ");
  std::string text = head == std::string::npos ? what : what.substr(head + 2);
  if (text.rfind("parse error at ", 0) == 0) {
    const std::size_t colon = text.find(": ");
    text = colon == std::string::npos ? text : text.substr(colon + 2);
  }
  return brief(text);
}

bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '+';
}

// The bare word around an offset, lower case, as NaN in {"a": NaN}.
std::string word_at(std::string_view text, std::size_t offset) {
  std::size_t begin = std::min(offset, text.size());
  while (begin > 0 && is_word(text[begin - 1])) {
    --begin;
  }
  std::string word;
  for (std::size_t i = begin; i < text.size() && is_word(text[i]) && word.size() < 16; ++i) {
    word.push_back(text[i] >= 'A' && text[i] <= 'Z' ? static_cast<char>(text[i] - 'A' + 'a') : text[i]);
  }
  return word;
}

// How to mend a syntax error at an offset, where that can be guessed.
std::string syntax_hint(const std::string& reason, std::string_view text, std::size_t offset) {
  if (reason.find("UTF-8") != std::string::npos) {
    return "save the file as UTF-8";
  }
  if (reason.find("unexpected end of input") != std::string::npos || offset >= text.size()) {
    return "the file ends too early: a closing quote, } or ] is missing";
  }
  const std::string word = word_at(text, offset);
  if (word.find("nan") != std::string::npos || word.find("inf") != std::string::npos) {
    return "JSON has no NaN or infinity: give a finite number";
  }
  if (text[offset] == '\'') {
    return "strings are written in double quotes";
  }
  if (text[offset] == '/' || text[offset] == '#' || (offset > 0 && text[offset - 1] == '/')) {
    return "write remarks as \"$comment\": \"...\"";
  }
  if (text[offset] == '}' || text[offset] == ']') {
    const std::size_t before = text.find_last_not_of(" \t\r\n", offset == 0 ? 0 : offset - 1);
    return before != std::string_view::npos && text[before] == ',' ? "no comma after the last element" : "";
  }
  return {};
}

// Builds the document while keeping the pointer of where it is, so that everything refused can be named.
class Builder : public nlohmann::json_sax<json> {
 public:
  Builder(const std::string& text, const std::string& file, Problems& problems)
      : text_(text), file_(file), problems_(problems) {}

  json root;
  std::vector<std::string>* order = nullptr;  // collects pointers when set

  bool null() override { return put(json(nullptr)); }
  bool boolean(bool value) override { return put(json(value)); }
  bool number_integer(number_integer_t value) override { return put(json(value)); }
  bool number_unsigned(number_unsigned_t value) override { return put(json(value)); }
  bool number_float(number_float_t value, const string_t&) override { return put(json(value)); }
  bool string(string_t& value) override { return put(json(std::move(value))); }
  bool binary(binary_t&) override { return false; }

  bool start_object(std::size_t) override { return open(json::object()); }
  bool start_array(std::size_t) override { return open(json::array()); }
  bool end_object() override { return close(); }
  bool end_array() override { return close(); }

  bool key(string_t& name) override {
    Level& level = levels_.back();
    level.skip = name == kComment;
    level.key = std::move(name);
    level.keyed = true;
    if (!level.skip && level.value != nullptr && level.value->contains(level.key)) {
      problems_.add(file_, pointer(), fmt::format("key \"{}\" appears twice in the same object", brief(level.key, 60)),
                    "keep one of them");
      duplicate_ = true;
    }
    return true;
  }

  bool parse_error(std::size_t position, const std::string& token, const nlohmann::detail::exception& error) override {
    const std::string reason = reason_of(error.what());
    if (error.id == 406) {  // number overflow
      problems_.add(file_, pointer(), fmt::format("number {} is too large for a double", brief(token, 40)),
                    "give a finite number");
      return false;
    }
    const std::size_t offset = position == 0 ? 0 : position - 1;  // the library counts the bytes it has read
    const auto [line, column] = line_and_column(text_, offset);
    problems_.add(file_, pointer(), fmt::format("line {}, column {}: {}", line, column, reason),
                  syntax_hint(reason, text_, offset));
    return false;
  }

  [[nodiscard]] bool sound() const { return !duplicate_; }

 private:
  struct Level {
    json* value = nullptr;  // null inside a comment
    std::string key;
    bool keyed = false;  // key holds a key of this object
    bool skip = false;   // the value to come belongs to a $comment
  };

  // Of the value being read, or of the place where the next one would go.
  [[nodiscard]] std::string pointer() const {
    std::string out;
    for (std::size_t i = 0; i < levels_.size(); ++i) {
      const Level& level = levels_[i];
      if (level.value == nullptr || (level.value->is_object() && !level.keyed)) {
        break;
      }
      if (level.value->is_object()) {
        out = child_pointer(out, level.key);
      } else {
        const bool inside = i + 1 < levels_.size() && levels_[i + 1].value != nullptr;
        out = child_pointer(out, level.value->size() - (inside ? 1 : 0));
      }
    }
    return out;
  }

  [[nodiscard]] bool skipping() const {
    return !levels_.empty() && (levels_.back().skip || levels_.back().value == nullptr);
  }

  void note() {
    if (order != nullptr) {
      order->push_back(pointer());
    }
  }

  // Places a value at the current position and returns where it now lives.
  json* place(json value) {
    if (levels_.empty()) {
      root = std::move(value);
      return &root;
    }
    Level& level = levels_.back();
    if (level.value->is_array()) {
      level.value->push_back(std::move(value));
      return &level.value->back();
    }
    json& slot = (*level.value)[level.key];
    slot = std::move(value);
    return &slot;
  }

  bool put(json value) {
    if (!skipping()) {
      note();
      place(std::move(value));
    }
    return true;
  }

  bool open(json value) {
    if (levels_.size() >= kMaxJsonDepth) {
      problems_.add(file_, pointer(), fmt::format("nested more than {} levels deep", kMaxJsonDepth),
                    "flatten the document");
      return false;
    }
    if (skipping()) {
      levels_.push_back(Level{});
      return true;
    }
    note();
    json* placed = place(std::move(value));
    Level level;
    level.value = placed;
    levels_.push_back(std::move(level));
    return true;
  }

  bool close() {
    levels_.pop_back();
    return true;
  }

  const std::string& text_;
  const std::string& file_;
  Problems& problems_;
  std::vector<Level> levels_;
  bool duplicate_ = false;
};

}  // namespace

JsonDocument parse_json(std::string text, const std::string& file, Problems& problems) {
  JsonDocument document{file, std::make_shared<const std::string>(std::move(text)), nullptr};
  problems.attach(file, document.text);
  if (document.text->size() > kMaxJsonBytes) {
    problems.add(file, "", fmt::format("is longer than {} bytes", kMaxJsonBytes));
    return document;
  }
  if (document.text->find_first_not_of(" \t\r\n") == std::string::npos) {
    problems.add(file, "", "is empty", "a JSON object is expected");
    return document;
  }
  Builder builder(*document.text, file, problems);
  const bool complete = json::sax_parse(*document.text, &builder);
  if (complete && builder.sound()) {
    document.root = std::make_shared<const json>(std::move(builder.root));
  }
  return document;
}

JsonDocument load_json(const std::string& path, Problems& problems) {
  std::string text;
  if (!read_regular_file(path, kMaxJsonBytes, problems, text)) {
    return {path, nullptr, nullptr};
  }
  return parse_json(std::move(text), path, problems);
}

std::vector<std::string> pointers_in_order(const std::string& text) {
  std::vector<std::string> order;
  Problems ignored;
  const std::string file;
  Builder builder(text, file, ignored);
  builder.order = &order;
  json::sax_parse(text, &builder);
  return order;
}

}  // namespace aifactory
