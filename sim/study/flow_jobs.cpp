#include "sim/study/flow_jobs.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <limits>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "models/catalog/fabric_table.h"
#include "models/catalog/suggest.h"
#include "models/units/unit_text.h"

namespace aifactory {
namespace {

constexpr const char* kFailureForm = "e.g. --fail link:12 or --fail switch:140@0.5-2";
constexpr const char* kJobForm = "e.g. --job 'ring_all_reduce,1 GB,0-63'";

[[noreturn]] void bad(const char* option, const std::string& text, const std::string& what, const char* form) {
  throw ConfigError("flows", "", fmt::format("{} \"{}\": {}", option, brief(text, 60), what), form);
}

template <class Number>
bool read(std::string_view text, Number& value) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size();
}

std::vector<std::string> split(const std::string& text, char separator) {
  std::vector<std::string> parts(1);
  for (const char c : text) {
    if (c == separator) {
      parts.emplace_back();
    } else {
      parts.back() += c;
    }
  }
  return parts;
}

std::vector<VertexId> hosts_of(const std::string& text, const std::string& job, std::uint32_t hosts) {
  const std::vector<std::string> steps = split(text, '/');
  const std::vector<std::string> ends = split(steps.front(), '-');
  std::uint32_t first = 0;
  std::uint32_t last = 0;
  std::uint32_t stride = 1;
  if (ends.size() != 2 || steps.size() > 2 || !read(ends[0], first) || !read(ends[1], last) ||
      (steps.size() == 2 && !read(steps[1], stride)) || stride == 0) {
    bad("--job", job, fmt::format("\"{}\" are no hosts", brief(text, 30)), kJobForm);
  }
  if (last >= hosts || first >= last) {
    bad("--job", job, fmt::format("hosts go from 0 to {}, at least two of them", hosts - 1), kJobForm);
  }
  std::vector<VertexId> ranks;
  for (std::uint64_t host = first; host <= last; host += stride) {
    ranks.push_back(static_cast<VertexId>(host));
  }
  return ranks;
}

FabricNetwork network_of(const Catalog& catalog, const FlowJobsRequest& request, const Topology& topology) {
  FabricNetwork network;
  network.topology = &topology;
  network.routing = request.network.routing;
  network.seed = request.network.seed;
  if (!request.packet_switch.empty()) {
    const Switch part = load_switch(catalog, request.packet_switch);
    if (part.in_network_reduction) {
      network.reduction = {part.ports, part.reduction_bandwidth, part.latency};
      network.reduction_trees = part.reduction_trees;
    }
  }
  const Network& links = topology.network();
  for (const FabricFailure& failure : request.network.failures) {
    if (failure.at > 0.0 || failure.until < std::numeric_limits<double>::infinity()) {
      throw ConfigError("flows", "", "jobs know failures from the start on only", "e.g. --fail link:12");
    }
    if (failure.of_switch ? failure.id < links.hosts || failure.id >= links.vertices() : failure.id >= links.links()) {
      throw ConfigError("flows", "",
                        fmt::format("there is no {} {}", failure.of_switch ? "switch" : "link", failure.id),
                        fmt::format("{} links; switches are numbered from {} to {}", links.links(), links.hosts,
                                    links.vertices() - 1));
    }
    network.capacity = network.capacity.empty() ? links.capacity : network.capacity;
    for (LinkId link = 0; link < links.links(); ++link) {
      if (failure.of_switch ? links.from[link] == failure.id || links.to[link] == failure.id
                            : link / 2 == failure.id / 2) {
        network.capacity[link] = 0.0;
      }
    }
  }
  return network;
}

}  // namespace

FabricFailure failure_of(const std::string& text) {
  FabricFailure failure;
  failure.until = std::numeric_limits<double>::infinity();
  const std::vector<std::string> dated = split(text, '@');
  const std::vector<std::string> what = split(dated.front(), ':');
  if (what.size() != 2 || dated.size() > 2 || (what[0] != "link" && what[0] != "switch") ||
      !read(what[1], failure.id)) {
    bad("--fail", text, "is neither link:N nor switch:N", kFailureForm);
  }
  failure.of_switch = what[0] == "switch";
  if (dated.size() == 2) {
    const std::vector<std::string> dates = split(dated[1], '-');
    if (dates.size() > 2 || !read(dates[0], failure.at) || (dates.size() == 2 && !read(dates[1], failure.until))) {
      bad("--fail", text, "after @ come one or two dates in seconds", kFailureForm);
    }
  }
  return failure;
}

const std::vector<std::string>& fabric_collective_names() {
  // In the order of FabricCollective.
  static const std::vector<std::string> names = {
      "ring_all_reduce", "tree_all_reduce", "hierarchical_all_reduce", "in_network_all_reduce", "ring_all_gather",
      "pat_all_gather",  "all_to_all",      "rail_all_to_all",         "expert_dispatch",       "broadcast"};
  return names;
}

FabricJob fabric_job_of(const std::string& text, std::uint32_t hosts) {
  const std::vector<std::string> parts = split(text, ',');
  if (parts.size() < 3 || parts.size() > 4) {
    bad("--job", text, "must say a collective, its bytes, its hosts and perhaps the ranks of a node", kJobForm);
  }
  FabricJob job;
  const std::vector<std::string>& names = fabric_collective_names();
  const auto known = std::find(names.begin(), names.end(), parts[0]);
  if (known == names.end()) {
    throw ConfigError("flows", "", fmt::format("--job: no collective \"{}\"", brief(parts[0], 60)),
                      suggestion(parts[0], names));
  }
  job.collective = static_cast<FabricCollective>(known - names.begin());
  try {
    job.bytes = parse<Bytes>(parts[1]);
  } catch (const UnitError& error) {
    bad("--job", text, error.what(), kJobForm);
  }
  if (!(job.bytes.value() > 0.0 && job.bytes.value() <= 1e30)) {
    bad("--job", text, "the bytes must be positive", kJobForm);
  }
  job.ranks = hosts_of(parts[2], text, hosts);
  constexpr std::uint64_t kMostPairs = 25'000'000;
  const std::uint64_t ranks = job.ranks.size();
  const bool pairwise = job.collective == FabricCollective::kAllToAll ||
                        job.collective == FabricCollective::kRailAllToAll ||
                        job.collective == FabricCollective::kExpertDispatch;
  if (pairwise && ranks * ranks > kMostPairs) {
    bad("--job", text, "every pair of so many hosts is too many flows to follow", "at most 5,000 hosts");
  }
  if (parts.size() == 4 && (!read(parts[3], job.group) || job.group == 0)) {
    bad("--job", text, "the ranks of a node must be a positive number", kJobForm);
  }
  return job;
}

std::vector<FlowJobTimes> run_jobs(const Catalog& catalog, const FlowJobsRequest& request, FlowCase& flow_case,
                                   FlowTimes& times) {
  Problems problems;
  for (const std::string& problem : problems_of(request.network.topology)) {
    const std::size_t colon = problem.find(": ");
    problems.add("topology", "/" + problem.substr(0, colon), problem.substr(colon + 2));
  }
  problems.throw_if_any();
  const auto topology = make_topology(request.network.topology);
  const FabricNetwork network = network_of(catalog, request, *topology);
  std::vector<FabricJob> jobs;
  for (const std::string& text : request.jobs) {
    jobs.push_back(fabric_job_of(text, topology->hosts()));
  }
  std::vector<FlowJobTimes> answer;
  try {
    const std::vector<Seconds> together = contended_durations(jobs, network);
    for (std::size_t j = 0; j < jobs.size(); ++j) {
      const std::string id = nlohmann::json(fmt::format("{} {}", j, request.jobs[j])).dump();
      answer.push_back({id, duration(jobs[j], network).value(), together[j].value()});
      flow_case.ids.push_back(id);
      flow_case.flows.bytes.push_back(jobs[j].bytes.value());
      times.finish.push_back(together[j].value());
      times.makespan = std::max(times.makespan, together[j].value());
    }
  } catch (const std::invalid_argument& error) {
    throw ConfigError("flows", "", error.what(), kJobForm);
  }
  flow_case.flows.capacity = topology->network().capacity;
  return answer;
}

}  // namespace aifactory
