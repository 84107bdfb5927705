#include "sim/scenario/metric_table.h"

#include <cstddef>

namespace aifactory {

namespace {

constexpr Direction kUp = Direction::kHigherIsBetter;
constexpr Direction kDown = Direction::kLowerIsBetter;
constexpr Direction kFlat = Direction::kNeutral;
constexpr unsigned kThroughput = kFactsCompute | kFactsPower;
constexpr unsigned kCost = kThroughput | kFactsPrice;

}  // namespace

const std::vector<MetricSpec>& metric_table() {
  static const std::vector<MetricSpec> table = {
      // Fleet
      {"fleet.accelerators", "1", kUp, kFactsPower, "accelerator packages installed: whole racks x packages per rack"},
      {"fleet.racks", "1", kFlat, kFactsPower, "whole racks installed"},
      {"fleet.packages_per_gw", "1/GW", kUp, kFactsPower,
       "fleet.accelerators / site power envelope at its stated boundary"},
      {"fleet.dies_per_gw", "1/GW", kUp, kFactsPower, "fleet.packages_per_gw x compute dies per package"},
      // Throughput
      {"throughput.tokens_per_second", "1/s", kUp, kThroughput, "input + output tokens served, mean over the horizon"},
      {"throughput.tokens_per_second.input", "1/s", kUp, kThroughput, "prompt tokens computed, mean over the horizon"},
      {"throughput.tokens_per_second.cached", "1/s", kUp, kThroughput,
       "prompt tokens served from the prefix cache (part of no other count)"},
      {"throughput.tokens_per_second.output", "1/s", kUp, kThroughput, "tokens generated, mean over the horizon"},
      {"throughput.tokens_per_second_per_mw", "1/s/MW", kUp, kThroughput,
       "throughput.tokens_per_second / power.facility_average; of one workload: over its share of facility power by "
       "accelerator energy"},
      {"throughput.tokens_per_second_per_mw.input", "1/s/MW", kUp, kThroughput, "as above, prompt tokens"},
      {"throughput.tokens_per_second_per_mw.cached", "1/s/MW", kUp, kThroughput, "as above, cached prompt tokens"},
      {"throughput.tokens_per_second_per_mw.output", "1/s/MW", kUp, kThroughput, "as above, generated tokens"},
      {"efficiency.tokens_per_joule", "1/J", kUp, kThroughput, "throughput.tokens_per_second / power.facility_average"},
      // Power, energy, environment
      {"power.facility_average", "W", kFlat, kFactsPower, "mean electrical power of the site over the horizon"},
      {"power.facility_peak", "W", kFlat, kFactsPower, "highest hourly electrical power of the site"},
      {"power.it_average", "W", kFlat, kFactsPower, "mean power of racks, network and storage"},
      {"power.pue_average", "1", kDown, kFactsSite, "energy.facility / IT energy over the horizon"},
      {"power.pue_peak", "1", kDown, kFactsSite, "highest hourly facility over IT power"},
      {"energy.facility", "J", kFlat, kFactsPower, "integral of facility power over the horizon"},
      {"water.total", "m3", kDown, kFactsSite, "water evaporated and blown down by cooling over the horizon"},
      {"carbon.total", "kg", kDown, kFactsSite,
       "energy x hourly carbon intensity of the supply (direct), CO2 equivalent, over the horizon"},
      // Money
      {"capex.total", "USD", kDown, kFactsPower | kFactsPrice, "systems, network, construction and contingency"},
      {"capex.per_gw", "USD/GW", kDown, kFactsPower | kFactsPrice,
       "capex.total / site power envelope at its stated boundary"},
      {"opex.annual", "USD/yr", kDown, kFactsPower | kFactsPrice,
       "energy, maintenance, staff, water, insurance and property tax of a year"},
      {"tco.annual", "USD/yr", kDown, kFactsPower | kFactsPrice,
       "opex.annual + capex annualised over each asset's life at the WACC"},
      {"cost.usd_per_accelerator_hour", "USD/h", kDown, kFactsPower | kFactsPrice,
       "tco.annual / (fleet.accelerators x 8,760 h)"},
      {"cost.usd_per_mtoken", "USD/Mtoken", kDown, kCost,
       "serving's share of tco.annual / (input + output tokens of a year)"},
      {"cost.usd_per_mtoken.input", "USD/Mtoken", kDown, kCost,
       "cost attributed to prompt tokens in proportion to their price"},
      {"cost.usd_per_mtoken.cached", "USD/Mtoken", kDown, kCost,
       "cost attributed to cached prompt tokens in proportion to their price"},
      {"cost.usd_per_mtoken.output", "USD/Mtoken", kDown, kCost,
       "cost attributed to generated tokens in proportion to their price"},
      {"revenue.annual", "USD/yr", kUp, kCost,
       "tokens of a year x price per token kind, plus contracted accelerator hours of training"},
      {"finance.irr", "1", kUp, kCost, "discount rate at which the net present value of all cash flows is zero"},
      {"finance.npv", "USD", kUp, kCost,
       "cash flows discounted at the WACC to year 0, when the capital is spent; year 1 is the first of operation"},
      {"finance.payback", "yr", kDown, kCost, "years of operation until cumulative cash flow turns positive"},
      {"finance.gross_margin", "1", kUp, kCost, "(revenue.annual - tco.annual) / revenue.annual"},
      {"schedule.first_token", "yr", kDown, kFactsPrice,
       "time from decision to the first token: the slowest of power, construction and delivery, plus commissioning"},
      // Training
      {"training.step_time", "s", kDown, kFactsCompute,
       "one optimizer step: compute, exposed communication, pipeline bubble, optimizer"},
      {"training.mfu", "1", kUp, kFactsCompute,
       "model FLOPs (causal attention, no recompute) per second / dense peak of the matmul precision", true},
      {"training.goodput", "1", kUp, kFactsCompute, "useful time / elapsed time, failures and checkpoints included",
       true},
      {"training.tokens_per_second", "1/s", kUp, kThroughput,
       "tokens trained / elapsed time, over all runs in parallel"},
      {"training.time_to_train", "yr", kDown, kFactsCompute, "token budget / training.tokens_per_second"},
      // Serving
      {"serving.requests", "1", kUp, kThroughput,
       "requests offered over the horizon (rows of the trace when one is replayed as recorded)"},
      {"serving.ttft_p50", "s", kDown, kFactsCompute,
       "median time to first token: mean of the hourly medians, weighted by admitted requests"},
      {"serving.ttft_p99", "s", kDown, kFactsCompute, "99th percentile of time to first token in the busiest hour"},
      {"serving.tpot_p50", "s", kDown, kFactsCompute,
       "median time per output token after the first: mean of the hourly medians, weighted by requests"},
      {"serving.tpot_p99", "s", kDown, kFactsCompute,
       "99th percentile of time per output token after the first in the busiest hour"},
      {"serving.goodput", "1", kUp, kFactsCompute, "requests within their SLO / requests offered", true},
      {"serving.utilization", "1", kFlat, kThroughput, "mean offered load / load the replicas carry within the SLO"},
  };
  return table;
}

const MetricSpec* find_metric(std::string_view full_name) {
  std::string_view bare = full_name;
  for (const std::string_view scope : {std::string_view("workload."), std::string_view("site.")}) {
    if (bare.substr(0, scope.size()) == scope) {
      // The id may itself contain dots: the longest known tail wins.
      for (std::size_t dot = bare.find('.', scope.size()); dot != std::string_view::npos;
           dot = bare.find('.', dot + 1)) {
        if (const MetricSpec* spec = find_metric(bare.substr(dot + 1))) {
          return spec;
        }
      }
      return nullptr;
    }
  }
  for (const MetricSpec& spec : metric_table()) {
    if (spec.name == bare) {
      return &spec;
    }
  }
  return nullptr;
}

std::vector<std::string> metric_names() {
  std::vector<std::string> names;
  for (const MetricSpec& spec : metric_table()) {
    names.emplace_back(spec.name);
  }
  return names;
}

}  // namespace aifactory
