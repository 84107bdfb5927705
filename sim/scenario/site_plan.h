// The site of a scenario: how many racks its envelope carries, what its workloads ask of it, and its simulated year.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "models/power/boundary.h"
#include "sim/scenario/plans.h"
#include "sim/site/site_simulation.h"

namespace aifactory {

struct PlannedFleet {
  std::size_t fleet = 0;  // index into Resolved::fleets
  FacilityOverheads overheads;
  std::int64_t racks = 0;
  Watts rated_it{};        // of all its racks, network included
  Watts rated_boundary{};  // the same load at the envelope's boundary
  [[nodiscard]] double accelerators(const System& system) const {
    return static_cast<double>(racks) * static_cast<double>(system.accelerators_per_rack);
  }
};

// One workload on its share of a fleet. Exactly one of the plans is set.
struct PlannedWorkload {
  std::size_t workload = 0;       // index into Resolved::workloads
  std::size_t fleet = 0;          // index into PlannedSite::fleets
  std::int64_t accelerators = 0;  // whole racks of its share
  std::shared_ptr<const ServingPlan> serving;
  std::shared_ptr<const TrainingPlan> training;
  std::int64_t units = 0;  // replicas, or runs side by side
  Hertz offered{};         // serving: mean over the year, all replicas
  LoadShape shape;
  [[nodiscard]] std::int64_t used() const;  // accelerators that replicas or runs occupy
};

struct PlannedSite {
  std::size_t site = 0;  // index into Resolved::sites
  std::string infeasible;
  WeatherYear weather;
  std::vector<PlannedFleet> fleets;
  std::vector<PlannedWorkload> workloads;
  Watts limit{};  // at the meter
  SiteYear year;
};

// Racks and shares; sets `infeasible` when not one rack fits or explicit racks exceed the envelope.
PlannedSite plan_site(const Resolved& resolved, std::size_t site);

// Demand of a planned workload once its plan is known.
void plan_demand(const Resolved& resolved, PlannedWorkload& workload);

void simulate_planned_site(const Resolved& resolved, PlannedSite& site);

}  // namespace aifactory
