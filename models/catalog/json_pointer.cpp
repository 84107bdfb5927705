// RFC 6901 pointers.
#include <charconv>
#include <nlohmann/json.hpp>
#include <system_error>

#include "models/catalog/json_reader.h"

namespace aifactory {

using nlohmann::json;

std::string child_pointer(const std::string& pointer, std::string_view key) {
  std::string out = pointer;
  out.push_back('/');
  for (const char c : key) {
    if (c == '~') {
      out += "~0";
    } else if (c == '/') {
      out += "~1";
    } else {
      out.push_back(c);
    }
  }
  return out;
}

std::string child_pointer(const std::string& pointer, std::size_t index) {
  return pointer + "/" + std::to_string(index);
}

std::vector<std::string> pointer_tokens(std::string_view pointer) {
  std::vector<std::string> tokens;
  for (std::size_t i = 0; i < pointer.size(); ++i) {
    if (pointer[i] == '/') {
      tokens.emplace_back();
    } else if (tokens.empty()) {
      tokens.emplace_back(1, pointer[i]);  // no leading slash: read it as if there were one
    } else if (pointer[i] == '~' && i + 1 < pointer.size() && (pointer[i + 1] == '0' || pointer[i + 1] == '1')) {
      tokens.back().push_back(pointer[++i] == '0' ? '~' : '/');
    } else {
      tokens.back().push_back(pointer[i]);
    }
  }
  return tokens;
}

const json* find_pointer(const json& root, std::string_view pointer) {
  const json* at = &root;
  for (const std::string& token : pointer_tokens(pointer)) {
    if (at->is_object()) {
      const auto member = at->find(token);
      if (member == at->end()) {
        return nullptr;
      }
      at = &*member;
    } else if (at->is_array()) {
      std::size_t index = 0;
      const auto [end, error] = std::from_chars(token.data(), token.data() + token.size(), index);
      if (error != std::errc() || end != token.data() + token.size() || index >= at->size()) {
        return nullptr;
      }
      at = &(*at)[index];
    } else {
      return nullptr;
    }
  }
  return at;
}

}  // namespace aifactory
