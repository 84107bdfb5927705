#include "models/catalog/probe_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>

#include "models/catalog/csv.h"
#include "models/catalog/json_reader.h"

namespace aifactory {
namespace {

constexpr std::size_t kMaxBytes = std::size_t{1} << 28;
constexpr double kMostOfAnything = 1e15;  // a count beyond any memory

// How the probe names what kernel tables call otherwise.
constexpr std::array<std::pair<std::string_view, std::string_view>, 4> kOps = {{{"attn_prefill", "attention_prefill"},
                                                                                {"attn_decode", "attention_decode"},
                                                                                {"grouped_gemm", "moe"},
                                                                                {"batched_gemm", "gemm"}}};

}  // namespace

std::optional<double> ProbeKernel::number(const std::string& name) const {
  const auto at = shape.find(name);
  return at == shape.end() ? std::nullopt : std::optional<double>(at->second);
}

bool is_probe_text(const std::string& text) {
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  if (first == std::string::npos || text[first] != '{') {
    return false;
  }
  Problems ignored;
  const JsonDocument document = parse_json(text, "", ignored);
  if (!document.ok() || !document.root->is_object()) {
    return false;
  }
  const auto schema = document.root->find("schema");
  return schema != document.root->end() && schema->is_string() && schema->get<std::string>() == "kernel-probe/1";
}

ProbeFile parse_probe_file(const std::string& text, const std::string& file, Problems& problems) {
  const JsonDocument document = parse_json(text, file, problems);
  if (!document.ok()) {
    return {};
  }
  ReadContext context(problems, file);
  return read(probe_table(), *document.root, context);
}

ProbeFile read_probe_file(const std::string& path, Problems& problems) {
  std::string text;
  if (!read_possibly_gzipped(path, kMaxBytes, problems, text)) {
    return {};
  }
  return parse_probe_file(text, path, problems);
}

std::string probe_id(const ProbeRecord& r) {
  std::string id = r.op;
  for (const auto& [name, value] : r.shape) {
    id += fmt::format(" {}={}", name, value);
  }
  for (const std::string* word : {&r.detail, &r.dtype, &r.impl}) {
    if (!word->empty() && *word != "none") {
      id += " " + *word;
    }
  }
  return fmt::format("{} {} {}{}", id, r.l2, r.mode, r.launch == "graph" ? "" : " " + r.launch);
}

KernelMeasurement measurement_of(const ProbeKernel& kernel, const std::string& gpu, const std::string& mode) {
  KernelMeasurement row;
  const auto named = std::find_if(kOps.begin(), kOps.end(), [&](const auto& op) { return op.first == kernel.op; });
  row.op = named == kOps.end() ? kernel.op : std::string(named->second);
  row.gpu = gpu;
  row.dtype = kernel.dtype == "bf16" ? "bfloat16" : kernel.dtype;
  row.kv_dtype = row.dtype;
  row.mode = mode;
  row.stack = "kernel_probe";
  row.kernel = kernel.impl;
  row.distribution = kernel.detail;
  // The probe's narrow operands are narrow in memory: no pass that quantises them is part of the time.
  row.quantisation = kernel.op == "gemm" && kernel.dtype == "fp8" ? "fused" : "";
  row.m = kernel.number("m");
  row.n = kernel.number("n");
  row.k = kernel.number("k");
  if (kernel.op == "batched_gemm" && row.n) {  // head by head: as wide as all of them, every weight read once
    row.n = *row.n * kernel.number("batch").value_or(1.0);
  }
  row.batch = kernel.number("batch");
  row.isl = kernel.op.find("decode") != std::string::npos ? std::optional<double>(1.0) : kernel.number("isl");
  row.past = kernel.number("past");
  row.heads = kernel.number("heads");
  row.kv_heads = kernel.number("kv_heads");
  row.head_dim = kernel.number("head_dim");
  row.window = kernel.number("window");
  row.tokens = kernel.number("tokens");
  row.hidden = kernel.number("hidden");
  row.inter = kernel.number("inter");
  row.topk = kernel.number("topk");
  row.experts = kernel.number("experts");
  row.tp = kernel.number("tp");
  row.ep = kernel.number("ep");
  return row;
}

namespace {

// What a record measures, whoever wrote the kernel.
std::string configuration_of(const ProbeRecord& r) {
  ProbeRecord anyone = r;
  anyone.impl.clear();
  return probe_id(anyone);
}

}  // namespace

namespace {

bool impossible(const ProbeRecord& record) {
  return std::any_of(record.shape.begin(), record.shape.end(),
                     [](const auto& count) { return !(count.second >= 0.0 && count.second <= kMostOfAnything); });
}

}  // namespace

std::vector<std::string> reasons_to_skip(const ProbeFile& file) {
  std::set<std::string> vendors;  // configurations that a vendor's library was measured in
  for (const ProbeRecord& record : file.records) {
    if (record.impl != "own" && !record.wrong()) {
      vendors.insert(configuration_of(record));
    }
  }
  std::vector<std::string> reasons;
  reasons.reserve(file.records.size());
  for (const ProbeRecord& record : file.records) {
    const bool own = record.impl == "own" && record.op != "layer";
    reasons.emplace_back(
        impossible(record)                                   ? "a negative or immense count in its shape"
        : record.wrong()                                     ? "its result differs from the reference"
        : record.repeat_group != 0                           ? "a repetition, for the file's repeatability"
        : record.l2 == "warm" && record.op != "launch"       ? "measured with a warm cache; the model is of a cold one"
        : own && vendors.count(configuration_of(record)) > 0 ? "an own kernel, as cross-check of the vendor's"
                                                             : "");
  }
  return reasons;
}

std::vector<KernelMeasurement> probe_measurements(const ProbeFile& file) {
  const std::vector<std::string> reasons = reasons_to_skip(file);
  std::vector<KernelMeasurement> rows;
  for (std::size_t i = 0; i < file.records.size(); ++i) {
    const ProbeRecord& record = file.records[i];
    KernelMeasurement row = measurement_of(record, file.gpu, record.mode);
    row.id = probe_id(record);
    row.us = record.us;
    row.power_w = record.power_w;
    row.problem = reasons[i];
    if (row.problem.empty() && record.hold_out) {
      row.problem = "kept for validation";
    }
    if (row.problem.empty() && record.mode == "sustained" && record.op != "gemm") {
      row.problem = "sustained times are fitted for gemm alone";
    }
    rows.push_back(std::move(row));
  }
  return rows;
}

}  // namespace aifactory
