#include "models/catalog/catalog.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <mutex>
#include <nlohmann/json.hpp>
#include <system_error>

#include "models/catalog/catalog_files.h"
#include "models/catalog/entry_types.h"
#include "models/catalog/json_reader.h"
#include "models/catalog/scalar.h"
#include "models/catalog/sha256.h"
#include "models/catalog/suggest.h"
#include "models/catalog/table_core.h"

namespace aifactory {

using nlohmann::json;

// Kinds are parsed once, when first asked for; what they then hold never changes.
struct Catalog::State {
  struct Kind {
    std::once_flag parsed;
    detail::KindFiles files;
  };
  std::vector<std::string> roots;
  std::map<std::string, Source> sources;
  std::map<std::string, std::unique_ptr<Kind>, std::less<>> kinds;

  [[nodiscard]] const detail::KindFiles* files(std::string_view kind) const {
    const auto found = kinds.find(kind);
    if (found == kinds.end()) {
      return nullptr;
    }
    Kind& lazy = *found->second;
    std::call_once(lazy.parsed, [&] { lazy.files = detail::load_kind(roots, found->first); });
    return &lazy.files;
  }

  // The id behind an id or alias, "" when there is none.
  [[nodiscard]] std::string resolve(const detail::KindFiles& files, std::string_view name) const {
    const std::string exact(name);
    if (files.entries.count(exact) > 0 || files.broken.count(exact) > 0) {
      return exact;
    }
    if (const auto alias = files.aliases.find(exact); alias != files.aliases.end()) {
      return alias->second;
    }
    const auto folded = files.folded.find(detail::lower_case(name));
    return folded == files.folded.end() ? std::string() : folded->second;
  }
};

const Entry::Layer& Entry::layer_of(const std::string& pointer) const {
  if (layers.size() == 1) {
    return layers.front();
  }
  std::string at = pointer;
  while (true) {
    for (auto layer = layers.rbegin(); layer != layers.rend(); ++layer) {
      if (find_pointer(*layer->json, at) != nullptr) {
        return *layer;
      }
    }
    const std::size_t slash = at.rfind('/');
    if (slash == std::string::npos) {
      return layers.front();
    }
    at.resize(slash);
  }
}

std::string Entry::hash() const {
  return sha256_hex(json->dump());
}

Catalog Catalog::load(const CatalogOptions& options) {
  Problems problems;
  auto state = std::make_shared<State>();
  state->roots.push_back(options.configs_dir);
  state->roots.insert(state->roots.end(), options.overlays.begin(), options.overlays.end());
  for (const std::string& root : state->roots) {
    std::error_code error;
    if (!std::filesystem::is_directory(root, error)) {
      problems.add(root, "", "is not a folder of catalogue files");
    }
  }
  problems.throw_if_any();
  state->sources = detail::load_sources(state->roots, problems);
  problems.throw_if_any();
  for (std::string& folder : entry_folders()) {
    state->kinds.emplace(std::move(folder), std::make_unique<State::Kind>());
  }
  Catalog catalog(std::move(state));
  catalog.as_of_ = options.as_of;
  return catalog;
}

std::shared_ptr<const Entry> Catalog::find(std::string_view kind, std::string_view id_or_alias, Problems& problems,
                                           const std::string& asking_file, const std::string& asking_pointer) const {
  const detail::KindFiles* files = state_->files(kind);
  if (files == nullptr) {
    problems.add(asking_file, asking_pointer, fmt::format("the catalogue has no \"{}\"", brief(kind, 60)),
                 suggestion(kind, kinds()));
    return nullptr;
  }
  const std::string id = state_->resolve(*files, id_or_alias);
  if (const auto broken = files->broken.find(id); broken != files->broken.end()) {
    problems.merge(broken->second);
    return nullptr;
  }
  const auto entry = files->entries.find(id);
  if (entry == files->entries.end()) {
    const std::vector<std::string> nearest = nearest_names(id_or_alias, ids_and_aliases(kind));
    problems.add(asking_file, asking_pointer, fmt::format("unknown id \"{}\" in {}", brief(id_or_alias, 60), kind),
                 fmt::format("{}{}`aifactory show {}` lists all", suggestion(id_or_alias, nearest),
                             nearest.empty() ? "" : " ", kind));
    return nullptr;
  }
  if (overrides_ != nullptr) {
    const auto changed = overrides_->find({entry->second->kind, id});
    if (changed != overrides_->end()) {
      return changed->second;
    }
  }
  return entry->second;
}

std::shared_ptr<const Entry> Catalog::get(std::string_view kind, std::string_view id_or_alias) const {
  Problems problems;
  std::shared_ptr<const Entry> entry = find(kind, id_or_alias, problems);
  problems.throw_if_any();
  return entry;
}

bool Catalog::contains(std::string_view kind, std::string_view id_or_alias) const {
  const detail::KindFiles* files = state_->files(kind);
  return files != nullptr && files->entries.count(state_->resolve(*files, id_or_alias)) > 0;
}

std::vector<std::string> Catalog::kinds() const {
  return entry_folders();
}

std::vector<std::string> Catalog::ids(std::string_view kind) const {
  std::vector<std::string> out;
  if (const detail::KindFiles* files = state_->files(kind)) {
    for (const auto& [id, entry] : files->entries) {
      out.push_back(id);
    }
  }
  return out;
}

std::vector<std::string> Catalog::ids_and_aliases(std::string_view kind) const {
  std::vector<std::string> out = ids(kind);
  if (const detail::KindFiles* files = state_->files(kind)) {
    for (const auto& [alias, id] : files->aliases) {
      out.push_back(alias);
    }
  }
  return out;
}

const std::map<std::string, Source>& Catalog::sources() const {
  return state_->sources;
}

std::optional<Date> Catalog::as_of() const {
  return as_of_;
}

Catalog Catalog::at(std::optional<Date> as_of) const {
  Catalog copy = *this;
  copy.as_of_ = as_of;
  return copy;
}

Problems Catalog::validate_all() const {
  Problems problems;
  detail::check_folders(state_->roots, problems);
  for (const std::string& kind : kinds()) {
    const detail::KindFiles& files = *state_->files(kind);
    for (const auto& [stem, broken] : files.broken) {
      problems.merge(broken);
    }
    problems.merge(files.conflicts);
    for (const std::string& id : ids(kind)) {
      const std::shared_ptr<const Entry> entry = find(kind, id, problems);
      const TableCore& table = find_entry_type(entry->schema)->table->core();
      const std::shared_ptr<void> target = table.make();
      read_entry(table, target.get(), *this, *entry, problems, nullptr);
    }
  }
  return problems;
}

Catalog Catalog::with_override(std::string_view kind, std::string_view id, const std::string& pointer,
                               const json& value) const {
  const std::shared_ptr<const Entry> entry = get(kind, id);
  const std::string& file = entry->layer_of(pointer).file;
  const json* old = pointer.empty() ? nullptr : find_pointer(*entry->json, pointer);
  if (old == nullptr) {
    throw ConfigError(file, pointer, fmt::format("{} {} states no such fact", entry->kind, entry->id));
  }
  if (old->is_object() && !detail::is_fact(*old)) {
    throw ConfigError(file, pointer, "is a group of facts, not a fact");
  }
  // The vintage that holds now, so that its founding passes on.
  if (detail::is_vintages(*old)) {
    const json& vintages = *old;
    old = &vintages.front();
    for (const json& vintage : vintages) {
      const json* as_of = find_pointer(vintage, "/as_of");
      const auto date =
          as_of != nullptr && as_of->is_string() ? parse_date(as_of->get_ref<const std::string&>()) : std::nullopt;
      if (!as_of_ || (date && !(*as_of_ < *date))) {
        old = &vintage;
      }
    }
  }
  json fact = detail::is_fact(value) ? value : json{{"value", value}};
  if (detail::is_fact(*old)) {
    for (const char* member : {"source", "as_of", "evidence", "confidence", "note"}) {
      if (old->contains(member) && !fact.contains(member)) {
        fact[member] = old->at(member);
      }
    }
  }
  auto changed = std::make_shared<Entry>(*entry);
  auto document = std::make_shared<json>(*entry->json);
  (*document)[json::json_pointer(pointer)] = std::move(fact);
  changed->json = std::move(document);

  auto overrides = overrides_ == nullptr ? std::make_shared<Overrides>() : std::make_shared<Overrides>(*overrides_);
  overrides->insert_or_assign({entry->kind, entry->id}, std::move(changed));
  Catalog copy = *this;
  copy.overrides_ = std::move(overrides);
  return copy;
}

Catalog Catalog::with_value(const FactRecord& fact, double value_in_si) const {
  json value = {{"value", value_in_si}};
  if (!fact.unit.empty()) {
    value["unit"] = fact.unit;
  }
  return with_override(fact.kind, fact.id, fact.pointer, value);
}

}  // namespace aifactory
