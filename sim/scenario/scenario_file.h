// From a scenario file and --set options to a Scenario: extends, merging, overrides, then the field tables.
//
// Merging ("extends"): objects key by key; arrays of objects that all carry an `id` element by element with the same
// id, new ids appended; everything else is replaced. null deletes a key of the base. --set values are applied last.
#pragma once

#include <map>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "models/catalog/catalog.h"
#include "models/catalog/config_error.h"
#include "sim/scenario/scenario.h"

namespace aifactory {

// A merged document that remembers which file (or --set) states what.
class ScenarioDocument {
 public:
  // Reads a file and what it extends. Problems go to `problems`; the document is then partial.
  static ScenarioDocument load(const std::string& path, Problems& problems);
  // A document that was made, not read: paths in it are relative to the working directory.
  static ScenarioDocument make(nlohmann::json root, std::string name);

  // `assignment` is "/json/pointer=VALUE" (the first '=' splits): VALUE is JSON if it parses, else a string; array
  // elements by index or @id, '-' appends; objects on the way are created.
  void set(const std::string& assignment, Problems& problems);
  void set(const std::string& pointer, const nlohmann::json& value, Problems& problems);

  [[nodiscard]] const nlohmann::json& root() const { return *root_; }
  [[nodiscard]] const std::string& file() const { return file_; }
  // The file that states the value at a pointer, or "--set".
  [[nodiscard]] std::string file_of(const std::string& pointer) const;
  // SHA-256 of the merged document's canonical text, comments left out.
  [[nodiscard]] std::string hash() const;

  // Through the field tables. What could not be read keeps its default; check `problems`.
  [[nodiscard]] Scenario read(const Catalog& catalog, ReadLog* log, Problems& problems) const;

 private:
  ScenarioDocument() = default;
  void merge_file(const std::string& path, std::vector<std::string>& chain, Problems& problems);
  void stamp(const nlohmann::json& value, const std::string& pointer, const std::string& origin);

  std::string file_;
  std::shared_ptr<nlohmann::json> root_;
  std::map<std::string, std::string> origin_;  // pointer -> file that states it
};

}  // namespace aifactory
