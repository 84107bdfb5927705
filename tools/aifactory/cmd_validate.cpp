#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "models/catalog/entry_types.h"
#include "models/catalog/json_reader.h"
#include "models/catalog/probe_file.h"
#include "sim/scenario/resolved.h"
#include "sim/scenario/scenario_file.h"
#include "tools/aifactory/command.h"

namespace aifactory {

namespace {

// A scenario is read, and every name in it looked up; nothing is run.
void validate_scenario(const std::string& path, const Catalog& catalog, Problems& problems) {
  const ScenarioDocument document = ScenarioDocument::load(path, problems);
  if (!problems.empty()) {
    return;
  }
  ReadLog log;
  const Scenario scenario = document.read(catalog, &log, problems);
  if (problems.empty()) {
    static_cast<void>(resolve(scenario, catalog, log, problems));
  }
}

// A catalogue entry outside the catalogue: read through the table its `schema` names.
void validate_entry(const JsonDocument& document, const EntryType& type, const Catalog& catalog, Problems& problems) {
  Entry entry;
  entry.kind = type.folder;
  entry.schema = type.table->core().schema_id();
  if (const auto id = document.root->find("id"); id != document.root->end() && id->is_string()) {
    entry.id = id->get<std::string>();
  }
  entry.json = document.root;
  entry.layers = {{document.file, document.text, document.root}};
  read_entry(type.table->core(), nullptr, catalog, entry, problems, nullptr);
}

void validate_file(const std::string& path, const Catalog& catalog, Problems& problems) {
  Problems syntax;
  const JsonDocument document = load_json(path, syntax);
  if (!document.ok()) {
    problems.merge(syntax);
    return;
  }
  const bool names_schema =
      document.root->is_object() && document.root->contains("schema") && (*document.root)["schema"].is_string();
  const EntryType* type = names_schema ? find_entry_type((*document.root)["schema"].get<std::string>()) : nullptr;
  if (names_schema && is_probe_text(*document.text)) {
    static_cast<void>(parse_probe_file(*document.text, path, problems));
  } else if (type != nullptr) {
    validate_entry(document, *type, catalog, problems);
  } else {
    validate_scenario(path, catalog, problems);
  }
}

void validate(const std::vector<std::string>& files, CommonOptions& common) {
  const Catalog catalog = load_catalog(common);
  std::size_t bad = 0;
  for (const std::string& file : files) {
    Problems problems;
    validate_file(file, catalog, problems);
    if (problems.empty()) {
      print(file + ": ok\n");
      continue;
    }
    ++bad;
    for (const Problem& problem : problems.sorted()) {
      fmt::print(stderr, "{}\n", problem.text());
    }
  }
  common.exit_code = bad == 0 ? kExitOk : kExitBadInput;
}

}  // namespace

void add_validate(CLI::App& app, CommonOptions& common) {
  auto files = std::make_shared<std::vector<std::string>>();
  CLI::App* command = app.add_subcommand("validate", "All problems of scenario, catalogue or kernel_probe files");
  command->add_option("FILE", *files, "Scenario, catalogue entry or kernel-probe/1")->required()->type_name("FILE...");
  command->callback([files, &common] { validate(*files, common); });
}

}  // namespace aifactory
