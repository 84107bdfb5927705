#include <algorithm>

#include "models/catalog/suggest.h"
#include "sim/study/flow_jobs.h"
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
  std::vector<std::string> failures, jobs;
  std::string packet_switch;
};

const std::vector<std::string> kRoutings = {"deterministic", "hashed", "sprayed"};  // in the order of Routing

std::size_t index_of(const std::string& option, const std::string& value, const std::vector<std::string>& names) {
  const auto found = std::find(names.begin(), names.end(), value);
  if (found == names.end()) {
    throw ConfigError("flows", "", "\"" + value + "\" is no value of " + option, suggestion(value, names));
  }
  return static_cast<std::size_t>(found - names.begin());
}

void solve_flows(const FlowsCommand& options, CommonOptions& common) {
  if (!options.file.empty() + !options.pattern.empty() + !options.jobs.empty() != 1) {
    throw ConfigError("flows", "", "give a file of flows, --generate PATTERN or --job JOB, one of them",
                      "e.g. aifactory flows --generate permutation --hosts 1024 --topology clos3");
  }
  FlowCase flow_case;
  FlowTimes times;
  std::vector<FlowJobTimes> jobs;
  if (!options.file.empty()) {
    if (!options.failures.empty()) {
      throw ConfigError("flows", "", "--fail is of a topology; a file has \"events\"", "--generate or --job");
    }
    flow_case = read_flow_case(options.file);
    times = solve_flow_case(flow_case);
    jobs = job_times(flow_case, times);
  } else {
    FlowRequest request = options.request;
    request.routing = static_cast<Routing>(index_of("--routing", options.routing, kRoutings));
    request.topology = topology_spec(options.topology, "flows");
    for (const std::string& failure : options.failures) {
      request.failures.push_back(failure_of(failure));
    }
    if (!options.jobs.empty()) {
      const Catalog catalog = load_catalog(common);
      jobs = run_jobs(catalog, {request, options.jobs, options.packet_switch}, flow_case, times);
    } else {
      request.pattern = static_cast<FlowPattern>(index_of("--generate", options.pattern, flow_pattern_names()));
      if (request.failures.empty()) {
        flow_case = generate_flow_case(request);
        times = solve_flow_case(flow_case);
      } else {
        times = solve_with_failures(request, flow_case);
      }
    }
  }
  print(options.format == "json" ? flow_times_json(flow_case, times, jobs) : flow_times_text(flow_case, times, jobs));
}

void flows(const FlowsCommand& options, CommonOptions& common) {
  within_the_clock([&] { solve_flows(options, common); });
}

}  // namespace

void add_flows(CLI::App& app, CommonOptions& common) {
  auto options = std::make_shared<FlowsCommand>();
  CLI::App* command = app.add_subcommand("flows", "Completion times of flows that share links, max-min fair");
  command
      ->add_option("FILE", options->file,
                   "flows/1 file, plain or .gz; beside links and flows it may have events (links that fail, slow "
                   "down and return), other routes of a flow (otherwise) and the job a flow belongs to")
      ->type_name("FILE");
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
  command
      ->add_option(
          "--fail", options->failures,
          "link:N or switch:N, from a date in s on or between two: link:12@0.5-2; flows are rerouted around it "
          "or wait (--generate), jobs know failures from the start on (--job)")
      ->type_name("WHAT[@FROM[-TO]]");
  command
      ->add_option("--job", options->jobs,
                   "A collective on hosts of the topology, side by side with the other jobs; repeatable: "
                   "ring_all_reduce, tree_all_reduce, hierarchical_all_reduce, in_network_all_reduce, ring_all_gather, "
                   "pat_all_gather, all_to_all, rail_all_to_all, expert_dispatch, broadcast; hosts FIRST-LAST[/STRIDE]")
      ->type_name("COLLECTIVE,BYTES,HOSTS[,GROUP]");
  command
      ->add_option("--switch", options->packet_switch, "Switch of the catalogue: what reduces in the network (--job)")
      ->type_name("ID");
  command->add_option("--seed", options->request.seed, "Seed of the pattern")->capture_default_str()->type_name("N");
  command->add_option("--format", options->format, "table or json")
      ->check(CLI::IsMember({"table", "json"}))
      ->type_name("FORMAT");
  command->callback([options, &common] { flows(*options, common); });
}

}  // namespace aifactory
