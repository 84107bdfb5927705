// Facts with their founding, and the log of the facts a run read (provenance of a Result, inputs of a sensitivity
// study). See docs/architecture.md and the catalogue format in configs/.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "models/hardware/evidence.h"
#include "models/units/date.h"

namespace aifactory {

// Who says so, since when and how surely.
struct Founding {
  std::vector<std::string> sources;  // keys of configs/sources.json, never empty in a valid entry
  std::string as_of;                 // as written: "2025", "2025-03", "2025-03-14"; may be empty
  Evidence evidence = Evidence::kEstimate;
  Confidence confidence = Confidence::kLow;
  std::string note;
};

// One field of one catalogue entry, as read.
struct FactRecord {
  std::string kind;     // folder of configs/: "accelerators"
  std::string id;       // entry
  std::string pointer;  // within the entry: "/scale_up/bandwidth"
  std::string text;     // as written: "8 TB/s", "liquid", "true"
  bool numeric = false;
  double value = 0.0;  // SI base units when numeric
  double low = 0.0;    // P10 and P90 of what the truth may be; equal to value when no band is stated
  double high = 0.0;
  std::string unit;    // SI base unit text: "B/s"; empty when dimensionless
  bool mapped = true;  // false for fields kept for people only (no model reads them)
  Founding founding;

  [[nodiscard]] bool has_band() const { return low < high; }
};

// A default that took effect because an input left the field out.
struct DefaultRecord {
  std::string file;
  std::string pointer;
  std::string text;    // the default, as documented
  std::string reason;  // why this value, with its source
};

// What one run read. Passed explicitly, one per run and thread; reading the same entry twice records it once.
class ReadLog {
 public:
  // By default facts that no model reads (FactRecord::mapped) are left out: they decide nothing.
  explicit ReadLog(bool keep_unmapped = false) : keep_unmapped_(keep_unmapped) {}

  void add(FactRecord record);
  void add(DefaultRecord record);
  // `hash` is the SHA-256 of the entry's canonical text. False if the entry was recorded before.
  bool add_entry(const std::string& kind, const std::string& id, const std::string& hash);

  // Ordered by kind, id, pointer.
  [[nodiscard]] std::vector<FactRecord> facts() const;
  [[nodiscard]] const FactRecord* find(const std::string& kind, const std::string& id,
                                       const std::string& pointer) const;
  [[nodiscard]] std::vector<DefaultRecord> defaults() const;
  // (kind, id) -> hash of the entries read.
  [[nodiscard]] const std::map<std::pair<std::string, std::string>, std::string>& entries() const { return entries_; }
  // One SHA-256 (hex) over all entries read, for Result.inputs.catalogue.
  [[nodiscard]] std::string content_hash() const;
  // The weakest evidence among the facts that were read; measured when nothing was read.
  [[nodiscard]] Evidence weakest_evidence() const;
  // Adds what another log recorded.
  void merge(const ReadLog& other);

 private:
  using Key = std::tuple<std::string, std::string, std::string>;
  bool keep_unmapped_;
  std::map<Key, FactRecord> facts_;
  std::map<std::pair<std::string, std::string>, DefaultRecord> defaults_;  // by file, pointer
  std::map<std::pair<std::string, std::string>, std::string> entries_;
};

}  // namespace aifactory
