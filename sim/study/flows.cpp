#include "sim/study/flows.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>

#include "models/catalog/config_error.h"
#include "sim/engine/simulation_error.h"

namespace aifactory {

using nlohmann::json;

FlowTimes solve_flow_case(const FlowCase& flow_case) {
  FlowTimes times;
  if (flow_case.events.empty()) {
    times = solve(flow_case.flows);
  } else {
    times = solve(TimedFlows{flow_case.flows, flow_case.otherwise, flow_case.events});
    require_finished(flow_case, times);
  }
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

void require_finished(const FlowCase& flow_case, FlowTimes& times) {
  times.makespan = 0.0;
  for (std::size_t f = 0; f < times.finish.size(); ++f) {
    if (!std::isfinite(times.finish[f])) {
      throw ConfigError("flows", "/flows/" + std::to_string(f),
                        fmt::format("flow {} waits for a link that is never repaired", flow_case.ids[f]),
                        "a repair, or another way around it");
    }
    times.makespan = std::max(times.makespan, times.finish[f]);
  }
}

std::vector<FlowJobTimes> job_times(const FlowCase& flow_case, const FlowTimes& times) {
  std::vector<FlowJobTimes> jobs;
  std::vector<std::vector<std::size_t>> flows_of;  // by job
  std::map<std::string, std::size_t> index;
  for (std::size_t f = 0; f < flow_case.jobs.size(); ++f) {
    if (!flow_case.jobs[f].empty()) {
      const auto [job, fresh] = index.try_emplace(flow_case.jobs[f], jobs.size());
      if (fresh) {
        jobs.push_back({flow_case.jobs[f], 0.0, 0.0});
        flows_of.emplace_back();
      }
      jobs[job->second].finish = std::max(jobs[job->second].finish, times.finish[f]);
      flows_of[job->second].push_back(f);
    }
  }
  for (std::size_t j = 0; j < jobs.size(); ++j) {
    FlowCase alone;
    alone.flows.capacity = flow_case.flows.capacity;
    alone.events = flow_case.events;
    for (const std::size_t f : flows_of[j]) {
      alone.flows.add(flow_case.flows.route(f), flow_case.flows.bytes[f], flow_case.flows.start[f]);
      alone.flows.weight.push_back(flow_case.flows.weight_of(f));
      alone.ids.push_back(flow_case.ids[f]);
      alone.otherwise.push_back(f < flow_case.otherwise.size() ? flow_case.otherwise[f]
                                                               : std::vector<std::vector<std::uint32_t>>());
    }
    jobs[j].alone = solve_flow_case(alone).makespan;
  }
  return jobs;
}

std::string flow_times_json(const FlowCase& flow_case, const FlowTimes& times, const std::vector<FlowJobTimes>& jobs) {
  std::string text = "{\n  \"flows\": [";
  text.reserve(64 * flow_case.ids.size() + 64);
  for (std::size_t f = 0; f < flow_case.ids.size(); ++f) {
    fmt::format_to(std::back_inserter(text), "{}\n    {{\"finish_s\": {}, \"id\": {}}}", f == 0 ? "" : ",",
                   json(times.finish[f]).dump(), flow_case.ids[f]);
  }
  text += "\n  ],\n";
  if (!jobs.empty()) {
    text += "  \"jobs\": [";
    for (const FlowJobTimes& job : jobs) {
      fmt::format_to(std::back_inserter(text), "{}\n    {{\"alone_s\": {}, \"finish_s\": {}, \"id\": {}}}",
                     &job == jobs.data() ? "" : ",", json(job.alone).dump(), json(job.finish).dump(), job.id);
    }
    text += "\n  ],\n";
  }
  fmt::format_to(std::back_inserter(text), "  \"makespan_s\": {}\n}}\n", json(times.makespan).dump());
  return text;
}

std::string flow_times_text(const FlowCase& flow_case, const FlowTimes& times, const std::vector<FlowJobTimes>& jobs) {
  double bytes = 0.0;
  for (const double size : flow_case.flows.bytes) {
    bytes += size;
  }
  std::vector<double> finish(times.finish);
  std::sort(finish.begin(), finish.end());
  const auto at = [&](double share) {
    return finish.empty() ? 0.0 : finish[static_cast<std::size_t>(share * static_cast<double>(finish.size() - 1))];
  };
  std::string text = fmt::format(
      "flows      {}\nlinks      {}\nbytes      {:.6g} GB\nmakespan   {:.9g} s\nmedian     {:.9g} s\np99        {:.9g} "
      "s\n"
      "mean rate  {:.6g} GB/s over all flows\n",
      flow_case.ids.size(), flow_case.flows.capacity.size(), bytes / 1e9, times.makespan, at(0.5), at(0.99),
      times.makespan > 0.0 ? bytes / times.makespan / 1e9 : 0.0);
  for (const FlowJobTimes& job : jobs) {
    text += fmt::format("job {:<6} {:.9g} s, {:.9g} s alone\n", job.id, job.finish, job.alone);
  }
  return text;
}

void within_the_clock(const std::function<void()>& solve) {
  try {
    solve();
  } catch (const engine::SimulationError& error) {
    throw ConfigError("flows", "", error.what(), "fewer bytes, or links that are left more of their bandwidth");
  }
}

}  // namespace aifactory
