#include "tools/probe/case.h"

namespace aifactory::probe {

std::string key_of(const Case& c) {
  std::string shape;
  for (const auto& [name, value] : c.shape) {
    shape += (shape.empty() ? "" : ",") + name + "=" + std::to_string(value);
  }
  std::string key =
      c.op + "|" + c.impl + "|" + c.dtype + "|" + c.detail + "|" + shape + "|" + c.l2 + "|" + c.mode + "|" + c.launch;
  if (c.op == "interference") {
    for (const Case& part : c.parts) {
      key += "[" + key_of(part) + "]";
    }
  }
  return key;
}

std::uint64_t hash_of(const std::string& text) {
  std::uint64_t h = 14695981039346656037ULL;  // FNV-1a
  for (const char ch : text) {
    h = (h ^ static_cast<unsigned char>(ch)) * 1099511628211ULL;
  }
  // The high bits of FNV-1a of short texts are weak: the finaliser of SplitMix64.
  h = (h ^ (h >> 30U)) * 0xbf58476d1ce4e5b9ULL;
  h = (h ^ (h >> 27U)) * 0x94d049bb133111ebULL;
  return h ^ (h >> 31U);
}

}  // namespace aifactory::probe
