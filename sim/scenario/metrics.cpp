#include "sim/scenario/metrics.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <utility>

#include "sim/scenario/metric_table.h"

namespace aifactory {

namespace {

constexpr double kWattsPerGigawatt = 1e9;
constexpr double kTokensPerMtoken = 1e6;

// Writes metrics under one prefix, with the unit and grade that their row in the metric table asks for.
class Writer {
 public:
  Writer(Result& result, const FactGrades& grades, std::string prefix)
      : result_(result), grades_(grades), prefix_(std::move(prefix)) {}

  void put(const std::string& metric, double value) const {
    const MetricSpec* spec = find_metric(metric);
    if (spec == nullptr) {
      throw std::logic_error("metric without a row in the metric table: " + metric);
    }
    if (!std::isfinite(value)) {
      throw std::runtime_error("metric " + prefix_ + metric + " is not finite");
    }
    Metric& out = result_.metrics[prefix_ + metric];
    out.value = value;
    out.unit = std::string(spec->unit);
    out.grade = grade_of(spec->facts);
  }

 private:
  [[nodiscard]] Grade grade_of(unsigned facts) const {
    Grade grade = Grade::kMeasured;
    const auto weaken = [&](unsigned group, Grade by) {
      if ((facts & group) != 0U) {
        grade = weakest(grade, by);
      }
    };
    weaken(kFactsCompute, grades_.compute);
    weaken(kFactsPower, grades_.power);
    weaken(kFactsSite, grades_.site);
    weaken(kFactsPrice, grades_.price);
    return grade;
  }

  Result& result_;
  const FactGrades& grades_;
  std::string prefix_;
};

// Latency quantiles: medians weighted by requests, largest tails.
struct Latency {
  double requests = 0.0;  // weight
  double ttft_p50 = 0.0, ttft_p99 = 0.0, tpot_p50 = 0.0, tpot_p99 = 0.0;
};

// Of the year, or of the trace where one was played as recorded.
Latency latency_of(const ServingPlan& plan, const ServingYear& year) {
  if (plan.replay) {
    const ServingOutcome& replay = *plan.replay;
    return {1.0, replay.ttft_p50.value(), replay.ttft_p99.value(), replay.tpot_p50.value(), replay.tpot_p99.value()};
  }
  return {1.0, year.ttft_p50.value(), year.ttft_p99.value(), year.tpot_p50.value(), year.tpot_p99.value()};
}

// Sums over whatever a prefix covers; every metric is a ratio or a sum of these.
struct Totals {
  double envelope = 0.0, facility = 0.0, peak = 0.0, it = 0.0, pue_peak = 0.0;
  double accelerators = 0.0, dies = 0.0, racks = 0.0;
  double water = 0.0, carbon = 0.0;
  TokenCounts tokens;  // of a year
  double offered = 0.0, within_slo = 0.0, capacity = 0.0, offered_rate = 0.0, replay_rows = 0.0;
  bool has_serving = false, has_training = false, all_replayed = true;
  Latency latency;  // requests-weighted medians, largest tails
  double serving_accelerators = 0.0, training_accelerators = 0.0;
  double step_time = 0.0, mfu = 0.0, goodput = 0.0;  // sums weighted by accelerators
  double trained = 0.0;                              // tokens per second
  double time_to_train = 0.0;
  Usd serving_cost{};                                                   // of a year
  double input_weight = 0.0, cached_weight = 0.0, output_weight = 0.0;  // token prices x tokens
};

void add_latency(const Latency& latency, double requests, Totals& totals) {
  totals.latency.requests += requests;
  totals.latency.ttft_p50 += requests * latency.ttft_p50;
  totals.latency.tpot_p50 += requests * latency.tpot_p50;
  totals.latency.ttft_p99 = std::max(totals.latency.ttft_p99, latency.ttft_p99);
  totals.latency.tpot_p99 = std::max(totals.latency.tpot_p99, latency.tpot_p99);
}

// Cost is split over token kinds by their prices; workloads with other prices count by the tokens they serve.
void add_price_weights(const TokenPrices& prices, const ServingYear& year, Totals& totals) {
  const TokenWeights weights = weights_from_prices(prices);
  totals.input_weight += weights.input * year.input.value();
  totals.cached_weight += weights.cached * year.cached.value();
  totals.output_weight += weights.output * year.output.value();
}

TokenWeights mean_weights(const Totals& totals) {
  const auto mean = [](double weight, Tokens tokens) { return tokens.value() > 0.0 ? weight / tokens.value() : 0.0; };
  return {mean(totals.input_weight, totals.tokens.input), mean(totals.cached_weight, totals.tokens.cached),
          mean(totals.output_weight, totals.tokens.output)};
}

void add_serving(const Resolved& resolved, const PlannedSite& site, const PlannedWorkload& workload, Totals& totals) {
  const ResolvedWorkload& spec = resolved.workloads[workload.workload];
  for (const ServingYear& year : site.year.serving) {
    if (year.id != spec.spec.id) {
      continue;
    }
    totals.tokens.input += year.input;
    totals.tokens.cached += year.cached;
    totals.tokens.output += year.output;
    totals.offered += year.offered;
    totals.within_slo += year.within_slo;
    add_latency(latency_of(*workload.serving, year), workload.offered.value(), totals);
    add_price_weights(spec.prices, year, totals);
  }
  if (workload.serving->replay) {
    totals.replay_rows += static_cast<double>(workload.serving->replay->offered);
  } else {
    totals.all_replayed = false;
  }
  totals.has_serving = true;
  totals.serving_accelerators += static_cast<double>(workload.accelerators);
  totals.capacity += (workload.serving->capacity * static_cast<double>(workload.units)).value();
  totals.offered_rate += workload.offered.value();
}

void add_training(const Resolved& resolved, const PlannedSite& site, const PlannedWorkload& workload, Totals& totals) {
  const ResolvedWorkload& spec = resolved.workloads[workload.workload];
  const TrainingPlan& plan = *workload.training;
  const double used = static_cast<double>(workload.used());
  totals.has_training = true;
  totals.training_accelerators += used;
  totals.step_time += used * plan.step.total.value();
  totals.mfu += used * plan.step.mfu;
  totals.goodput += used * plan.run.goodput;
  double rate = 0.0;
  for (const TrainingYear& year : site.year.training) {
    if (year.id == spec.spec.id) {
      rate = (year.tokens / kYear).value();
    }
  }
  totals.trained += rate;
  if (spec.spec.training.tokens && rate > 0.0 && workload.units > 0) {
    const double one_run = rate / static_cast<double>(workload.units);
    totals.time_to_train = std::max(totals.time_to_train, spec.spec.training.tokens->value() / one_run);
  }
}

void add_site(const Resolved& resolved, const SiteAnswer& answer, Totals& totals) {
  const PlannedSite& site = *answer.plan;
  totals.envelope += resolved.sites[site.site].spec.power.value();
  totals.facility += site.year.facility_average.value();
  totals.peak += site.year.facility_peak.value();
  totals.it += site.year.it_average.value();
  totals.pue_peak = std::max(totals.pue_peak, site.year.pue_peak);
  totals.water += site.year.water_m3;
  totals.carbon += site.year.carbon_direct_kg;
  double accelerators = 0.0;
  for (const PlannedFleet& fleet : site.fleets) {
    const System& system = resolved.fleets[fleet.fleet].system;
    accelerators += fleet.accelerators(system);
    totals.dies += fleet.accelerators(system) * system.accelerator.dies_per_package;
    totals.racks += static_cast<double>(fleet.racks);
  }
  totals.accelerators += accelerators;
  double serving = 0.0;
  for (const PlannedWorkload& workload : site.workloads) {
    if (workload.serving) {
      add_serving(resolved, site, workload, totals);
      serving += static_cast<double>(workload.accelerators);
    } else {
      add_training(resolved, site, workload, totals);
    }
  }
  totals.serving_cost += answer.money.annual_cost() * (serving / accelerators);
}

void put_throughput(const Writer& out, const TokenCounts& tokens, double facility_watts) {
  const double served = tokens.computed().value() / kYear.value();
  const double megawatts = facility_watts / 1e6;
  const std::pair<const char*, double> kinds[] = {{"", served},
                                                  {".input", tokens.input.value() / kYear.value()},
                                                  {".cached", tokens.cached.value() / kYear.value()},
                                                  {".output", tokens.output.value() / kYear.value()}};
  for (const auto& [kind, rate] : kinds) {
    out.put("throughput.tokens_per_second" + std::string(kind), rate);
    out.put("throughput.tokens_per_second_per_mw" + std::string(kind), rate / megawatts);
  }
  out.put("efficiency.tokens_per_joule", served / facility_watts);
}

void put_costs(const Writer& out, const Totals& totals) {
  if (!(totals.tokens.computed().value() > 0.0)) {
    return;
  }
  const TokenCosts costs = token_costs(totals.serving_cost, totals.tokens, mean_weights(totals));
  out.put("cost.usd_per_mtoken", costs.blended.value() * kTokensPerMtoken);
  out.put("cost.usd_per_mtoken.input", costs.input.value() * kTokensPerMtoken);
  out.put("cost.usd_per_mtoken.cached", costs.cached.value() * kTokensPerMtoken);
  out.put("cost.usd_per_mtoken.output", costs.output.value() * kTokensPerMtoken);
}

void put_serving(const Writer& out, const Totals& totals, double horizon_years) {
  out.put("serving.requests", totals.all_replayed ? totals.replay_rows : totals.offered * horizon_years);
  if (totals.latency.requests > 0.0) {
    out.put("serving.ttft_p50", totals.latency.ttft_p50 / totals.latency.requests);
    out.put("serving.tpot_p50", totals.latency.tpot_p50 / totals.latency.requests);
    out.put("serving.ttft_p99", totals.latency.ttft_p99);
    out.put("serving.tpot_p99", totals.latency.tpot_p99);
  }
  if (totals.offered > 0.0) {
    out.put("serving.goodput", totals.within_slo / totals.offered);
  }
  if (totals.capacity > 0.0) {
    out.put("serving.utilization", totals.offered_rate / totals.capacity);
  }
}

void put_training(const Writer& out, const Totals& totals) {
  const double accelerators = totals.training_accelerators;
  if (!(accelerators > 0.0)) {
    return;
  }
  out.put("training.step_time", totals.step_time / accelerators);
  out.put("training.mfu", totals.mfu / accelerators);
  out.put("training.goodput", totals.goodput / accelerators);
  out.put("training.tokens_per_second", totals.trained);
  if (totals.time_to_train > 0.0) {
    out.put("training.time_to_train", totals.time_to_train / kYear.value());
  }
}

void put_power(const Writer& out, const Totals& totals, double horizon_years) {
  const double gigawatts = totals.envelope / kWattsPerGigawatt;
  out.put("fleet.accelerators", totals.accelerators);
  out.put("fleet.racks", totals.racks);
  out.put("fleet.packages_per_gw", totals.accelerators / gigawatts);
  out.put("fleet.dies_per_gw", totals.dies / gigawatts);
  out.put("power.facility_average", totals.facility);
  out.put("power.facility_peak", totals.peak);
  out.put("power.it_average", totals.it);
  out.put("power.pue_average", totals.facility / totals.it);
  out.put("power.pue_peak", totals.pue_peak);
  out.put("energy.facility", totals.facility * kYear.value() * horizon_years);
  out.put("water.total", totals.water * horizon_years);
  out.put("carbon.total", totals.carbon * horizon_years);
}

// Money of one or several sites: sums, and rates over the summed cash flows.
void put_money(const Writer& out, const std::vector<const SiteMoney*>& sites, const Totals& totals, double wacc) {
  Usd capex{}, opex{}, tco{}, revenue{};
  std::vector<Usd> flows;
  Seconds first_token{};
  for (const SiteMoney* money : sites) {
    capex += money->capex.total();
    opex += money->opex.total();
    tco += money->annual_cost();
    revenue += money->revenue;
    first_token =
        first_token == Seconds{} ? money->schedule.first_token : min(first_token, money->schedule.first_token);
    flows.resize(std::max(flows.size(), money->financials.cash_flows.size()));
    for (std::size_t year = 0; year < money->financials.cash_flows.size(); ++year) {
      flows[year] += money->financials.cash_flows[year];
    }
  }
  out.put("capex.total", capex.value());
  out.put("capex.per_gw", capex.value() / (totals.envelope / kWattsPerGigawatt));
  out.put("opex.annual", opex.value());
  out.put("tco.annual", tco.value());
  out.put("cost.usd_per_accelerator_hour", (tco / totals.accelerators / (kYear / kHour)).value());
  out.put("schedule.first_token", first_token / kYear);
  out.put("finance.npv", net_present_value(wacc, flows).value());
  if (revenue.value() > 0.0) {
    out.put("revenue.annual", revenue.value());
    out.put("finance.gross_margin", (revenue - tco) / revenue);
    if (const std::optional<double> irr = internal_rate_of_return(flows)) {
      out.put("finance.irr", *irr);
    }
    if (const std::optional<double> payback = payback_years(flows)) {
      out.put("finance.payback", *payback);
    }
  }
}

void put_all(const Writer& out, const Totals& totals, const std::vector<const SiteMoney*>& money, double horizon_years,
             double wacc) {
  put_power(out, totals, horizon_years);
  put_money(out, money, totals, wacc);
  if (totals.has_serving) {
    put_throughput(out, totals.tokens, totals.facility);
    put_costs(out, totals);
    put_serving(out, totals, horizon_years);
  }
  if (totals.has_training) {
    put_training(out, totals);
  }
}

// What belongs to one workload alone: its share of facility power goes by accelerator energy, of cost by accelerators.
void put_workload(const Writer& out, const Resolved& resolved, const SiteAnswer& answer,
                  const PlannedWorkload& workload, double horizon_years) {
  const PlannedSite& site = *answer.plan;
  const std::string& id = resolved.workloads[workload.workload].spec.id;
  Totals totals;
  if (workload.serving) {
    add_serving(resolved, site, workload, totals);
    double energy = 0.0;
    for (const ServingYear& year : site.year.serving) {
      energy += year.id == id ? year.accelerator_energy.value() : 0.0;
    }
    const double share =
        site.year.accelerator_energy.value() > 0.0 ? energy / site.year.accelerator_energy.value() : 0.0;
    if (share > 0.0) {
      put_throughput(out, totals.tokens, site.year.facility_average.value() * share);
    }
    double accelerators = 0.0;
    for (const PlannedFleet& fleet : site.fleets) {
      accelerators += fleet.accelerators(resolved.fleets[fleet.fleet].system);
    }
    totals.serving_cost = answer.money.annual_cost() * (totals.serving_accelerators / accelerators);
    put_costs(out, totals);
    put_serving(out, totals, horizon_years);
  } else {
    add_training(resolved, site, workload, totals);
    put_training(out, totals);
  }
}

}  // namespace

void report_metrics(const Resolved& resolved, const std::vector<SiteAnswer>& sites, const FactGrades& grades,
                    Result& result) {
  const double horizon_years = resolved.scenario.horizon.duration / kYear;
  const double wacc = resolved.prices.finance.wacc;
  Totals all;
  std::vector<const SiteMoney*> money;
  for (const SiteAnswer& site : sites) {
    add_site(resolved, site, all);
    money.push_back(&site.money);
  }
  put_all(Writer(result, grades, ""), all, money, horizon_years, wacc);
  if (sites.size() > 1) {
    for (const SiteAnswer& site : sites) {
      Totals totals;
      add_site(resolved, site, totals);
      const Writer out(result, grades, "site." + resolved.sites[site.plan->site].spec.id + ".");
      put_all(out, totals, {&site.money}, horizon_years, wacc);
    }
  }
  if (resolved.workloads.size() > 1) {
    for (const SiteAnswer& site : sites) {
      for (const PlannedWorkload& workload : site.plan->workloads) {
        const std::string& id = resolved.workloads[workload.workload].spec.id;
        put_workload(Writer(result, grades, "workload." + id + "."), resolved, site, workload, horizon_years);
      }
    }
  }
}

}  // namespace aifactory
