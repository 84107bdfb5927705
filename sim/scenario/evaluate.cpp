#include "sim/scenario/evaluate.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "models/catalog/sha256.h"
#include "sim/scenario/metrics.h"
#include "sim/scenario/plans.h"
#include "sim/scenario/site_plan.h"

namespace aifactory {

namespace {

// Two threads that miss the same key both make it; the first to finish is kept, and both are equal by construction.
template <class Plan>
std::shared_ptr<const Plan> get_or_make(std::mutex& mutex, std::map<std::string, std::shared_ptr<const Plan>>& plans,
                                        const std::string& key,
                                        const std::function<std::shared_ptr<const Plan>()>& make) {
  {
    const std::lock_guard<std::mutex> lock(mutex);
    if (const auto found = plans.find(key); found != plans.end()) {
      return found->second;
    }
  }
  std::shared_ptr<const Plan> plan = make();
  const std::lock_guard<std::mutex> lock(mutex);
  return plans.emplace(key, std::move(plan)).first->second;
}

Grade grade_of(Evidence evidence) {
  switch (evidence) {
    case Evidence::kMeasured:
      return Grade::kMeasured;
    case Evidence::kDatasheet:
      return Grade::kTransferred;
    case Evidence::kClaim:
    case Evidence::kEstimate:
    case Evidence::kProjection:
      return Grade::kClaimed;
  }
  return Grade::kClaimed;
}

// The facts that decide each group: what the others add lies in the band, not in the grade.
FactGrades fact_grades(const ReadLog& log) {
  FactGrades grades;
  for (const FactRecord& fact : log.facts()) {
    if (!fact.mapped) {
      continue;
    }
    const Grade grade = grade_of(fact.founding.evidence);
    if (fact.kind == "accelerators" &&
        (fact.pointer.rfind("/dense_peak/", 0) == 0 || fact.pointer == "/memory_bandwidth")) {
      // The formats language models are multiplied in decide; the others feed no workload.
      if (fact.pointer != "/dense_peak/fp64" && fact.pointer != "/dense_peak/tf32" &&
          fact.pointer != "/dense_peak/int8" && fact.pointer != "/dense_peak/fp6") {
        grades.compute = weakest(grades.compute, grade);
      }
    }
    if ((fact.kind == "accelerators" && fact.pointer == "/tdp") ||
        (fact.kind == "systems" && fact.pointer == "/rack_power")) {
      grades.power = weakest(grades.power, grade);
    }
    if (fact.kind == "sites" || fact.kind == "energy") {
      grades.site = weakest(grades.site, grade);
    }
    if (fact.kind == "prices" || (fact.kind == "systems" && fact.pointer == "/rack_price")) {
      grades.price = weakest(grades.price, grade);
    }
  }
  return grades;
}

// Of the calibration files read; empty when nothing measured was at hand.
std::string calibration_hash(const ReadLog& log) {
  std::string hashes;
  for (const auto& [entry, hash] : log.entries()) {
    if (entry.first == "calibration") {
      hashes += hash;
    }
  }
  return hashes.empty() ? hashes : sha256_hex(hashes);
}

std::vector<ProvenanceRow> provenance(const ReadLog& log) {
  std::vector<ProvenanceRow> rows;
  for (const FactRecord& fact : log.facts()) {
    if (!fact.mapped) {
      continue;
    }
    rows.push_back({fact.kind + "/" + fact.id, fact.pointer, fact.text,
                    fmt::format("{}", fmt::join(fact.founding.sources, ", ")), fact.founding.as_of,
                    fact.founding.evidence, fact.founding.confidence});
  }
  return rows;
}

class Run {
 public:
  Run(const Resolved& resolved, const EvaluateOptions& options) : resolved_(resolved), options_(options) {}

  // Plans every workload and simulates every site; the first infeasibility is the result.
  std::string simulate() {
    for (std::size_t s = 0; s < resolved_.sites.size(); ++s) {
      sites_.push_back(plan_site(resolved_, s));
    }
    std::size_t done = 0;
    for (PlannedSite& site : sites_) {
      if (!site.infeasible.empty()) {
        return site.infeasible;
      }
      for (PlannedWorkload& workload : site.workloads) {
        tell("workload " + resolved_.workloads[workload.workload].spec.id,
             0.9 * static_cast<double>(done++) / static_cast<double>(resolved_.workloads.size()));
        if (std::string reason = plan(workload); !reason.empty()) {
          return reason;
        }
      }
      tell("site " + resolved_.sites[site.site].spec.id, 0.9);
      simulate_planned_site(resolved_, site);
      if (!site.infeasible.empty()) {
        return site.infeasible;
      }
    }
    return {};
  }

  void report(const FactGrades& facts, Result& result) const {
    std::vector<SiteAnswer> answers;
    FactGrades grades = facts;
    for (const PlannedSite& site : sites_) {
      answers.push_back({&site, account(resolved_, site)});
      for (const PlannedWorkload& workload : site.workloads) {
        grades.compute = weakest(grades.compute, workload.serving ? workload.serving->grade : workload.training->grade);
      }
    }
    report_metrics(resolved_, answers, grades, result);
    report_tables(resolved_, answers, result);
    report_series_and_checks(resolved_, answers, result);
  }

 private:
  [[nodiscard]] Seconds horizon() const { return resolved_.scenario.horizon.duration; }

  void tell(const std::string& stage, double fraction) const {
    if (options_.progress) {
      options_.progress(stage, fraction);
    }
  }

  std::string plan(PlannedWorkload& planned) {
    const ResolvedWorkload& workload = resolved_.workloads[planned.workload];
    const ResolvedFleet& fleet = resolved_.fleets[workload.fleet];
    const std::uint64_t seed = resolved_.scenario.seed;
    if (planned.accelerators < 1) {
      return "the share of workload " + workload.spec.id + " holds not one whole rack of " + fleet.system.id;
    }
    std::string infeasible;
    if (workload.spec.kind == WorkloadKind::kServing) {
      planned.serving = serving_plan(planned, workload, fleet, seed);
      infeasible = planned.serving->infeasible;
    } else {
      planned.training = training_plan(planned, workload, fleet, seed);
      infeasible = planned.training->infeasible;
    }
    if (!infeasible.empty()) {
      return "workload " + workload.spec.id + ": " + infeasible;
    }
    plan_demand(resolved_, planned);
    if (planned.units < 1) {
      return "workload " + workload.spec.id + ": " + std::to_string(planned.accelerators) +
             " accelerators hold not one " + (planned.serving ? "replica" : "run");
    }
    return {};
  }

  std::shared_ptr<const ServingPlan> serving_plan(const PlannedWorkload& planned, const ResolvedWorkload& workload,
                                                  const ResolvedFleet& fleet, std::uint64_t seed) {
    const ServingPlan* design = options_.design ? options_.design->serving(workload.spec.id) : nullptr;
    const auto make = [&] {
      return std::make_shared<const ServingPlan>(
          plan_serving(fleet, workload, planned.accelerators, seed, options_.kernels, design));
    };
    if (!options_.cache) {
      return make();
    }
    // A replica depends on how many accelerators there are only through the replicas a recorded trace meets.
    const std::int64_t matters =
        workload.replayed ? planned.accelerators
                          : std::min<std::int64_t>(planned.accelerators,
                                                   kWidestReplicaDomains * fleet.system.accelerator.scale_up_domain);
    return options_.cache->serving(
        plan_key(fleet, workload, matters, horizon(), seed, options_.kernels, design, nullptr), make);
  }

  std::shared_ptr<const TrainingPlan> training_plan(const PlannedWorkload& planned, const ResolvedWorkload& workload,
                                                    const ResolvedFleet& fleet, std::uint64_t seed) {
    std::int64_t accelerators = planned.accelerators;
    if (workload.spec.training.accelerators_per_run) {
      accelerators = std::min(accelerators, static_cast<std::int64_t>(*workload.spec.training.accelerators_per_run));
    }
    const TrainingPlan* design = options_.design ? options_.design->training(workload.spec.id) : nullptr;
    const auto make = [&] {
      return std::make_shared<const TrainingPlan>(
          plan_training(fleet, workload, accelerators, horizon(), seed, options_.kernels, design));
    };
    return options_.cache
               ? options_.cache->training(
                     plan_key(fleet, workload, accelerators, horizon(), seed, options_.kernels, nullptr, design), make)
               : make();
  }

  const Resolved& resolved_;
  const EvaluateOptions& options_;
  std::vector<PlannedSite> sites_;

 public:
  [[nodiscard]] Design design() const {
    Design design;
    for (const PlannedSite& site : sites_) {
      for (const PlannedWorkload& workload : site.workloads) {
        design.add(resolved_.workloads[workload.workload].spec.id, workload.serving, workload.training);
      }
    }
    return design;
  }
};

}  // namespace

std::shared_ptr<const ServingPlan> PlanCache::serving(const std::string& key,
                                                      const std::function<std::shared_ptr<const ServingPlan>()>& make) {
  return get_or_make(mutex_, serving_, key, make);
}

std::shared_ptr<const TrainingPlan> PlanCache::training(
    const std::string& key, const std::function<std::shared_ptr<const TrainingPlan>()>& make) {
  return get_or_make(mutex_, training_, key, make);
}

void Design::add(const std::string& workload, std::shared_ptr<const ServingPlan> serving,
                 std::shared_ptr<const TrainingPlan> training) {
  if (serving) {
    serving_[workload] = std::move(serving);
  }
  if (training) {
    training_[workload] = std::move(training);
  }
}

const ServingPlan* Design::serving(const std::string& workload) const {
  const auto found = serving_.find(workload);
  return found == serving_.end() ? nullptr : found->second.get();
}

const TrainingPlan* Design::training(const std::string& workload) const {
  const auto found = training_.find(workload);
  return found == training_.end() ? nullptr : found->second.get();
}

Evaluation evaluate(const Scenario& scenario, const Catalog& catalog, const EvaluateOptions& options) {
  Evaluation evaluation;
  Problems problems;
  const Resolved resolved = resolve(scenario, catalog, evaluation.log, problems);
  problems.throw_if_any();

  Result& result = evaluation.result;
  result.title = scenario.title;
  result.question = scenario.question;
  result.seed = scenario.seed;
  result.inputs["catalogue"] = evaluation.log.content_hash();
  if (const std::string hash = calibration_hash(evaluation.log); !hash.empty()) {
    result.inputs["calibration"] = hash;
  }
  result.provenance = provenance(evaluation.log);
  Run run(resolved, options);
  result.reason = run.simulate();
  if (!result.reason.empty()) {
    result.status = RunStatus::kInfeasible;
    return evaluation;
  }
  run.report(fact_grades(evaluation.log), result);
  evaluation.design = run.design();
  return evaluation;
}

}  // namespace aifactory
