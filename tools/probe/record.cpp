#include "tools/probe/record.h"

#include <array>
#include <nlohmann/json.hpp>
#include <utility>

namespace aifactory::probe {
namespace {

using nlohmann::json;

json case_json(const Case& c) {
  const bool float_operands = c.dtype == "bf16" || c.dtype == "fp8";
  json j = {{"op", c.op}, {"impl", c.impl}, {"shape", json::object()}};
  j["dtype"] = {{"a", c.dtype},
                {"b", c.dtype},
                {"acc", float_operands ? "fp32" : "none"},
                {"out", float_operands ? "bf16" : c.dtype}};
  for (const auto& [name, value] : c.shape) {
    j["shape"][name] = value;
  }
  if (!c.detail.empty()) {
    j["detail"] = c.detail;
  }
  if (c.op == "gemm" || c.op == "batched_gemm" || c.op == "grouped_gemm") {
    j["layout"] = "TN";
  }
  return j;
}

Case case_from_json(const json& j) {
  Case c;
  c.op = j.at("op").get<std::string>();
  c.impl = j.at("impl").get<std::string>();
  c.dtype = j.at("dtype").at("a").get<std::string>();
  c.detail = j.value("detail", "");
  for (const auto& [name, value] : j.at("shape").items()) {
    c.shape[name] = value.get<std::int64_t>();
  }
  return c;
}

constexpr std::array<std::pair<const char*, int RecordAlgorithm::*>, 7> kAlgorithm = {
    {{"id", &RecordAlgorithm::id},
     {"tile", &RecordAlgorithm::tile},
     {"stages", &RecordAlgorithm::stages},
     {"split_k", &RecordAlgorithm::split_k},
     {"swizzle", &RecordAlgorithm::swizzle},
     {"cluster", &RecordAlgorithm::cluster},
     {"inner", &RecordAlgorithm::inner}}};

json algorithm_json(const RecordAlgorithm& a) {
  json j = {{"name", a.name}};
  for (const auto& [name, member] : kAlgorithm) {
    if (a.*member >= 0) {
      j[name] = a.*member;
    }
  }
  return j;
}

RecordAlgorithm algorithm_from_json(const json& j) {
  RecordAlgorithm a;
  a.name = j.value("name", "");
  for (const auto& [name, member] : kAlgorithm) {
    a.*member = j.value(name, -1);
  }
  return a;
}

constexpr std::array<std::pair<const char*, std::optional<double> Record::*>, 6> kOptional = {
    {{"sm_mhz", &Record::sm_mhz},
     {"mem_mhz", &Record::mem_mhz},
     {"temperature_c", &Record::temperature_c},
     {"power_w", &Record::power_w},
     {"energy_j", &Record::energy_j},
     {"alone_us", &Record::alone_us}}};

}  // namespace

json to_json(const Record& r) {
  const Case& c = r.config;
  json j = case_json(c);
  j["l2"] = c.l2;
  j["mode"] = c.mode;
  j["launch"] = c.launch;
  j["repeat_group"] = r.repeat_group;
  if (!c.model.empty()) {
    j["model"] = c.model;
  }
  if (c.hold_out) {
    j["hold_out"] = true;
  }
  for (const Case& part : c.parts) {
    j["parts"].push_back(case_json(part));
  }
  j["n_samples"] = r.us.n;
  j["us"] = {{"median", r.us.median}, {"p10", r.us.p10}, {"p90", r.us.p90}, {"mean", r.us.mean}, {"cv", r.us.cv}};
  j["flops"] = r.flops;
  j["bytes"] = r.bytes;
  if (r.us.median > 0.0) {
    j["tflops"] = r.flops / r.us.median * 1e-6;
    j["gbps"] = r.bytes / r.us.median * 1e-3;
  }
  for (const auto& [name, member] : kOptional) {
    if (r.*member) {
      j[name] = *(r.*member);
    }
  }
  if (!r.throttle.empty()) {
    j["throttle"] = r.throttle;
  }
  if (!r.algo.name.empty()) {
    j["algo"] = algorithm_json(r.algo);
  }
  if (r.best_us) {
    j["best"] = {{"us", *r.best_us}, {"algo", algorithm_json(r.best_algo)}};
  }
  if (r.check_error >= 0.0) {
    j["check"] = {{"error", r.check_error}, {"tolerance", r.check_tolerance}, {"elements", r.check_elements}};
  }
  j["nodes"] = r.nodes;
  j["sets"] = r.sets;
  j["rotated_bytes"] = r.rotated_bytes;
  if (!r.covered) {
    j["covered"] = false;
  }
  return j;
}

Record record_from_json(const json& j) {
  Record r;
  r.config = case_from_json(j);
  r.config.l2 = j.at("l2").get<std::string>();
  r.config.mode = j.at("mode").get<std::string>();
  r.config.launch = j.at("launch").get<std::string>();
  r.config.model = j.value("model", "");
  r.config.hold_out = j.value("hold_out", false);
  if (j.contains("parts")) {
    for (const json& part : j.at("parts")) {
      r.config.parts.push_back(case_from_json(part));
    }
  }
  r.repeat_group = j.at("repeat_group").get<int>();
  const json& us = j.at("us");
  r.us = {us.at("median").get<double>(), us.at("p10").get<double>(), us.at("p90").get<double>(),
          us.at("mean").get<double>(),   us.at("cv").get<double>(),  j.at("n_samples").get<std::size_t>()};
  r.flops = j.at("flops").get<double>();
  r.bytes = j.at("bytes").get<double>();
  for (const auto& [name, member] : kOptional) {
    if (j.contains(name)) {
      r.*member = j.at(name).get<double>();
    }
  }
  r.throttle = j.value("throttle", std::vector<std::string>{});
  if (j.contains("algo")) {
    r.algo = algorithm_from_json(j.at("algo"));
  }
  if (j.contains("best")) {
    r.best_us = j.at("best").at("us").get<double>();
    r.best_algo = algorithm_from_json(j.at("best").at("algo"));
  }
  if (j.contains("check")) {
    r.check_error = j.at("check").at("error").get<double>();
    r.check_tolerance = j.at("check").at("tolerance").get<double>();
    r.check_elements = j.at("check").at("elements").get<int>();
  }
  r.nodes = j.value("nodes", 0);
  r.sets = j.value("sets", 0);
  r.rotated_bytes = j.value("rotated_bytes", 0.0);
  r.covered = j.value("covered", true);
  return r;
}

}  // namespace aifactory::probe
