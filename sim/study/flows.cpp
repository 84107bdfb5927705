#include "sim/study/flows.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <numeric>

#include "models/catalog/csv.h"
#include "models/catalog/json_reader.h"
#include "sim/engine/random_stream.h"

namespace aifactory {
namespace {

using nlohmann::json;

constexpr std::size_t kMaxBytes = std::size_t{1} << 30;
constexpr std::uint32_t kMostFlows = 100'000'000;

// Members of the file, each problem with its pointer.
class FlowReader {
 public:
  FlowReader(const json& root, std::string file, Problems& problems)
      : root_(root), file_(std::move(file)), problems_(problems) {}

  FlowCase read() {
    FlowCase result;
    if (!root_.is_object() || !root_.contains("schema") || root_["schema"] != "flows/1") {
      problem("/schema", "must be \"flows/1\"");
      return result;
    }
    const json* links = list("links");
    const json* flows = list("flows");
    if (links == nullptr || flows == nullptr) {
      return result;
    }
    std::vector<double> latency;
    for (std::size_t l = 0; l < links->size(); ++l) {
      const std::string at = "/links/" + std::to_string(l);
      result.flows.capacity.push_back(number((*links)[l], at, "bandwidth_bytes_per_s", -1.0, Sign::kPositive));
      latency.push_back(number((*links)[l], at, "latency_s", 0.0, Sign::kNotNegative));
    }
    for (std::size_t f = 0; f < flows->size(); ++f) {
      read_flow((*flows)[f], f, latency, result);
    }
    return result;
  }

 private:
  enum class Sign { kPositive, kNotNegative };

  void problem(const std::string& pointer, std::string message) { problems_.add(file_, pointer, std::move(message)); }

  const json* list(const char* key) {
    const auto it = root_.find(key);
    if (it == root_.end() || !it->is_array()) {
      problem(std::string("/") + key, "must be a list");
      return nullptr;
    }
    return &*it;
  }

  // `fallback` < 0: the member is required.
  double number(const json& object, const std::string& at, const char* key, double fallback, Sign sign) {
    const auto it = object.is_object() ? object.find(key) : object.end();
    if (!object.is_object() || it == object.end()) {
      if (fallback < 0.0) {
        problem(at + "/" + key, "is missing");
      }
      return std::abs(fallback);
    }
    // Beyond these, quotients overflow: a byte and a link of a yottabyte per second are far inside.
    constexpr double kLeast = 1e-30;
    constexpr double kMost = 1e30;
    const double value = it->is_number() ? it->get<double>() : -1.0;
    if (!it->is_number() || !std::isfinite(value) || value < 0.0 || value > kMost ||
        (sign == Sign::kPositive && value < kLeast)) {
      problem(at + "/" + key, fmt::format("must be a {} number, not {}",
                                          sign == Sign::kPositive ? "positive" : "non-negative", brief(it->dump())));
      return 1.0;
    }
    return value;
  }

  void read_flow(const json& flow, std::size_t f, const std::vector<double>& latency, FlowCase& result) {
    const std::string at = "/flows/" + std::to_string(f);
    const double bytes = number(flow, at, "bytes", -1.0, Sign::kNotNegative);
    double start = number(flow, at, "start_s", 0.0, Sign::kNotNegative);
    result.flows.weight.push_back(number(flow, at, "weight", 1.0, Sign::kPositive));
    std::vector<std::uint32_t> route;
    const auto links = flow.is_object() ? flow.find("links") : flow.end();
    if (!flow.is_object() || links == flow.end() || !links->is_array()) {
      problem(at + "/links", "must be a list of links");
    } else {
      for (std::size_t h = 0; h < links->size(); ++h) {
        const json& link = (*links)[h];
        const std::string hop = at + "/links/" + std::to_string(h);
        if (!link.is_number_unsigned() || link.get<std::uint64_t>() >= latency.size()) {
          problem(hop, fmt::format("there is no link {}; the file has {}", brief(link.dump()), latency.size()));
          continue;
        }
        const auto id = link.get<std::uint32_t>();
        if (std::find(route.begin(), route.end(), id) != route.end()) {
          problem(hop, fmt::format("link {} is on the route twice", id));
        } else {
          route.push_back(id);
          start += latency[id];
        }
      }
    }
    result.flows.add(route, bytes, start);
    const auto id = flow.is_object() ? flow.find("id") : flow.end();
    if (!flow.is_object() || id == flow.end()) {
      result.ids.push_back(std::to_string(f));
    } else {
      if (!id->is_string() && !id->is_number()) {
        problem(at + "/id", "must be a string or a number");
      }
      result.ids.push_back(id->dump());
    }
  }

  const json& root_;
  std::string file_;
  Problems& problems_;
};

// (sender, receiver) of every flow of one round.
void add_round(const FlowRequest& request, engine::RandomStream& random,
               std::vector<std::pair<VertexId, VertexId>>& pairs) {
  const std::uint32_t hosts = request.topology.hosts;
  std::vector<VertexId> order(hosts);
  std::iota(order.begin(), order.end(), 0u);
  if (request.pattern == FlowPattern::kPermutation || request.pattern == FlowPattern::kIncast) {
    for (std::uint32_t i = hosts - 1; i > 0; --i) {
      std::swap(order[i], order[random.below(i + 1)]);
    }
  }
  switch (request.pattern) {
    case FlowPattern::kPermutation:
    case FlowPattern::kRing:
      for (std::uint32_t i = 0; i < hosts; ++i) {
        pairs.emplace_back(order[i], order[(i + 1) % hosts]);
      }
      break;
    case FlowPattern::kIncast: {
      const std::uint32_t group = request.fan_in >= hosts ? hosts : request.fan_in + 1;
      for (std::uint32_t i = 0; i < hosts; ++i) {
        const std::uint32_t receiver = i / group * group;
        if (i != receiver) {
          pairs.emplace_back(order[i], order[receiver]);
        }
      }
      break;
    }
    case FlowPattern::kAllToAll:
      for (std::uint32_t a = 0; a < hosts; ++a) {
        for (std::uint32_t b = 0; b < hosts; ++b) {
          if (a != b) {
            pairs.emplace_back(a, b);
          }
        }
      }
      break;
    case FlowPattern::kRandom:
      for (std::uint32_t a = 0; a < hosts; ++a) {
        const auto b = static_cast<std::uint32_t>(random.below(hosts - 1));
        pairs.emplace_back(a, b < a ? b : b + 1);
      }
      break;
  }
}

// Rounds with fresh orders until there are as many as asked for.
std::vector<std::pair<VertexId, VertexId>> pairs_of(const FlowRequest& request, engine::RandomStream random) {
  std::vector<std::pair<VertexId, VertexId>> pairs;
  do {
    add_round(request, random, pairs);
  } while (pairs.size() < request.flows);
  if (request.flows > 0) {
    pairs.resize(request.flows);
  }
  return pairs;
}

}  // namespace

const std::vector<std::string>& flow_pattern_names() {
  static const std::vector<std::string> names = {"permutation", "incast", "alltoall", "ring", "random"};
  return names;
}

FlowCase read_flow_case(const std::string& path) {
  Problems problems;
  std::string text;
  FlowCase result;
  if (read_possibly_gzipped(path, kMaxBytes, problems, text)) {
    const JsonDocument document = parse_json(std::move(text), path, problems);
    if (document.ok()) {
      result = FlowReader(*document.root, path, problems).read();
    }
  }
  problems.throw_if_any();
  return result;
}

FlowCase generate_flow_case(const FlowRequest& request) {
  Problems problems;
  for (const std::string& problem : problems_of(request.topology)) {
    const std::size_t colon = problem.find(": ");
    problems.add("topology", "/" + problem.substr(0, colon), problem.substr(colon + 2));
  }
  if (!(request.least_bytes > 0.0 && request.most_bytes >= request.least_bytes && std::isfinite(request.most_bytes))) {
    problems.add("flows", "/bytes", "the sizes must be positive and the largest not below the smallest");
  }
  if (!(request.window_s >= 0.0 && std::isfinite(request.window_s))) {
    problems.add("flows", "/window", "must not be negative");
  }
  if (request.pattern == FlowPattern::kIncast && request.fan_in == 0) {
    problems.add("flows", "/fan_in", "at least one sender per receiver");
  }
  const double hosts = request.topology.hosts;
  const double round = request.pattern == FlowPattern::kAllToAll ? hosts * (hosts - 1.0) : hosts;
  if (request.flows > kMostFlows || round > kMostFlows) {
    problems.add("flows", "/flows",
                 fmt::format("at most {} flows, and a round of this pattern has {:.4g}", kMostFlows, round));
  }
  problems.throw_if_any();

  const auto topology = make_topology(request.topology);
  const Network& network = topology->network();
  FlowCase result;
  result.flows.capacity = network.capacity;
  const auto pairs = pairs_of(request, engine::RandomStream(request.seed, "flows", "pairs"));
  engine::RandomStream sizes(request.seed, "flows", "sizes");
  engine::RandomStream starts(request.seed, "flows", "starts");
  std::vector<LinkId> route;
  result.ids.reserve(pairs.size());
  for (std::uint32_t f = 0; f < pairs.size(); ++f) {
    const auto [a, b] = pairs[f];
    const double bytes = std::floor(sizes.uniform(request.least_bytes, request.most_bytes));
    const double start = request.window_s > 0.0 ? starts.uniform(0.0, request.window_s) : 0.0;
    result.ids.push_back(std::to_string(f));
    const auto add = [&](const std::vector<LinkId>& links, double share) {
      double latency = 0.0;
      for (const LinkId link : links) {
        latency += static_cast<double>(network.latency[link]);
      }
      result.flows.add(links, bytes * share, start + latency);
      if (request.routing == Routing::kSprayed) {
        result.flows.weight.push_back(share);
        result.asked.push_back(f);
      }
    };
    if (request.routing == Routing::kDeterministic) {
      route.clear();
      topology->append_route(a, b, topology->deterministic_choice(a, b), route);
      add(route, 1.0);
    } else {
      const auto routes = routes_of(*topology, request.routing, a, b, f, request.seed);
      for (const auto& links : routes) {
        add(links, 1.0 / static_cast<double>(routes.size()));
      }
    }
  }
  return result;
}

FlowTimes solve_flow_case(const FlowCase& flow_case) {
  FlowTimes times = solve(flow_case.flows);
  if (!flow_case.asked.empty()) {
    std::vector<double> finish(flow_case.ids.size(), 0.0);
    for (std::size_t part = 0; part < flow_case.asked.size(); ++part) {
      double& last = finish[flow_case.asked[part]];
      last = std::max(last, times.finish[part]);
    }
    times.finish = std::move(finish);
  }
  return times;
}

std::string flow_times_json(const FlowCase& flow_case, const FlowTimes& times) {
  std::string text = "{\n  \"flows\": [";
  text.reserve(64 * flow_case.ids.size() + 64);
  for (std::size_t f = 0; f < flow_case.ids.size(); ++f) {
    fmt::format_to(std::back_inserter(text), "{}\n    {{\"finish_s\": {}, \"id\": {}}}", f == 0 ? "" : ",",
                   json(times.finish[f]).dump(), flow_case.ids[f]);
  }
  fmt::format_to(std::back_inserter(text), "\n  ],\n  \"makespan_s\": {}\n}}\n", json(times.makespan).dump());
  return text;
}

std::string flow_times_text(const FlowCase& flow_case, const FlowTimes& times) {
  double bytes = 0.0;
  for (const double size : flow_case.flows.bytes) {
    bytes += size;
  }
  std::vector<double> finish(times.finish);
  std::sort(finish.begin(), finish.end());
  const auto at = [&](double share) {
    return finish.empty() ? 0.0 : finish[static_cast<std::size_t>(share * static_cast<double>(finish.size() - 1))];
  };
  return fmt::format(
      "flows      {}\nlinks      {}\nbytes      {:.6g} GB\nmakespan   {:.9g} s\nmedian     {:.9g} s\np99        {:.9g} "
      "s\n"
      "mean rate  {:.6g} GB/s over all flows\n",
      flow_case.ids.size(), flow_case.flows.capacity.size(), bytes / 1e9, times.makespan, at(0.5), at(0.99),
      times.makespan > 0.0 ? bytes / times.makespan / 1e9 : 0.0);
}

}  // namespace aifactory
