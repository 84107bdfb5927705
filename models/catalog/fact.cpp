#include "models/catalog/fact.h"

#include <algorithm>
#include <utility>

#include "models/catalog/sha256.h"

namespace aifactory {

void ReadLog::add(FactRecord record) {
  if (!record.mapped && !keep_unmapped_) {
    return;
  }
  Key key{record.kind, record.id, record.pointer};
  facts_.insert_or_assign(std::move(key), std::move(record));
}

void ReadLog::add(DefaultRecord record) {
  std::pair<std::string, std::string> key{record.file, record.pointer};
  defaults_.insert_or_assign(std::move(key), std::move(record));
}

bool ReadLog::add_entry(const std::string& kind, const std::string& id, const std::string& hash) {
  return entries_.insert_or_assign({kind, id}, hash).second;
}

std::vector<FactRecord> ReadLog::facts() const {
  std::vector<FactRecord> out;
  out.reserve(facts_.size());
  for (const auto& [key, fact] : facts_) {
    out.push_back(fact);
  }
  return out;
}

const FactRecord* ReadLog::find(const std::string& kind, const std::string& id, const std::string& pointer) const {
  const auto found = facts_.find({kind, id, pointer});
  return found == facts_.end() ? nullptr : &found->second;
}

std::vector<DefaultRecord> ReadLog::defaults() const {
  std::vector<DefaultRecord> out;
  out.reserve(defaults_.size());
  for (const auto& [key, record] : defaults_) {
    out.push_back(record);
  }
  return out;
}

std::string ReadLog::content_hash() const {
  std::string text;
  for (const auto& [key, hash] : entries_) {
    text += key.first + "/" + key.second + " " + hash + "\n";
  }
  return sha256_hex(text);
}

Evidence ReadLog::weakest_evidence() const {
  Evidence weakest = Evidence::kMeasured;
  for (const auto& [key, fact] : facts_) {
    weakest = std::max(weakest, fact.founding.evidence);
  }
  return weakest;
}

void ReadLog::merge(const ReadLog& other) {
  for (const auto& [key, fact] : other.facts_) {
    facts_.insert_or_assign(key, fact);
  }
  for (const auto& [key, record] : other.defaults_) {
    defaults_.insert_or_assign(key, record);
  }
  for (const auto& [key, hash] : other.entries_) {
    entries_.insert_or_assign(key, hash);
  }
}

}  // namespace aifactory
