// The file a run writes: kernel-probe/1. Kept complete after every few records, so that an interrupted run leaves what
// it found and a later one goes on from there.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <set>
#include <string>
#include <vector>

#include "tools/probe/record.h"

namespace aifactory::probe {

struct RunInfo {
  std::string gpu_name, uuid_hash, driver, cuda, cublas, cudnn;
  int sm_count = 0;
  std::string compute_capability;
  double l2_bytes = 0.0, hbm_bytes = 0.0;
  double power_limit_w = 0.0;  // 0: unknown
  bool instant_power = false;
  std::string date;     // UTC, of the start
  std::string runtime;  // system and its release
  double empty_graph_us = 0.0;
  double idle_utilization = -1.0;  // before the start; negative: unknown
};

struct ProbeOutput {
  RunInfo info;
  std::vector<Record> records;
  std::vector<Skipped> skipped;   // cases that could not be measured, and why
  std::vector<std::string> left;  // keys the budget did not reach
};

// summary: repeatability_median_ape (once something was repeated), empty_graph_us, peak_copy_gbps, failed_checks.
nlohmann::json to_json(const ProbeOutput& output);
ProbeOutput output_from_json(const nlohmann::json& json);

// Reason of a case after which the device refused all further work.
inline constexpr const char* kStopped = "stopped the device: ";
// "op|impl|dtype" of kernels that stopped the device at least twice: no further case of theirs is worth a run.
std::set<std::string> stopping_kernels(const ProbeOutput& output);
bool uses_one_of(const Case& c, const std::set<std::string>& kernels);  // itself or one of its parts

// Written to a temporary beside it and renamed. Throws std::runtime_error.
void write_output(const ProbeOutput& output, const std::string& path);
// Of an earlier run on the same device with the same libraries; throws std::runtime_error when it is not one, saying
// what differs.
ProbeOutput read_output(const std::string& path);
void require_same_setup(const RunInfo& before, const RunInfo& now);

}  // namespace aifactory::probe
