#include "sim/scenario/site_plan.h"

#include <algorithm>
#include <cmath>

#include "models/units/unit_text.h"
#include "sim/site/workload_hour.h"

namespace aifactory {

namespace {

PlannedFleet plan_fleet(const Resolved& resolved, std::size_t index, const Site& site, const SiteSpec& spec,
                        const WeatherYear& weather) {
  const ResolvedFleet& fleet = resolved.fleets[index];
  PlannedFleet planned;
  planned.fleet = index;
  planned.overheads = facility_overheads(site, fleet.system, weather);
  const PowerChain chain(fleet.system, planned.overheads);
  planned.racks = fleet.spec.racks ? static_cast<std::int64_t>(*fleet.spec.racks)
                                   : whole_racks_that_fit(spec.power * fleet.spec.envelope_share, spec.boundary, chain,
                                                          fleet.spec.oversubscription);
  const double accelerators = planned.accelerators(fleet.system);
  planned.rated_it = chain.at(PowerBoundary::kCriticalIt) * accelerators;
  planned.rated_boundary = chain.at(spec.boundary) * accelerators / fleet.spec.oversubscription;
  return planned;
}

}  // namespace

std::int64_t PlannedWorkload::used() const {
  return serving ? units * serving->replica.layout.accelerators() : units * training->accelerators;
}

PlannedSite plan_site(const Resolved& resolved, std::size_t index) {
  const ResolvedSite& site = resolved.sites[index];
  PlannedSite planned;
  planned.site = index;
  planned.weather = draw_weather(site.site.climate, site.spec.location, resolved.scenario.seed);
  Watts rated{};
  Watts limit{};
  for (std::size_t f = 0; f < resolved.fleets.size(); ++f) {
    if (resolved.fleets[f].site != index) {
      continue;
    }
    planned.fleets.push_back(plan_fleet(resolved, f, site.site, site.spec, planned.weather));
    const PlannedFleet& fleet = planned.fleets.back();
    rated += fleet.rated_boundary;
    // The meter's limit: what the envelope grants a fleet, seen at the meter; the mean over fleets by rated power.
    const PowerChain chain(resolved.fleets[f].system, fleet.overheads);
    limit += meter_limit(site.spec.power, site.spec.boundary, chain) * fleet.rated_boundary.value();
    if (fleet.racks < 1) {
      planned.infeasible =
          "not one rack of " + resolved.fleets[f].system.id + " fits: it takes " +
          format(chain.at(site.spec.boundary) * static_cast<double>(resolved.fleets[f].system.accelerators_per_rack)) +
          " at " + std::string(name(site.spec.boundary)) + ", the envelope of site " + site.spec.id + " grants " +
          format(site.spec.power * resolved.fleets[f].spec.envelope_share);
    }
  }
  planned.limit = rated.value() > 0.0 ? limit / rated.value() : Watts{};
  constexpr double kRounding = 1e-9;
  if (planned.infeasible.empty() && rated > site.spec.power * (1.0 + kRounding)) {
    planned.infeasible = "the fleets of site " + site.spec.id + " take " + format(rated) + " at " +
                         std::string(name(site.spec.boundary)) + ", the envelope grants " + format(site.spec.power);
  }
  for (std::size_t w = 0; w < resolved.workloads.size(); ++w) {
    const ResolvedWorkload& workload = resolved.workloads[w];
    for (std::size_t f = 0; f < planned.fleets.size(); ++f) {
      if (planned.fleets[f].fleet == workload.fleet) {
        PlannedWorkload entry;
        entry.workload = w;
        entry.fleet = f;
        const double racks = std::floor(static_cast<double>(planned.fleets[f].racks) * workload.spec.share + kRounding);
        entry.accelerators =
            static_cast<std::int64_t>(racks) * resolved.fleets[workload.fleet].system.accelerators_per_rack;
        planned.workloads.push_back(entry);
      }
    }
  }
  return planned;
}

void plan_demand(const Resolved& resolved, PlannedWorkload& planned) {
  const ResolvedWorkload& workload = resolved.workloads[planned.workload];
  if (planned.training) {
    planned.units = planned.training->accelerators > 0 ? planned.accelerators / planned.training->accelerators : 0;
    if (!workload.spec.training.accelerators_per_run) {
      planned.units = std::min<std::int64_t>(planned.units, 1);
    }
    return;
  }
  const ServingPlan& plan = *planned.serving;
  planned.units = planned.accelerators / plan.replica.layout.accelerators();
  const double in_service =
      replicas_in_service(static_cast<double>(planned.used()),
                          resolved.fleets[workload.fleet].failures.availability *
                              resolved.sites[resolved.fleets[workload.fleet].site].site.design.availability,
                          plan.replica.layout.accelerators());
  if (workload.replayed) {
    planned.shape = LoadShape::flat();
    planned.offered = workload.mix.trace->mean_rate();
    return;
  }
  const DemandSpec& demand = workload.demand;
  planned.shape = LoadShape::diurnal(demand.peak_to_mean, demand.peak_hour, demand.weekend_fraction);
  if (demand.requests_per_second) {
    planned.offered = *demand.requests_per_second;
  } else {
    planned.offered = plan.capacity * (in_service * *demand.peak_utilization / planned.shape.peak());
  }
}

void simulate_planned_site(const Resolved& resolved, PlannedSite& planned) {
  const ResolvedSite& site = resolved.sites[planned.site];
  SiteInputs inputs;
  inputs.site = site.site;
  inputs.weather = planned.weather;
  inputs.limit = planned.limit;
  for (const PlannedFleet& fleet : planned.fleets) {
    FleetGroup group;
    group.id = resolved.fleets[fleet.fleet].spec.id;
    group.system = resolved.fleets[fleet.fleet].system;
    group.racks = fleet.racks;
    group.availability = resolved.fleets[fleet.fleet].failures.availability;
    inputs.fleet.push_back(group);
  }
  for (const PlannedWorkload& workload : planned.workloads) {
    const WorkloadSpec& spec = resolved.workloads[workload.workload].spec;
    if (workload.serving) {
      ServingLoad load;
      load.id = spec.id;
      load.group = workload.fleet;
      load.accelerators = static_cast<double>(workload.used());
      load.curve = workload.serving->curve;
      load.shape = workload.shape;
      load.offered = workload.offered;
      load.slo_share = spec.serving.slo.share;
      load.priority = spec.serving.priority;
      inputs.serving.push_back(load);
    } else {
      TrainingLoad load;
      load.id = spec.id;
      load.group = workload.fleet;
      load.accelerators = static_cast<double>(workload.used());
      load.profile = workload.training->run.power;
      const Seconds elapsed = workload.training->run.elapsed;
      load.tokens = elapsed.value() > 0.0
                        ? Tokens(workload.training->run.tokens) / elapsed * static_cast<double>(workload.units)
                        : TokensPerSecond{};
      load.priority = spec.training.priority;
      inputs.training.push_back(load);
    }
  }
  planned.year = simulate_site_year(inputs);
  if (planned.year.over_limit_hours > 0.0) {
    planned.infeasible = "site " + site.spec.id + " exceeds its limit at the meter of " + format(planned.limit) +
                         " in " + std::to_string(static_cast<int>(planned.year.over_limit_hours)) +
                         " hours even with every accelerator at its lowest cap";
  }
}

}  // namespace aifactory
