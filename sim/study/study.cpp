#include "sim/study/study.h"

#include <atomic>
#include <map>
#include <mutex>
#include <nlohmann/json.hpp>
#include <utility>

#include "models/catalog/json_reader.h"
#include "models/catalog/sha256.h"
#include "sim/study/bands.h"
#include "sim/study/parallel.h"

namespace aifactory {

namespace {

constexpr double kEvaluationShare = 0.25;  // of the progress of a run with bands

// Recorded traces are inputs too: their bytes are part of what makes a result.
std::string trace_hash(const Scenario& scenario) {
  std::string hashes;
  for (const WorkloadSpec& workload : scenario.workloads) {
    if (!workload.serving.trace.empty()) {
      constexpr std::size_t kMaxTraceBytes = std::size_t{1} << 32U;
      Problems problems;
      std::string bytes;
      if (read_regular_file(workload.serving.trace, kMaxTraceBytes, problems, bytes)) {
        hashes += sha256_hex(bytes);
      }
    }
  }
  return hashes.empty() ? hashes : sha256_hex(hashes);
}

Result run_document(const ScenarioDocument& document, const Catalog& catalog, const StudyOptions& options,
                    const std::shared_ptr<PlanCache>& cache, unsigned threads) {
  Problems problems;
  ReadLog ignored;
  const Scenario scenario = document.read(catalog, &ignored, problems);
  problems.throw_if_any();
  EvaluateOptions evaluate_options;
  evaluate_options.cache = cache;
  if (options.progress) {
    evaluate_options.progress = [&options](std::string_view stage, double fraction) {
      options.progress(stage, fraction * (options.bands ? kEvaluationShare : 1.0));
    };
  }
  Evaluation evaluation = evaluate(scenario, catalog, evaluate_options);
  if (options.bands) {
    BandOptions band_options;
    band_options.threads = threads;
    band_options.cache = cache;
    if (options.progress) {
      band_options.progress = [&options](std::string_view stage, double fraction) {
        options.progress(stage, kEvaluationShare + (1.0 - kEvaluationShare) * fraction);
      };
    }
    add_bands(document, scenario, catalog, evaluation, band_options);
  }
  Result result = std::move(evaluation.result);
  result.inputs["scenario"] = document.hash();
  if (const std::string hash = trace_hash(scenario); !hash.empty()) {
    result.inputs["traces"] = hash;
  }
  return result;
}

}  // namespace

Axis parse_axis(const std::string& assignment) {
  const std::size_t split = assignment.find('=');
  if (split == std::string::npos || split == 0 || assignment[0] != '/') {
    throw ConfigError("--vary", "", "'" + assignment + "' is not /pointer=A,B,C",
                      "e.g. --vary /fleet/0/system=hgx_h100,gb200_nvl72");
  }
  Axis axis;
  axis.pointer = assignment.substr(0, split);
  std::string value;
  int depth = 0;
  bool quoted = false;
  for (std::size_t i = split + 1; i < assignment.size(); ++i) {
    const char c = assignment[i];
    if (c == '"' && (value.empty() || value.back() != '\\')) {
      quoted = !quoted;
    } else if (!quoted && (c == '{' || c == '[')) {
      ++depth;
    } else if (!quoted && (c == '}' || c == ']')) {
      --depth;
    }
    if (c == ',' && depth == 0 && !quoted) {
      axis.values.push_back(value);
      value.clear();
    } else {
      value += c;
    }
  }
  axis.values.push_back(value);
  for (const std::string& entry : axis.values) {
    if (entry.empty()) {
      throw ConfigError("--vary", axis.pointer, "an empty value between commas", "give one or more values");
    }
  }
  return axis;
}

Result run_study(const ScenarioDocument& document, const Catalog& catalog, const StudyOptions& options) {
  return run_document(document, catalog, options, std::make_shared<PlanCache>(), options.threads);
}

std::vector<Result> run_grid(const ScenarioDocument& document, const Catalog& catalog, const std::vector<Axis>& axes,
                             const StudyOptions& options) {
  std::size_t count = 1;
  for (const Axis& axis : axes) {
    count *= axis.values.size();
  }
  // All combinations are read before any is run.
  std::vector<ScenarioDocument> documents(count, document);
  std::vector<std::map<std::string, std::string>> varied(count);
  Problems problems;
  for (std::size_t i = 0; i < count; ++i) {
    std::size_t rest = i;
    for (std::size_t a = axes.size(); a-- > 0;) {
      const std::string& value = axes[a].values[rest % axes[a].values.size()];
      rest /= axes[a].values.size();
      documents[i].set(axes[a].pointer + "=" + value, problems);
      varied[i][axes[a].pointer] = value;
    }
    static_cast<void>(documents[i].read(catalog, nullptr, problems));
  }
  problems.throw_if_any();
  const auto cache = std::make_shared<PlanCache>();
  std::vector<Result> results(count);
  StudyOptions inner = options;
  inner.progress = nullptr;
  std::atomic<std::size_t> done{0};
  std::mutex progress_mutex;
  for_each_index(count, options.threads, [&](std::size_t i) {
    results[i] = run_document(documents[i], catalog, inner, cache, 1);
    results[i].varied = varied[i];
    const std::size_t finished = ++done;
    if (options.progress) {
      const std::lock_guard<std::mutex> lock(progress_mutex);
      options.progress("combinations", static_cast<double>(finished) / static_cast<double>(count));
    }
  });
  return results;
}

}  // namespace aifactory
