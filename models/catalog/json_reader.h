// Strict JSON text and files: UTF-8, no duplicate keys, no NaN or infinities, bounded size and depth, regular files
// only. Members called "$comment" are dropped on the way in, at any depth. Never throws on bad input: problems carry
// the JSON pointer where the text stops making sense, syntax errors line and column as well.
#pragma once

#include <cstddef>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "models/catalog/config_error.h"

namespace aifactory {

inline constexpr std::size_t kMaxJsonDepth = 64;
inline constexpr std::size_t kMaxJsonBytes = std::size_t{64} << 20;

// A parsed document; `text` is kept so that problems can be reported in document order.
struct JsonDocument {
  std::string file;  // as the user named it; what problems print
  std::shared_ptr<const std::string> text;
  std::shared_ptr<const nlohmann::json> root;

  [[nodiscard]] bool ok() const { return root != nullptr; }
};

// A document that is not ok() has put at least one problem into `problems`.
JsonDocument load_json(const std::string& path, Problems& problems);
JsonDocument parse_json(std::string text, const std::string& file, Problems& problems);

// Bytes of a regular file (no directory, fifo or device) of at most `max_bytes`; a problem and false otherwise.
bool read_regular_file(const std::string& path, std::size_t max_bytes, Problems& problems, std::string& bytes);

// RFC 6901: the pointer of a member or element; escapes ~ and / in keys.
std::string child_pointer(const std::string& pointer, std::string_view key);
std::string child_pointer(const std::string& pointer, std::size_t index);
// Unescaped reference tokens of a pointer ("" has none).
std::vector<std::string> pointer_tokens(std::string_view pointer);
// The value at a pointer, or null when there is none; never throws.
const nlohmann::json* find_pointer(const nlohmann::json& root, std::string_view pointer);

// Pointers of a valid text in document order (for sorting problems).
std::vector<std::string> pointers_in_order(const std::string& text);

}  // namespace aifactory
