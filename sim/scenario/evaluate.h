// The composition root: a resolved scenario is simulated bottom-up, every rung fed by the one below in the same run.
//
//   kernels -> replica at sampled loads -> capacity curve -+
//   kernels -> step -> run with failures -> power profile -+-> site over a year -> fleet over years -> ledger -> Result
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "models/catalog/catalog.h"
#include "sim/scenario/resolved.h"
#include "sim/scenario/result.h"
#include "sim/serving/replica_spec.h"

namespace aifactory {

struct ServingPlan;
struct TrainingPlan;

// Told what is going on; fraction 0..1 of the run. Called from the thread that runs.
using Progress = std::function<void(std::string_view stage, double fraction)>;

// Plans of workloads by everything they depend on, shared between runs that differ elsewhere (prices, weather, power):
// what makes bands and sweeps affordable. Thread-safe; results never depend on what was cached.
class PlanCache {
 public:
  std::shared_ptr<const ServingPlan> serving(const std::string& key,
                                             const std::function<std::shared_ptr<const ServingPlan>()>& make);
  std::shared_ptr<const TrainingPlan> training(const std::string& key,
                                               const std::function<std::shared_ptr<const TrainingPlan>()>& make);

 private:
  std::mutex mutex_;
  std::map<std::string, std::shared_ptr<const ServingPlan>> serving_;
  std::map<std::string, std::shared_ptr<const TrainingPlan>> training_;
};

// Layouts, formats and batch limits chosen by a run: a band asks what happens to this design when inputs differ from
// what was believed, not what else one would have built.
class Design {
 public:
  void add(const std::string& workload, std::shared_ptr<const ServingPlan> serving,
           std::shared_ptr<const TrainingPlan> training);
  [[nodiscard]] const ServingPlan* serving(const std::string& workload) const;
  [[nodiscard]] const TrainingPlan* training(const std::string& workload) const;

 private:
  std::map<std::string, std::shared_ptr<const ServingPlan>> serving_;
  std::map<std::string, std::shared_ptr<const TrainingPlan>> training_;
};

struct EvaluateOptions {
  std::shared_ptr<PlanCache> cache;  // null: nothing is shared
  Progress progress;                 // null: silent
  const Design* design = nullptr;    // null: layouts are chosen
  KernelBand kernels = KernelBand::kExpected;
};

struct Evaluation {
  Result result;  // without bands, drivers and the hashes of files
  ReadLog log;    // the facts it read
  Design design;
};

// Throws ConfigError when the scenario cannot be resolved.
Evaluation evaluate(const Scenario& scenario, const Catalog& catalog, const EvaluateOptions& options = {});

}  // namespace aifactory
