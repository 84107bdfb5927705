// A row of the output: a case and what was found. JSON as in README.md ("kernel-probe/1").
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "tools/probe/case.h"
#include "tools/probe/statistics.h"

namespace aifactory::probe {

struct RecordAlgorithm {
  std::string name;
  int id = -1, tile = -1, stages = -1, split_k = -1, swizzle = -1, cluster = -1, inner = -1;
};

struct Record {
  Case config;
  int repeat_group = 0;  // 0: first pass, 1: second
  Spread us;             // microseconds of one launch
  double flops = 0.0, bytes = 0.0;
  std::optional<double> sm_mhz, mem_mhz, temperature_c, power_w, energy_j;  // energy of one launch
  std::vector<std::string> throttle;
  RecordAlgorithm algo;
  std::optional<double> best_us;  // fastest of the library's first eight; algo is the first
  RecordAlgorithm best_algo;
  double check_error = -1.0, check_tolerance = 0.0;
  int check_elements = 0;
  int nodes = 0, sets = 0;         // launches of a graph, different sets of inputs among them
  double rotated_bytes = 0.0;      // of those sets: cold when well over the L2 capacity
  std::optional<double> alone_us;  // interference: the same kernel undisturbed
  bool covered = true;             // interference: the copies outlasted the kernel
};

struct Skipped {
  std::string key;
  std::string reason;
};

nlohmann::json to_json(const Record& record);
Record record_from_json(const nlohmann::json& json);  // throws nlohmann::json::exception

}  // namespace aifactory::probe
