#include "sim/scenario/scenario_file.h"

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>

#include "models/catalog/json_reader.h"
#include "models/catalog/sha256.h"
#include "models/catalog/suggest.h"
#include "sim/scenario/scenario_table.h"

namespace aifactory {

namespace {

using nlohmann::json;

constexpr std::size_t kMaxExtends = 32;
constexpr const char* kSetOrigin = "--set";

bool keyed_by_id(const json& array) {
  return array.is_array() && !array.empty() && std::all_of(array.begin(), array.end(), [](const json& element) {
           return element.is_object() && element.contains("id") && element["id"].is_string();
         });
}

std::string id_of(const json& element) {
  return element.is_object() && element.contains("id") && element["id"].is_string() ? element["id"].get<std::string>()
                                                                                    : std::string();
}

// The overlay laid over the base in place.
void merge_over(json& base, const json& overlay) {
  if (base.is_object() && overlay.is_object()) {
    for (const auto& [key, value] : overlay.items()) {
      if (value.is_null()) {
        base.erase(key);
      } else if (base.contains(key)) {
        merge_over(base[key], value);
      } else {
        base[key] = value;
      }
    }
    return;
  }
  if (keyed_by_id(base) && keyed_by_id(overlay)) {
    for (const json& element : overlay) {
      const auto same =
          std::find_if(base.begin(), base.end(), [&](const json& other) { return id_of(other) == id_of(element); });
      if (same == base.end()) {
        base.push_back(element);
      } else {
        merge_over(*same, element);
      }
    }
    return;
  }
  base = overlay;
}

void find_nulls(const json& value, const std::string& pointer, const std::string& file, Problems& problems) {
  if (value.is_null()) {
    problems.add(file, pointer, "null deletes a key of an extended scenario, and this one extends nothing",
                 "leave the key out");
  } else if (value.is_object()) {
    for (const auto& [key, member] : value.items()) {
      find_nulls(member, child_pointer(pointer, key), file, problems);
    }
  } else if (value.is_array()) {
    for (std::size_t i = 0; i < value.size(); ++i) {
      find_nulls(value[i], child_pointer(pointer, i), file, problems);
    }
  }
}

// The index an array token names: a number, @id, or '-' for one past the end. Nothing when it names none.
std::optional<std::size_t> element_index(const json& array, const std::string& token) {
  if (token == "-") {
    return array.size();
  }
  if (!token.empty() && token[0] == '@') {
    for (std::size_t i = 0; i < array.size(); ++i) {
      if (id_of(array[i]) == token.substr(1)) {
        return i;
      }
    }
    return std::nullopt;
  }
  if (token.empty() || token.size() > 9 || token.find_first_not_of("0123456789") != std::string::npos ||
      (token.size() > 1 && token[0] == '0')) {
    return std::nullopt;
  }
  const std::size_t index = std::stoul(token);
  return index < array.size() ? std::optional<std::size_t>(index) : std::nullopt;
}

std::string element_hint(const json& array) {
  std::string hint = array.empty() ? "the list is empty; '-' appends"
                                   : "an index from 0 to " + std::to_string(array.size() - 1) + ", '-' to append";
  for (const json& element : array) {
    if (const std::string id = id_of(element); !id.empty()) {
      hint += ", @" + id;
    }
  }
  return hint;
}

}  // namespace

ScenarioDocument ScenarioDocument::load(const std::string& path, Problems& problems) {
  ScenarioDocument document;
  document.file_ = path;
  document.root_ = std::make_shared<json>(json::object());
  std::vector<std::string> chain;
  document.merge_file(path, chain, problems);
  return document;
}

ScenarioDocument ScenarioDocument::make(json root, std::string name) {
  ScenarioDocument document;
  document.file_ = std::move(name);
  document.root_ = std::make_shared<json>(std::move(root));
  document.stamp(*document.root_, "", kSetOrigin);
  return document;
}

void ScenarioDocument::merge_file(const std::string& path, std::vector<std::string>& chain, Problems& problems) {
  std::error_code ignored;
  const std::string canonical = std::filesystem::weakly_canonical(path, ignored).string();
  const JsonDocument document = load_json(path, problems);
  if (!document.ok()) {
    return;
  }
  if (!document.root->is_object()) {
    problems.add(path, "", "a scenario is a JSON object", R"({"schema": "scenario/1", ...})");
    return;
  }
  chain.push_back(canonical);
  json own = *document.root;
  if (!own.contains("extends")) {
    find_nulls(own, "", path, problems);
  } else {
    const json base = own["extends"];
    own.erase("extends");
    if (!base.is_string() || base.get<std::string>().empty()) {
      problems.add(path, "/extends", "is not the path of a scenario", "a file relative to this one");
    } else {
      const std::string base_path =
          (std::filesystem::path(path).parent_path() / base.get<std::string>()).lexically_normal().string();
      const std::string base_canonical = std::filesystem::weakly_canonical(base_path, ignored).string();
      if (std::find(chain.begin(), chain.end(), base_canonical) != chain.end()) {
        problems.add(path, "/extends", "extends itself by way of " + base.get<std::string>(), "break the cycle");
      } else if (chain.size() >= kMaxExtends) {
        problems.add(path, "/extends", "more than " + std::to_string(kMaxExtends) + " scenarios extend each other",
                     "flatten the chain");
      } else {
        merge_file(base_path, chain, problems);
      }
    }
  }
  merge_over(*root_, own);
  stamp(own, "", path);
}

// Values of an overlay may stand elsewhere in the merged document (elements merged by id), so stamps follow the ids.
void ScenarioDocument::stamp(const json& value, const std::string& pointer, const std::string& origin) {
  origin_[pointer] = origin;
  if (value.is_object()) {
    for (const auto& [key, member] : value.items()) {
      stamp(member, child_pointer(pointer, key), origin);
    }
  } else if (value.is_array()) {
    const json* merged = find_pointer(*root_, pointer);
    for (std::size_t i = 0; i < value.size(); ++i) {
      std::size_t at = i;
      if (merged != nullptr && merged->is_array() && keyed_by_id(*merged) && !id_of(value[i]).empty()) {
        const auto same = std::find_if(merged->begin(), merged->end(),
                                       [&](const json& element) { return id_of(element) == id_of(value[i]); });
        at = same == merged->end() ? i : static_cast<std::size_t>(same - merged->begin());
      }
      stamp(value[i], child_pointer(pointer, at), origin);
    }
  }
}

void ScenarioDocument::set(const std::string& assignment, Problems& problems) {
  const std::size_t split = assignment.find('=');
  if (split == std::string::npos) {
    problems.add(kSetOrigin, "", "'" + assignment + "' is not /pointer=VALUE", "e.g. --set /sites/0/power='2 GW'");
    return;
  }
  const std::string text = assignment.substr(split + 1);
  json value = json::parse(text, nullptr, false);
  if (value.is_discarded()) {
    value = text;
  } else {
    // Duplicate keys, depth and size are held to the same rules as in files.
    Problems syntax;
    const JsonDocument strict = parse_json(text, kSetOrigin, syntax);
    if (!strict.ok() && value.is_structured()) {
      for (const Problem& problem : syntax.sorted()) {
        problems.add(kSetOrigin, assignment.substr(0, split) + problem.pointer, problem.message, problem.hint);
      }
      return;
    }
  }
  set(assignment.substr(0, split), value, problems);
}

void ScenarioDocument::set(const std::string& pointer, const json& value, Problems& problems) {
  if (pointer.empty() || pointer[0] != '/') {
    problems.add(kSetOrigin, pointer, "is not a JSON pointer", "a path such as /fleet/0/system");
    return;
  }
  const std::vector<std::string> tokens = pointer_tokens(pointer);
  if (tokens.size() > kMaxJsonDepth) {
    problems.add(kSetOrigin, pointer, "is nested too deeply", "");
    return;
  }
  auto next = std::make_shared<json>(*root_);
  json* target = next.get();
  std::string at;
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    const bool last = i + 1 == tokens.size();
    if (target->is_array()) {
      const std::optional<std::size_t> index = element_index(*target, tokens[i]);
      if (!index) {
        problems.add(kSetOrigin, pointer, "no element \"" + tokens[i] + "\" in " + (at.empty() ? "/" : at),
                     element_hint(*target));
        return;
      }
      if (*index == target->size()) {
        target->push_back(last ? json() : json::object());
      }
      at = child_pointer(at, *index);
      target = &(*target)[*index];
    } else if (target->is_object()) {
      if (!target->contains(tokens[i])) {
        (*target)[tokens[i]] = last ? json() : (tokens[i + 1] == "-" ? json::array() : json::object());
      }
      at = child_pointer(at, tokens[i]);
      target = &(*target)[tokens[i]];
    } else {
      problems.add(kSetOrigin, pointer, (at.empty() ? "/" : at) + " is a plain value and has no members", "");
      return;
    }
  }
  *target = value;
  root_ = next;
  // What was stated below the pointer is gone.
  for (auto it = origin_.lower_bound(at); it != origin_.end() && it->first.compare(0, at.size(), at) == 0;) {
    it = (it->first.size() == at.size() || it->first[at.size()] == '/') ? origin_.erase(it) : std::next(it);
  }
  stamp(value, at, kSetOrigin);
}

std::string ScenarioDocument::file_of(const std::string& pointer) const {
  std::string at = pointer;
  while (true) {
    const auto found = origin_.find(at);
    if (found != origin_.end()) {
      return found->second;
    }
    if (at.empty()) {
      return file_;
    }
    at.erase(at.rfind('/'));
  }
}

std::string ScenarioDocument::hash() const {
  return sha256_hex(root_->dump());
}

Scenario ScenarioDocument::read(const Catalog& catalog, ReadLog* log, Problems& problems) const {
  ReadContext context(problems, file_);
  context.catalog = &catalog;
  context.log = log;
  context.file_of = [this](const std::string& pointer) { return file_of(pointer); };
  context.resolve_path = [this](const std::string& pointer, const std::string& written) {
    const std::string origin = file_of(pointer);
    if (origin == kSetOrigin) {
      return written;
    }
    return (std::filesystem::path(origin).parent_path() / written).lexically_normal().string();
  };
  // {"low": .., "mode": .., "high": ..} wherever a plain value may stand: the mode is read, the band is kept.
  std::vector<UncertainInput> bands;
  context.uncertain = [&bands](const json& object, const Field&, ReadContext& at) -> std::unique_ptr<json> {
    if (!object.contains("low") || !object.contains("mode") || !object.contains("high") || object.size() != 3) {
      return nullptr;
    }
    for (const auto& [key, member] : object.items()) {
      if (member.is_structured() || member.is_null()) {
        return nullptr;
      }
    }
    bands.push_back({at.pointer(), at.pointer(), object["low"].dump(), object["high"].dump()});
    return std::make_unique<json>(object["mode"]);
  };
  Scenario scenario = aifactory::read(scenario_table(), *root_, context);
  scenario.file = file_;
  scenario.uncertainty.insert(scenario.uncertainty.end(), bands.begin(), bands.end());
  return scenario;
}

}  // namespace aifactory
