#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <tuple>

#include "models/catalog/entry_types.h"
#include "models/catalog/suggest.h"
#include "models/catalog/table_documents.h"
#include "sim/scenario/metric_table.h"
#include "sim/scenario/scenario_table.h"
#include "tools/aifactory/command.h"
#include "tools/aifactory/text_table.h"
#include "tools/aifactory/topology_options.h"

namespace aifactory {

namespace {

struct ShowOptions {
  std::string what;
  std::string id;
  std::string as_of;
  std::string format = "table";
  TopologyOptions topology;
  TopologyPartIds parts;
};

nlohmann::json to_json(const TextTable& table) {
  nlohmann::json rows = nlohmann::json::array();
  for (const auto& row : table.rows) {
    nlohmann::json object = nlohmann::json::object();
    for (std::size_t c = 0; c < table.header.size() && c < row.size(); ++c) {
      object[table.header[c]] = row[c];
    }
    rows.push_back(std::move(object));
  }
  return rows;
}

void output(const TextTable& table, const ShowOptions& options) {
  if (options.format == "json") {
    print(to_json(table).dump(1) + "\n");
  } else {
    print(options.format == "markdown" ? render_markdown(table) : render_text(table));
  }
}

std::string joined(const std::vector<std::string>& words) {
  return fmt::format("{}", fmt::join(words, ", "));
}

TextTable metrics(const std::string& id) {
  TextTable table;
  table.header = {"metric", "unit", "better", "formula"};
  for (const MetricSpec& spec : metric_table()) {
    if (id.empty() || spec.name == id) {
      const char* better = spec.direction == Direction::kHigherIsBetter  ? "higher"
                           : spec.direction == Direction::kLowerIsBetter ? "lower"
                                                                         : "";
      table.rows.push_back({std::string(spec.name), std::string(spec.unit), better, std::string(spec.formula)});
    }
  }
  if (table.rows.empty()) {
    throw ConfigError("show metrics", "", "no metric \"" + id + "\"", suggestion(id, metric_names()));
  }
  return table;
}

TextTable scenario_fields() {
  TextTable table;
  table.header = {"field", "type", "unit", "default", "range", "what", "why this default"};
  for (const FieldDoc& field : document(scenario_table())) {
    table.rows.push_back({field.path, field.type, field.unit, field.required ? "required" : field.default_text,
                          field.range, field.doc, field.default_reason});
  }
  return table;
}

TextTable sources(const Catalog& catalog, const std::string& id) {
  TextTable table;
  table.header = {"key", "date", "publisher", "title", "url"};
  std::vector<std::string> keys;
  for (const auto& [key, source] : catalog.sources()) {
    keys.push_back(key);
    if (id.empty() || key == id) {
      table.rows.push_back({key, source.date, source.publisher, source.title, source.url});
    }
  }
  if (table.rows.empty()) {
    throw ConfigError("show sources", "", "no source \"" + id + "\"", suggestion(id, keys));
  }
  return table;
}

TextTable entries(const Catalog& catalog, const std::string& kind) {
  TextTable table;
  table.header = {"id", "name", "also called"};
  for (const std::string& id : catalog.ids(kind)) {
    const auto entry = catalog.get(kind, id);
    table.rows.push_back({id, entry->name, joined(entry->aliases)});
  }
  return table;
}

TextTable entry_facts(const Catalog& catalog, const std::string& kind, const std::string& id) {
  const auto entry = catalog.get(kind, id);
  const EntryType* type = find_entry_type(entry->schema);
  TextTable table;
  table.header = {"fact", "value", "P10", "P90", "evidence", "confidence", "as of", "source", "note"};
  for (const FactRecord& fact : facts_of(catalog, *entry, *type->table)) {
    const auto bound = [&](double value) {
      return fact.has_band() ? (fact.unit.empty() ? fmt::format("{}", value) : human(value, fact.unit)) : std::string();
    };
    table.rows.push_back({fact.pointer, fact.text, bound(fact.low), bound(fact.high),
                          std::string(name(fact.founding.evidence)), std::string(name(fact.founding.confidence)),
                          fact.founding.as_of, joined(fact.founding.sources), fact.founding.note});
  }
  return table;
}

void show(const ShowOptions& options, CommonOptions& common) {
  if (options.what == "metrics") {
    output(metrics(options.id), options);
    return;
  }
  if (options.what == "scenario") {
    output(scenario_fields(), options);
    return;
  }
  const Catalog catalog = load_catalog(common, options.as_of);
  if (options.what == "sources") {
    output(sources(catalog, options.id), options);
    return;
  }
  if (options.what == "topologies") {
    if (options.id.empty()) {
      output(topology_shapes_table(), options);
      return;
    }
    std::string drawing;
    const TextTable table = topology_table(catalog, options.id, options.topology, options.parts, drawing);
    print(options.format == "table" ? drawing + "\n" : "");
    output(table, options);
    return;
  }
  std::vector<std::string> kinds = entry_folders();
  if (std::find(kinds.begin(), kinds.end(), options.what) == kinds.end()) {
    kinds.insert(kinds.end(), {"metrics", "scenario", "sources", "topologies"});
    const std::string near = suggestion(options.what, kinds);
    throw ConfigError("show", "", "nothing is called \"" + options.what + "\"",
                      near.empty() ? "one of: " + joined(kinds) : near);
  }
  output(options.id.empty() ? entries(catalog, options.what) : entry_facts(catalog, options.what, options.id), options);
}

}  // namespace

void add_show(CLI::App& app, CommonOptions& common) {
  auto options = std::make_shared<ShowOptions>();
  CLI::App* command = app.add_subcommand("show", "The catalogue, the metrics, the fields of a scenario");
  command
      ->add_option(
          "WHAT", options->what,
          "accelerators, systems, fabrics, llms, sites, energy, prices, metrics, scenario, sources, topologies...")
      ->required()
      ->type_name("KIND");
  command->add_option("ID", options->id, "One entry, with the source of every fact")->type_name("ID");
  command->add_option("--as-of", options->as_of, "What was known on this date")->type_name("DATE");
  command->add_option("--format", options->format, "table, json or markdown")
      ->check(CLI::IsMember({"table", "json", "markdown"}))
      ->type_name("FORMAT");
  options->topology.spec.hosts = 1024;
  add_topology_options(*command, options->topology);
  for (const auto& [name, id, what] : {std::tuple("--switch", &options->parts.packet_switch, "packet switch"),
                                       std::tuple("--nic", &options->parts.nic, "network interface"),
                                       std::tuple("--optic", &options->parts.optic, "optical module")}) {
    command->add_option(name, *id, std::string("Catalogue id of the ") + what)->type_name("ID")->group("Topologies");
  }
  command->callback([options, &common] { show(*options, common); });
}

}  // namespace aifactory
