// Breakdowns behind the metrics, the daily series, and the balances of every rung.
#include <algorithm>
#include <string>

#include "models/llm/memory.h"
#include "models/units/unit_text.h"
#include "sim/scenario/metrics.h"

namespace aifactory {

namespace {

// What a step of the power chain adds, for people.
std::string_view explain_step(std::string_view note) {
  if (note == "tdp") {
    return "accelerator package at its rated power";
  }
  if (note == "host") {
    return "+ CPUs, NICs, scale-up switches, fans and power shelves of the rack";
  }
  if (note == "network") {
    return "+ scale-out switches, optics, storage, management";
  }
  if (note == "pue_average") {
    return "x annual mean PUE: cooling and conversion losses";
  }
  if (note == "pue_peak") {
    return "x PUE of the design day in place of the mean";
  }
  if (note == "margin") {
    return "+ redundancy and headroom that is contracted but never drawn";
  }
  return note;
}

Table power_chain_table(const Resolved& resolved, const PlannedFleet& fleet) {
  const System& system = resolved.fleets[fleet.fleet].system;
  const PowerChain chain(system, fleet.overheads);
  Table table;
  table.columns = {"boundary",        "x previous",  "W per package", "kW per rack",
                   "packages per GW", "dies per GW", "what it adds"};
  for (const PowerStep& step : chain.steps()) {
    const double per_gw = 1e9 / step.watts.value();
    table.rows.push_back({std::string(name(step.boundary)), step.multiplier, step.watts.value(),
                          step.watts.value() * system.accelerators_per_rack / 1e3, per_gw,
                          per_gw * system.accelerator.dies_per_package, std::string(explain_step(step.note))});
  }
  return table;
}

Table capex_table(const Capex& capex) {
  Table table;
  table.columns = {"item", "amount [USD]", "share"};
  for (const CapexRow& row : capex.rows) {
    table.rows.push_back({std::string(row.id), row.amount.value(), row.amount / capex.total()});
  }
  return table;
}

Table opex_table(const Opex& opex) {
  Table table;
  table.columns = {"item", "amount [USD/yr]", "share"};
  for (const OpexRow& row : opex.rows) {
    table.rows.push_back({std::string(row.id), row.amount.value(), row.amount / opex.total()});
  }
  return table;
}

Table schedule_table(const BuildSchedule& schedule) {
  Table table;
  table.columns = {"milestone", "start [months]", "end [months]", "critical"};
  const Seconds month = kYear / 12.0;
  for (const Milestone& milestone : schedule.milestones) {
    table.rows.push_back({std::string(milestone.id), milestone.start / month, milestone.end / month,
                          std::string(milestone.critical ? "yes" : "no")});
  }
  return table;
}

std::string layout_text(const ParallelLayout& layout) {
  std::string text;
  const auto add = [&text](const char* symbol, int width) {
    if (width > 1) {
      text += (text.empty() ? "" : " ") + std::string(symbol) + std::to_string(width);
    }
  };
  add("TP", layout.tensor);
  add("PP", layout.pipeline);
  add("VP", layout.virtual_pipeline);
  add("CP", layout.context);
  add("DP", layout.data);
  add("EP", layout.expert);
  add("ETP", layout.expert_tensor);
  return text.empty() ? "1" : text;
}

void serving_tables(const ResolvedWorkload& workload, const PlannedWorkload& planned, Result& result) {
  const ServingPlan& plan = *planned.serving;
  const std::string& id = workload.spec.id;
  const ReplicaMemory memory = replica_memory(plan.replica);
  Table& layout = result.tables["workload." + id + ".layout"];
  layout.columns = {"what", "value"};
  layout.rows = {{std::string("model"), workload.model.name},
                 {std::string("weights and matmuls"), std::string(name(plan.replica.formats.dense)) + ", experts " +
                                                          std::string(name(plan.replica.formats.experts))},
                 {std::string("replica"), layout_text(plan.replica.layout)},
                 {std::string("accelerators per replica"), static_cast<double>(plan.replica.layout.accelerators())},
                 {std::string("replicas"), static_cast<double>(planned.units)},
                 {std::string("sequences per replica, at most"), static_cast<double>(plan.replica.max_batch)},
                 {std::string("weights per accelerator"), format(memory.weights)},
                 {std::string("KV cache per accelerator"), format(memory.cache)},
                 {std::string("requests/s per replica within the SLO"), plan.capacity.value()}};
  Table& curve = result.tables["workload." + id + ".capacity_curve"];
  curve.columns = {"offered [1/s]", "completed [1/s]", "output [token/s]", "TTFT p50 [s]",     "TTFT p99 [s]",
                   "TPOT p50 [s]",  "TPOT p99 [s]",    "within SLO",       "W per accelerator"};
  for (const OperatingPoint& point : plan.curve.points()) {
    curve.rows.push_back({point.offered.value(), point.completed.value(), point.output.value(), point.ttft_p50.value(),
                          point.ttft_p99.value(), point.tpot_p50.value(), point.tpot_p99.value(), point.within_slo,
                          point.accelerator_power.value()});
  }
}

void training_tables(const ResolvedWorkload& workload, const PlannedWorkload& planned, Result& result) {
  const TrainingPlan& plan = *planned.training;
  const std::string& id = workload.spec.id;
  Table& layout = result.tables["workload." + id + ".layout"];
  layout.columns = {"what", "value"};
  layout.rows = {{std::string("model"), workload.model.name},
                 {std::string("matmuls"), std::string(name(plan.spec.formats.dense))},
                 {std::string("layout"), layout_text(plan.spec.layout)},
                 {std::string("accelerators per run"), static_cast<double>(plan.accelerators)},
                 {std::string("runs"), static_cast<double>(planned.units)},
                 {std::string("micro-batch"), plan.spec.layout.micro_batch},
                 {std::string("memory per accelerator"), format(plan.step.memory.total())},
                 {std::string("failures in the horizon"), static_cast<double>(plan.run.failures)}};
  Table& step = result.tables["workload." + id + ".step"];
  step.columns = {"part", "time [s]", "share"};
  const StepBreakdown& parts = plan.step;
  const std::pair<const char*, Seconds> rows[] = {{"kernels", parts.kernels},
                                                  {"tensor communication", parts.tensor},
                                                  {"context communication", parts.context},
                                                  {"expert communication", parts.expert},
                                                  {"pipeline communication", parts.pipeline},
                                                  {"data communication", parts.data},
                                                  {"pipeline bubble", parts.bubble},
                                                  {"optimizer", parts.optimizer},
                                                  {"overhead", parts.overhead}};
  for (const auto& [part, time] : rows) {
    step.rows.push_back({std::string(part), time.value(), time / parts.total});
  }
}

Series daily_means(const std::vector<double>& hourly, std::string unit) {
  constexpr std::size_t kHours = 24;
  Series series;
  series.unit = std::move(unit);
  series.step_seconds = kDay.value();
  for (std::size_t start = 0; start + kHours <= hourly.size(); start += kHours) {
    double sum = 0.0;
    for (std::size_t hour = start; hour < start + kHours; ++hour) {
      sum += hourly[hour];
    }
    series.values.push_back(sum / static_cast<double>(kHours));
  }
  return series;
}

}  // namespace

void report_tables(const Resolved& resolved, const std::vector<SiteAnswer>& sites, Result& result) {
  const auto scope = [&](const char* kind, const std::string& id, bool several) {
    return several ? std::string(kind) + "." + id + "." : std::string();
  };
  for (const SiteAnswer& site : sites) {
    const std::string prefix = scope("site", resolved.sites[site.plan->site].spec.id, sites.size() > 1);
    for (const PlannedFleet& fleet : site.plan->fleets) {
      const bool several = resolved.fleets.size() > 1;
      result.tables[scope("fleet", resolved.fleets[fleet.fleet].spec.id, several) + "power_chain"] =
          power_chain_table(resolved, fleet);
    }
    result.tables[prefix + "capex"] = capex_table(site.money.capex);
    result.tables[prefix + "opex"] = opex_table(site.money.opex);
    result.tables[prefix + "schedule"] = schedule_table(site.money.schedule);
    for (const PlannedWorkload& planned : site.plan->workloads) {
      const ResolvedWorkload& workload = resolved.workloads[planned.workload];
      if (planned.serving) {
        serving_tables(workload, planned, result);
      } else {
        training_tables(workload, planned, result);
      }
    }
  }
}

void report_series_and_checks(const Resolved& resolved, const std::vector<SiteAnswer>& sites, Result& result) {
  for (const SiteAnswer& site : sites) {
    const std::string& id = resolved.sites[site.plan->site].spec.id;
    const std::string prefix = sites.size() > 1 ? "site." + id + "." : std::string();
    const SiteSeries& series = site.plan->year.series;
    const std::pair<const char*, std::pair<const std::vector<double>*, const char*>> rows[] = {
        {"power.facility", {&series.facility_w, "W"}},
        {"power.it", {&series.it_w, "W"}},
        {"power.cooling", {&series.cooling_w, "W"}},
        {"power.pue", {&series.pue, "1"}},
        {"weather.dry_bulb", {&series.dry_bulb_c, "degC"}},
        {"weather.wet_bulb", {&series.wet_bulb_c, "degC"}},
        {"throughput.output_tokens", {&series.output_tokens_per_s, "1/s"}},
        {"serving.shed", {&series.shed_requests_per_s, "1/s"}},
        {"energy.price", {&series.price_usd_per_kwh, "USD/kWh"}},
        {"carbon.intensity", {&series.carbon_kg_per_kwh, "kg/kWh"}}};
    for (const auto& [name, values] : rows) {
      result.series[prefix + name] = daily_means(*values.first, values.second);
    }
    // Conservation holds to rounding of the sums over 8,760 hours.
    constexpr double kTolerance = 1e-9;
    for (const BookCheck& check : site.plan->year.checks) {
      result.checks.push_back({"site." + id + "." + check.id, check.residual,
                               check.ok ? std::max(check.residual, kTolerance) : kTolerance});
    }
    const Usd capex = site.money.capex.total();
    result.checks.push_back({"site." + id + ".ledger", abs(site.money.financials.books_residual) / capex, kTolerance});
    for (const PlannedWorkload& planned : site.plan->workloads) {
      if (planned.serving && planned.serving->replay) {
        const ServingOutcome& outcome = *planned.serving->replay;
        const double missing =
            static_cast<double>(outcome.offered - outcome.completed - outcome.rejected - outcome.in_flight);
        result.checks.push_back({"workload." + resolved.workloads[planned.workload].spec.id + ".requests",
                                 missing < 0 ? -missing : missing, 0.0});
      }
    }
  }
}

}  // namespace aifactory
