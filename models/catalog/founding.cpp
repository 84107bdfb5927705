// The founding of facts: own members first, then the "facts" block of the file that states the value.
#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <span>

#include "models/catalog/catalog.h"
#include "models/catalog/scalar.h"
#include "models/catalog/suggest.h"

namespace aifactory::detail {

namespace {

using nlohmann::json;

// Where one member of a founding is stated.
struct Stated {
  const json* value = nullptr;
  std::string pointer;
};

Stated look_up(const char* member, const json* fact, const json* block, const std::string& pointer) {
  if (fact != nullptr && fact->contains(member)) {
    return {&fact->at(member), pointer + "/" + member};
  }
  if (block != nullptr && block->contains(member)) {
    return {&block->at(member), std::string("/facts/") + member};
  }
  return {};
}

void problem_at(ReadContext& context, const std::string& pointer, std::string message, std::string hint = {}) {
  context.problems().add(context.file_at(pointer), pointer, std::move(message), std::move(hint));
}

std::vector<std::string> read_sources(const Stated& stated, ReadContext& context) {
  std::vector<std::string> keys;
  const auto take = [&](const json& key, const std::string& pointer) {
    if (!key.is_string() || key.get_ref<const std::string&>().empty()) {
      problem_at(context, pointer, fmt::format("expected a key of sources.json, got {}", shown(key)));
      return;
    }
    const std::string& text = key.get_ref<const std::string&>();
    const auto& sources = context.catalog->sources();
    if (sources.find(text) == sources.end()) {
      std::vector<std::string> known;
      for (const auto& [name, source] : sources) {
        known.push_back(name);
      }
      problem_at(context, pointer, fmt::format("unknown source {}", shown(key)),
                 suggestion(text, known).empty() ? "add it to sources.json" : suggestion(text, known));
      return;
    }
    keys.push_back(text);
  };
  if (!stated.value->is_array()) {
    take(*stated.value, stated.pointer);
    return keys;
  }
  if (stated.value->empty()) {
    problem_at(context, stated.pointer, "lists no source");
  }
  for (std::size_t i = 0; i < stated.value->size(); ++i) {
    take((*stated.value)[i], stated.pointer + "/" + std::to_string(i));
  }
  return keys;
}

template <class E>
std::optional<E> read_grade(const Stated& stated, std::span<const std::string_view> names, ReadContext& context) {
  if (stated.value->is_string()) {
    const auto found = std::find(names.begin(), names.end(), stated.value->get_ref<const std::string&>());
    if (found != names.end()) {
      return static_cast<E>(found - names.begin());
    }
  }
  const std::vector<std::string> choices(names.begin(), names.end());
  problem_at(context, stated.pointer, fmt::format("{} is not a choice here", shown(*stated.value)),
             suggestion(stated.value->is_string() ? stated.value->get<std::string>() : "", choices));
  return std::nullopt;
}

std::string read_as_of(const Stated& stated, ReadContext& context) {
  if (stated.value->is_string() && parse_date(stated.value->get_ref<const std::string&>())) {
    return stated.value->get<std::string>();
  }
  problem_at(context, stated.pointer, fmt::format("{} is no date", shown(*stated.value)),
             "write YYYY, YYYY-MM or YYYY-MM-DD");
  return {};
}

}  // namespace

std::optional<Founding> founding_of(const json* fact, ReadContext& context) {
  const std::string& pointer = context.pointer();
  const json& layer = *context.entry()->layer_of(pointer).json;
  const auto found = layer.find("facts");
  const json* block = found != layer.end() && found->is_object() ? &*found : nullptr;
  const std::size_t before = context.problems().reports();

  Founding founding;
  const auto missing = [&](const char* member) {
    problem_at(context, pointer, fmt::format("states no \"{}\"", member),
               fmt::format("give it here or in the \"facts\" block of the file"));
  };
  if (const Stated source = look_up("source", fact, block, pointer); source.value != nullptr) {
    founding.sources = read_sources(source, context);
  } else {
    missing("source");
  }
  if (const Stated as_of = look_up("as_of", fact, block, pointer); as_of.value != nullptr) {
    founding.as_of = read_as_of(as_of, context);
  } else {
    missing("as_of");
  }
  if (const Stated evidence = look_up("evidence", fact, block, pointer); evidence.value != nullptr) {
    founding.evidence = read_grade<Evidence>(evidence, kEvidenceNames, context).value_or(Evidence::kEstimate);
  } else {
    missing("evidence");
  }
  if (const Stated confidence = look_up("confidence", fact, block, pointer); confidence.value != nullptr) {
    founding.confidence = read_grade<Confidence>(confidence, kConfidenceNames, context).value_or(Confidence::kLow);
  } else {
    missing("confidence");
  }
  if (const Stated note = look_up("note", fact, block, pointer); note.value != nullptr) {
    if (note.value->is_string()) {
      founding.note = note.value->get<std::string>();
    } else {
      problem_at(context, note.pointer, fmt::format("expected text, got {}", shown(*note.value)));
    }
  }
  return context.problems().reports() == before ? std::optional(founding) : std::nullopt;
}

}  // namespace aifactory::detail
