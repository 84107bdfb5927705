#include <nlohmann/json.hpp>

#include "models/catalog/entry_types.h"
#include "models/catalog/probe_file.h"
#include "models/catalog/suggest.h"
#include "models/catalog/table_documents.h"
#include "sim/scenario/scenario_table.h"
#include "tools/aifactory/command.h"

namespace aifactory {

namespace {

nlohmann::json schema_of(const std::string& what) {
  if (what == "scenario" || what == "scenario/1") {
    nlohmann::json schema = json_schema(scenario_table());
    schema["properties"]["extends"] = {{"type", "string"},
                                       {"description", "scenario this one is laid over, relative to its file"}};
    return schema;
  }
  if (what == "kernel-probe" || what == "kernel-probe/1") {
    return json_schema(probe_table());
  }
  if (const EntryType* type = find_entry_type(what)) {
    return json_schema(*type->table);
  }
  std::vector<std::string> known = {"scenario", "kernel-probe"};
  for (const EntryType& type : entry_types()) {
    known.push_back(type.table->core().name);
  }
  std::string all;
  for (const std::string& name : known) {
    all += (all.empty() ? "one of: " : ", ") + name;
  }
  const std::string near = suggestion(what, known);
  throw ConfigError("schema", "", "nothing is called \"" + what + "\"", near.empty() ? all : near);
}

}  // namespace

void add_schema(CLI::App& app, CommonOptions&) {
  auto what = std::make_shared<std::string>();
  CLI::App* command = app.add_subcommand("schema", "JSON Schema of scenario and catalogue files, for editors");
  command->add_option("WHAT", *what, "scenario, accelerator, system, llm, site...")->required()->type_name("KIND");
  command->callback([what] { print(schema_of(*what).dump(2) + "\n"); });
}

}  // namespace aifactory
