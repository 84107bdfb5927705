// Reads flows/1.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "models/catalog/csv.h"
#include "models/catalog/json_reader.h"
#include "sim/study/flows.h"

namespace aifactory {
namespace {

using nlohmann::json;

constexpr std::size_t kMaxBytes = std::size_t{1} << 30;

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
    if (root_.contains("events")) {
      read_events(result);
    }
    if (result.events.empty() && !result.otherwise.empty()) {
      result.otherwise.clear();  // nothing to turn away from
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
    const json* links = member(flow, "links");
    const std::vector<std::uint32_t> route = read_route(links, at + "/links", latency.size());
    for (const std::uint32_t link : route) {
      start += latency[link];
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
    const json* job = member(flow, "job");
    if (job != nullptr && !job->is_string()) {
      problem(at + "/job", "must be a string");
    }
    result.jobs.push_back(job == nullptr || !job->is_string() ? std::string() : job->dump());
    if (const json* otherwise = member(flow, "otherwise")) {
      if (!otherwise->is_array()) {
        problem(at + "/otherwise", "must be a list of routes");
        return;
      }
      result.otherwise.resize(f + 1);
      for (std::size_t r = 0; r < otherwise->size(); ++r) {
        result.otherwise[f].push_back(
            read_route(&(*otherwise)[r], at + "/otherwise/" + std::to_string(r), latency.size()));
      }
    }
  }

  static const json* member(const json& object, const char* key) {
    const auto it = object.is_object() ? object.find(key) : object.end();
    return !object.is_object() || it == object.end() ? nullptr : &*it;
  }

  std::uint32_t read_link(const json& link, const std::string& at, std::size_t count) {
    if (!link.is_number_unsigned() || link.get<std::uint64_t>() >= count) {
      problem(at, fmt::format("there is no link {}; the file has {}", brief(link.dump()), count));
      return kNoLink;
    }
    return link.get<std::uint32_t>();
  }

  std::vector<std::uint32_t> read_route(const json* links, const std::string& at, std::size_t count) {
    std::vector<std::uint32_t> route;
    if (links == nullptr || !links->is_array()) {
      problem(at, "must be a list of links");
      return route;
    }
    for (std::size_t h = 0; h < links->size(); ++h) {
      const std::string hop = at + "/" + std::to_string(h);
      const std::uint32_t id = read_link((*links)[h], hop, count);
      if (id == kNoLink) {
        continue;
      }
      if (std::find(route.begin(), route.end(), id) != route.end()) {
        problem(hop, fmt::format("link {} is on the route twice", id));
      } else {
        route.push_back(id);
      }
    }
    return route;
  }

  void read_events(FlowCase& result) {
    const json* events = list("events");
    for (std::size_t e = 0; events != nullptr && e < events->size(); ++e) {
      const json& event = (*events)[e];
      const std::string at = "/events/" + std::to_string(e);
      LinkEvent change;
      change.at = number(event, at, "at_s", -1.0, Sign::kNotNegative);
      change.share = number(event, at, "share", -1.0, Sign::kNotNegative);
      const json* link = member(event, "link");
      if (link == nullptr) {
        problem(at + "/link", "is missing");
      } else {
        change.link = read_link(*link, at + "/link", result.flows.capacity.size());
      }
      if (change.at > kLongestTimedRun) {
        problem(at + "/at_s", fmt::format("must be at most {:g} s", kLongestTimedRun));
      }
      if (change.share > 1.0) {
        problem(at + "/share", "must be from 0 (failed) to 1 (repaired)");
      }
      result.events.push_back(change);
    }
    for (std::size_t f = 0; f < result.flows.size(); ++f) {
      if (result.flows.start[f] > kLongestTimedRun) {
        problem("/flows/" + std::to_string(f) + "/start_s",
                fmt::format("must be at most {:g} s where links change", kLongestTimedRun));
      }
    }
  }

  static constexpr std::uint32_t kNoLink = 0xffffffffu;

  const json& root_;
  std::string file_;
  Problems& problems_;
};

}  // namespace

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

}  // namespace aifactory
