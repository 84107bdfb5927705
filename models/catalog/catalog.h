// The facts: every entry under configs/ (and overlays over it), by kind and id. Immutable once loaded; copies share
// everything, so a Catalog is passed by value or const reference down to whoever builds domain objects.
//
//   const Catalog catalog = Catalog::load({.configs_dir = "configs"});       // throws ConfigError
//   ReadLog log;
//   Accelerator gb200 = load_entry(catalog, "accelerators", "gb200", accelerator_table(), &log);
//
// A *kind* is a folder of configs/: "accelerators", "systems", "fabrics", "llms", "sites", "energy", "prices",
// "calibration". Files are parsed (strictly) when a kind is first asked for; entries are read through their field table
// (models/catalog/field_table.h) each time they are asked for, so that the facts read are always logged.
#pragma once

#include <map>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "models/catalog/config_error.h"
#include "models/catalog/fact.h"
#include "models/units/date.h"

namespace aifactory {

struct CatalogOptions {
  std::string configs_dir;
  // Laid over configs_dir in this order. Same layout; a file with the id of a known entry is merged over it (objects
  // key by key, facts and arrays replaced, its own "facts" block founding its own fields only); other files add
  // entries.
  std::vector<std::string> overlays;
  // Chooses the vintage of facts: the latest not after this date. Without it the latest there is.
  std::optional<Date> as_of;
};

// A public source of facts, configs/sources.json.
struct Source {
  std::string key;
  std::string title;
  std::string url;
  std::string date;
  std::string publisher;
};

// One file, or one file with overlays merged over it.
struct Entry {
  std::string kind;    // "accelerators"
  std::string schema;  // "accelerator/1"
  std::string id;
  std::string name;
  std::vector<std::string> aliases;
  std::shared_ptr<const nlohmann::json> json;

  // The files this entry was merged from, base first; each founds the fields it states.
  struct Layer {
    std::string file;
    std::shared_ptr<const std::string> text;
    std::shared_ptr<const nlohmann::json> json;
  };
  std::vector<Layer> layers;

  // The last layer that states the value at a pointer (or, if none does, its nearest stated parent).
  [[nodiscard]] const Layer& layer_of(const std::string& pointer) const;
  // SHA-256 of the merged entry's canonical text (keys sorted, shortest numbers).
  [[nodiscard]] std::string hash() const;
};

class Catalog {
 public:
  // Reads sources.json and lists the folders; throws ConfigError when they are unusable.
  static Catalog load(const CatalogOptions& options);

  // Entry by id or alias (exact, then without regard to case). Null and a problem at (file, pointer) of the asker
  // when unknown, or when the entry's own file is broken (then at that file).
  [[nodiscard]] std::shared_ptr<const Entry> find(std::string_view kind, std::string_view id_or_alias,
                                                  Problems& problems, const std::string& asking_file = {},
                                                  const std::string& asking_pointer = {}) const;
  // As find, but throws ConfigError.
  [[nodiscard]] std::shared_ptr<const Entry> get(std::string_view kind, std::string_view id_or_alias) const;
  [[nodiscard]] bool contains(std::string_view kind, std::string_view id_or_alias) const;

  [[nodiscard]] std::vector<std::string> kinds() const;
  [[nodiscard]] std::vector<std::string> ids(std::string_view kind) const;  // sorted, without aliases
  [[nodiscard]] std::vector<std::string> ids_and_aliases(std::string_view kind) const;
  [[nodiscard]] const std::map<std::string, Source>& sources() const;
  [[nodiscard]] std::optional<Date> as_of() const;
  // The same facts seen at another date.
  [[nodiscard]] Catalog at(std::optional<Date> as_of) const;

  // Every file of every kind, through its table: all problems of the whole catalogue.
  [[nodiscard]] Problems validate_all() const;

  // A copy with one fact changed: `pointer` within the entry ("/memory_bandwidth"), `value` as it would be written
  // ("8 TB/s", 0.7, true or a whole fact). Source, evidence and confidence stay those of the fact replaced unless
  // `value` states its own. Cost: one entry; the rest is shared. Throws ConfigError for an unknown entry or pointer.
  [[nodiscard]] Catalog with_override(std::string_view kind, std::string_view id, const std::string& pointer,
                                      const nlohmann::json& value) const;
  // The same for a numeric fact that a ReadLog lists, by its SI value.
  [[nodiscard]] Catalog with_value(const FactRecord& fact, double value_in_si) const;

 private:
  struct State;
  using Overrides = std::map<std::pair<std::string, std::string>, std::shared_ptr<const Entry>>;
  explicit Catalog(std::shared_ptr<const State> state) : state_(std::move(state)) {}

  std::shared_ptr<const State> state_;
  std::shared_ptr<const Overrides> overrides_;  // may be null
  std::optional<Date> as_of_;
};

}  // namespace aifactory
