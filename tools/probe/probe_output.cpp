#include "tools/probe/probe_output.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <map>
#include <nlohmann/json.hpp>
#include <stdexcept>

namespace aifactory::probe {
namespace {

using nlohmann::json;

json summary_json(const ProbeOutput& output) {
  std::vector<std::pair<std::string, double>> runs;
  double peak = 0.0;
  int failed = 0;
  for (const Record& r : output.records) {
    if (r.config.mode == "burst") {
      runs.emplace_back(key_of(r.config), r.us.median);
    }
    if (r.us.median > 0.0 && (r.config.op == "copy" || (r.config.op == "memcpy" && r.config.detail == "d2d"))) {
      peak = std::max(peak, r.bytes / r.us.median * 1e-3);
    }
    failed += r.check_error >= 0.0 && r.check_error > r.check_tolerance ? 1 : 0;
  }
  json summary = {{"empty_graph_us", output.info.empty_graph_us}, {"peak_copy_gbps", peak}, {"failed_checks", failed}};
  const double repeated = repeatability(runs);
  if (repeated >= 0.0) {
    summary["repeatability_median_ape"] = repeated;
  }
  return summary;
}

}  // namespace

json to_json(const ProbeOutput& output) {
  const RunInfo& i = output.info;
  json gpu = {{"name", i.gpu_name},     {"uuid_hash", i.uuid_hash},
              {"sm_count", i.sm_count}, {"compute_capability", i.compute_capability},
              {"l2_bytes", i.l2_bytes}, {"hbm_bytes", i.hbm_bytes},
              {"driver", i.driver},     {"cuda", i.cuda},
              {"cublas", i.cublas}};
  if (!i.cudnn.empty()) {
    gpu["cudnn"] = i.cudnn;
  }
  if (i.power_limit_w > 0.0) {
    gpu["power_limit_w"] = i.power_limit_w;
  }
  json env = {{"runtime", i.runtime},
              {"date", i.date},
              {"ambient_gap_us", i.empty_graph_us},
              {"power", i.instant_power ? "instant" : "averaged"}};
  if (i.idle_utilization >= 0.0) {
    env["idle_utilization"] = i.idle_utilization;
  }
  json records = json::array();
  for (const Record& r : output.records) {
    records.push_back(to_json(r));
  }
  json skipped = json::array();
  for (const Skipped& s : output.skipped) {
    skipped.push_back({{"key", s.key}, {"reason", s.reason}});
  }
  return {{"schema", "kernel-probe/1"},     {"gpu", std::move(gpu)},         {"env", std::move(env)},
          {"records", std::move(records)},  {"skipped", std::move(skipped)}, {"left", output.left},
          {"summary", summary_json(output)}};
}

ProbeOutput output_from_json(const json& j) {
  if (j.value("schema", "") != "kernel-probe/1") {
    throw std::runtime_error("is no kernel-probe/1 file");
  }
  ProbeOutput output;
  const json& gpu = j.at("gpu");
  const json& env = j.at("env");
  RunInfo& i = output.info;
  i.gpu_name = gpu.at("name").get<std::string>();
  i.uuid_hash = gpu.at("uuid_hash").get<std::string>();
  i.sm_count = gpu.at("sm_count").get<int>();
  i.compute_capability = gpu.value("compute_capability", "");
  i.l2_bytes = gpu.at("l2_bytes").get<double>();
  i.hbm_bytes = gpu.at("hbm_bytes").get<double>();
  i.driver = gpu.value("driver", "");
  i.cuda = gpu.value("cuda", "");
  i.cublas = gpu.value("cublas", "");
  i.cudnn = gpu.value("cudnn", "");
  i.power_limit_w = gpu.value("power_limit_w", 0.0);
  i.runtime = env.value("runtime", "");
  i.date = env.at("date").get<std::string>();
  i.empty_graph_us = env.value("ambient_gap_us", 0.0);
  i.instant_power = env.value("power", "") == "instant";
  i.idle_utilization = env.value("idle_utilization", -1.0);
  for (const json& r : j.at("records")) {
    output.records.push_back(record_from_json(r));
  }
  for (const json& s : j.value("skipped", json::array())) {
    output.skipped.push_back({s.at("key").get<std::string>(), s.at("reason").get<std::string>()});
  }
  output.left = j.value("left", std::vector<std::string>{});
  return output;
}

std::set<std::string> stopping_kernels(const ProbeOutput& output) {
  std::map<std::string, int> stops;
  for (const Skipped& s : output.skipped) {
    if (s.reason.rfind(kStopped, 0) == 0) {
      std::size_t end = 0;
      for (int bars = 0; bars < 3 && end != std::string::npos; ++bars) {
        end = s.key.find('|', end == 0 ? 0 : end + 1);
      }
      ++stops[s.key.substr(0, end)];
    }
  }
  std::set<std::string> kernels;
  for (const auto& [kernel, times] : stops) {
    if (times >= 2) {
      kernels.insert(kernel);
    }
  }
  return kernels;
}

bool uses_one_of(const Case& c, const std::set<std::string>& kernels) {
  return kernels.count(c.op + "|" + c.impl + "|" + c.dtype) > 0 ||
         std::any_of(c.parts.begin(), c.parts.end(), [&](const Case& part) { return uses_one_of(part, kernels); });
}

void write_output(const ProbeOutput& output, const std::string& path) {
  const std::string temporary = path + ".part";
  {
    std::ofstream file(temporary, std::ios::trunc);
    // One record a line: such files are read by people and compared by tools.
    json j = to_json(output);
    const json records = std::move(j["records"]);
    j.erase("records");
    std::string head = j.dump(1);
    head.resize(head.size() - 2);  // without the closing brace and its line
    file << head << ",\n \"records\": [";
    for (std::size_t i = 0; i < records.size(); ++i) {
      file << (i == 0 ? "\n  " : ",\n  ") << records[i].dump();
    }
    file << "\n ]\n}\n";
    file.flush();
    if (!file) {
      throw std::runtime_error("cannot write " + temporary);
    }
  }
  if (std::rename(temporary.c_str(), path.c_str()) != 0) {
    throw std::runtime_error("cannot write " + path);
  }
}

ProbeOutput read_output(const std::string& path) {
  std::ifstream file(path);
  const std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  if (!file) {
    throw std::runtime_error("cannot read " + path);
  }
  try {
    return output_from_json(json::parse(text));
  } catch (const std::exception& error) {
    throw std::runtime_error(path + ": " + error.what());
  }
}

void require_same_setup(const RunInfo& before, const RunInfo& now) {
  const std::array<std::array<const std::string*, 2>, 5> pairs = {{{&before.uuid_hash, &now.uuid_hash},
                                                                   {&before.gpu_name, &now.gpu_name},
                                                                   {&before.driver, &now.driver},
                                                                   {&before.cuda, &now.cuda},
                                                                   {&before.cublas, &now.cublas}}};
  for (const auto& [was, is] : pairs) {
    if (*was != *is) {
      throw std::runtime_error("the file is of another setup (" + *was + ", now " + *is +
                               "): measurements of one file are of one device and one set of libraries");
    }
  }
}

}  // namespace aifactory::probe
