#include <algorithm>

#include "models/catalog/suggest.h"
#include "sim/study/flows.h"
#include "tools/aifactory/command.h"
#include "tools/aifactory/topology_options.h"

namespace aifactory {

namespace {

struct FlowsCommand {
  std::string file;
  std::string pattern;
  std::string routing = "deterministic";
  std::string format = "table";
  FlowRequest request;
  TopologyOptions topology;
};

const std::vector<std::string> kRoutings = {"deterministic", "hashed", "sprayed"};  // in the order of Routing

std::size_t index_of(const std::string& option, const std::string& value, const std::vector<std::string>& names) {
  const auto found = std::find(names.begin(), names.end(), value);
  if (found == names.end()) {
    throw ConfigError("flows", "", "\"" + value + "\" is no value of " + option, suggestion(value, names));
  }
  return static_cast<std::size_t>(found - names.begin());
}

FlowCase flow_case_of(const FlowsCommand& options) {
  if (options.file.empty() == options.pattern.empty()) {
    throw ConfigError("flows", "", "give a file of flows or --generate PATTERN, one of them",
                      "e.g. aifactory flows --generate permutation --hosts 1024 --topology clos3");
  }
  if (!options.file.empty()) {
    return read_flow_case(options.file);
  }
  FlowRequest request = options.request;
  request.pattern = static_cast<FlowPattern>(index_of("--generate", options.pattern, flow_pattern_names()));
  request.routing = static_cast<Routing>(index_of("--routing", options.routing, kRoutings));
  request.topology = topology_spec(options.topology, "flows");
  return generate_flow_case(request);
}

void flows(const FlowsCommand& options) {
  const FlowCase flow_case = flow_case_of(options);
  const FlowTimes times = solve_flow_case(flow_case);
  print(options.format == "json" ? flow_times_json(flow_case, times) : flow_times_text(flow_case, times));
}

}  // namespace

void add_flows(CLI::App& app, CommonOptions&) {
  auto options = std::make_shared<FlowsCommand>();
  CLI::App* command = app.add_subcommand("flows", "Completion times of flows that share links, max-min fair");
  command->add_option("FILE", options->file, "flows/1 file, plain or .gz")->type_name("FILE");
  command->add_option("--generate", options->pattern, "permutation, incast, alltoall, ring or random")
      ->type_name("PATTERN");
  command
      ->add_option("--topology", options->topology.spec.shape,
                   "clos2, clos3, rail, domain, mesh, dragonfly, torus or buildings")
      ->capture_default_str()
      ->type_name("T");
  add_topology_options(*command, options->topology);
  command->add_option("--routing", options->routing, "deterministic, hashed or sprayed")
      ->capture_default_str()
      ->type_name("R");
  command->add_option("--flows", options->request.flows, "So many, by repeating the pattern in fresh orders; 0: once")
      ->capture_default_str()
      ->type_name("N");
  command->add_option("--fan-in", options->request.fan_in, "Senders per receiver (incast)")
      ->capture_default_str()
      ->type_name("N");
  command->add_option("--seed", options->request.seed, "Seed of the pattern")->capture_default_str()->type_name("N");
  command->add_option("--format", options->format, "table or json")
      ->check(CLI::IsMember({"table", "json"}))
      ->type_name("FORMAT");
  command->callback([options] { flows(*options); });
}

}  // namespace aifactory
