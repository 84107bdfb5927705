#include "models/catalog/catalog_files.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <system_error>

#include "models/catalog/entry_types.h"
#include "models/catalog/json_reader.h"
#include "models/catalog/scalar.h"
#include "models/catalog/suggest.h"

namespace aifactory::detail {

namespace {

using nlohmann::json;
namespace fs = std::filesystem;

// Stems of the .json files directly in a folder, sorted.
std::vector<std::string> json_stems(const fs::path& folder) {
  std::vector<std::string> stems;
  std::error_code error;
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    if (it->path().extension() == ".json") {
      stems.push_back(it->path().stem().string());
    }
  }
  std::sort(stems.begin(), stems.end());
  return stems;
}

// Objects key by key; facts, arrays and scalars replaced.
void merge_over(json& base, const json& overlay) {
  if (!base.is_object() || !overlay.is_object() || is_fact(base) || is_fact(overlay)) {
    base = overlay;
    return;
  }
  for (const auto& [key, value] : overlay.items()) {
    const auto member = base.find(key);
    if (member == base.end()) {
      base[key] = value;
    } else {
      merge_over(*member, value);
    }
  }
}

std::string text_member(const json& object, const char* member, const std::string& file, bool required,
                        Problems& problems) {
  const auto found = object.find(member);
  if (found == object.end()) {
    if (required) {
      problems.add(file, std::string("/") + member, fmt::format("\"{}\" is missing", member));
    }
    return {};
  }
  if (!found->is_string() || found->get_ref<const std::string&>().empty()) {
    problems.add(file, std::string("/") + member, fmt::format("expected text, got {}", shown(*found)));
    return {};
  }
  return found->get<std::string>();
}

void read_aliases(const json& object, const std::string& file, Entry& entry, Problems& problems) {
  const auto found = object.find("aliases");
  if (found == object.end()) {
    return;
  }
  if (!found->is_array()) {
    problems.add(file, "/aliases", fmt::format("expected a list of text, got {}", shown(*found)));
    return;
  }
  for (std::size_t i = 0; i < found->size(); ++i) {
    const json& alias = (*found)[i];
    if (!alias.is_string() || alias.get_ref<const std::string&>().empty()) {
      problems.add(file, child_pointer("/aliases", i), fmt::format("expected text, got {}", shown(alias)));
    } else {
      entry.aliases.push_back(alias.get<std::string>());
    }
  }
}

void read_schema(const std::string& schema, const std::string& file, const std::string& kind, Problems& problems) {
  const EntryType* type = find_entry_type(schema);
  if (schema.empty() || (type != nullptr && type->table->core().schema_id() == schema && type->folder == kind)) {
    return;
  }
  std::vector<std::string> known;
  for (const EntryType& candidate : entry_types()) {
    if (candidate.folder == kind) {
      known.push_back(candidate.table->core().schema_id());
    }
  }
  problems.add(file, "/schema", fmt::format("\"{}\" is not a schema of {}/", brief(schema, 60), kind),
               suggestion(schema, known));
}

// The entry of one id from the layers that state it.
std::shared_ptr<const Entry> make_entry(const std::string& kind, const std::string& stem,
                                        const std::vector<std::string>& files, Problems& problems) {
  Entry entry;
  entry.kind = kind;
  json merged = json::object();
  for (const std::string& file : files) {
    JsonDocument document = load_json(file, problems);
    if (!document.ok()) {
      return nullptr;
    }
    if (!document.root->is_object()) {
      problems.add(file, "", fmt::format("expected an object, got {}", shown(*document.root)));
      return nullptr;
    }
    const auto facts = document.root->find("facts");
    if (facts != document.root->end() && !facts->is_object()) {
      problems.add(file, "/facts", fmt::format("expected an object, got {}", shown(*facts)));
    } else if (facts != document.root->end()) {
      static const std::vector<std::string> kMembers = {"source", "as_of", "evidence", "confidence", "note"};
      for (const auto& [key, value] : facts->items()) {
        if (std::find(kMembers.begin(), kMembers.end(), key) == kMembers.end()) {
          problems.add(file, child_pointer("/facts", key), fmt::format("unknown key \"{}\"", brief(key, 60)),
                       suggestion(key, kMembers));
        }
      }
    }
    merge_over(merged, *document.root);
    entry.layers.push_back({file, document.text, document.root});
  }
  const std::string& file = files.front();
  entry.schema = text_member(merged, "schema", file, true, problems);
  read_schema(entry.schema, file, kind, problems);
  entry.id = text_member(merged, "id", file, true, problems);
  entry.name = text_member(merged, "name", file, true, problems);
  read_aliases(merged, files.back(), entry, problems);
  if (!entry.id.empty() && (entry.id != stem || !is_id(entry.id))) {
    problems.add(file, "/id", fmt::format("\"{}\" is not the name of its file, {}.json", brief(entry.id, 60), stem),
                 is_id(stem) ? "" : "ids are lower-case letters, digits, _ . -, a letter first, at most 64");
  }
  if (!problems.empty()) {
    return nullptr;
  }
  entry.json = std::make_shared<const json>(std::move(merged));
  return std::make_shared<const Entry>(std::move(entry));
}

void claim(KindFiles& files, const std::string& name, const Entry& entry) {
  const auto [claimed, is_new] = files.aliases.emplace(name, entry.id);
  const bool is_id_of_other = name != entry.id && files.entries.find(name) != files.entries.end();
  if ((!is_new && claimed->second != entry.id) || is_id_of_other) {
    files.conflicts.add(
        entry.layers.back().file, "/aliases",
        fmt::format("alias \"{}\" also names {}", brief(name, 60), is_id_of_other ? name : claimed->second));
  }
}

}  // namespace

std::string lower_case(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return out;
}

KindFiles load_kind(const std::vector<std::string>& roots, const std::string& kind) {
  std::map<std::string, std::vector<std::string>> layers;  // stem -> files, base first
  for (const std::string& root : roots) {
    const fs::path folder = fs::path(root) / kind;
    for (const std::string& stem : json_stems(folder)) {
      layers[stem].push_back((folder / (stem + ".json")).string());
    }
  }
  KindFiles out;
  for (const auto& [stem, files] : layers) {
    Problems problems;
    if (auto entry = make_entry(kind, stem, files, problems)) {
      out.entries.emplace(entry->id, std::move(entry));
    } else {
      out.broken.emplace(stem, std::move(problems));
    }
  }
  for (const auto& [id, entry] : out.entries) {
    for (const std::string& alias : entry->aliases) {
      claim(out, alias, *entry);
    }
  }
  for (const auto& [id, entry] : out.entries) {
    out.folded.insert_or_assign(lower_case(id), id);
  }
  for (const auto& [alias, id] : out.aliases) {
    out.folded.emplace(lower_case(alias), id);
  }
  return out;
}

std::map<std::string, Source> load_sources(const std::vector<std::string>& roots, Problems& problems) {
  static const std::vector<std::string> kMembers = {"title", "url", "date", "publisher"};
  std::map<std::string, Source> sources;
  for (std::size_t i = 0; i < roots.size(); ++i) {
    const fs::path path = fs::path(roots[i]) / "sources.json";
    std::error_code error;
    if (i > 0 && !fs::exists(path, error)) {
      continue;  // an overlay may cite what is known already
    }
    const std::string file = path.string();
    const JsonDocument document = load_json(file, problems);
    if (!document.ok()) {
      continue;
    }
    if (!document.root->is_object()) {
      problems.add(file, "", fmt::format("expected an object, got {}", shown(*document.root)));
      continue;
    }
    for (const auto& [key, value] : document.root->items()) {
      const std::string pointer = child_pointer("", key);
      if (!value.is_object()) {
        problems.add(file, pointer, fmt::format("expected an object with a \"title\", got {}", shown(value)));
        continue;
      }
      Source source;
      source.key = key;
      for (const auto& [member, text] : value.items()) {
        if (std::find(kMembers.begin(), kMembers.end(), member) == kMembers.end()) {
          problems.add(file, child_pointer(pointer, member), fmt::format("unknown key \"{}\"", brief(member, 60)),
                       suggestion(member, kMembers));
        } else if (!text.is_string() || text.get_ref<const std::string&>().empty()) {
          problems.add(file, child_pointer(pointer, member), fmt::format("expected text, got {}", shown(text)));
        } else {
          (member == "title"  ? source.title
           : member == "url"  ? source.url
           : member == "date" ? source.date
                              : source.publisher) = text.get<std::string>();
        }
      }
      if (!value.contains("title")) {
        problems.add(file, child_pointer(pointer, "title"), "\"title\" is missing");
      }
      if (!source.date.empty() && !parse_date(source.date)) {
        problems.add(file, child_pointer(pointer, "date"), fmt::format("\"{}\" is no date", brief(source.date, 60)),
                     "write YYYY, YYYY-MM or YYYY-MM-DD");
      }
      sources.insert_or_assign(key, std::move(source));
    }
  }
  return sources;
}

void check_folders(const std::vector<std::string>& roots, Problems& problems) {
  const std::vector<std::string> known = entry_folders();
  for (const std::string& root : roots) {
    std::vector<std::string> unknown;
    std::error_code error;
    for (fs::directory_iterator it(root, error), end; !error && it != end; it.increment(error)) {
      const std::string name = it->path().filename().string();
      if (it->is_directory(error) && std::find(known.begin(), known.end(), name) == known.end() &&
          !json_stems(it->path()).empty()) {
        unknown.push_back(name);
      }
    }
    std::sort(unknown.begin(), unknown.end());
    for (const std::string& name : unknown) {
      problems.add((fs::path(root) / name).string(), "", "no kind of catalogue entry lives in a folder of this name",
                   suggestion(name, known));
    }
  }
}

}  // namespace aifactory::detail
