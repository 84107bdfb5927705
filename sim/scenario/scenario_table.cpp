#include "sim/scenario/scenario_table.h"

#include <nlohmann/json.hpp>
#include <string>

#include "models/catalog/json_reader.h"
#include "sim/scenario/workload_table.h"

namespace aifactory {

namespace {

const FieldTable<SiteSpec>& site_spec_table() {
  static const auto table =
      FieldTable<SiteSpec>("site", 0, "A power envelope at a place.")
          .id("id", &SiteSpec::id, "name within the scenario")
          .default_value("site", "one site needs no name")
          .reference("location", "sites", &SiteSpec::location, "climate, grid, cooling and building cost")
          .default_value("columbus",
                         "Columbus, Ohio: PJM grid, the largest cluster of announced gigawatt sites east of Texas")
          .quantity("power", &SiteSpec::power, "GW", "the envelope")
          .required()
          .at_least(1e3)
          .at_most(1e15)
          .choice_of(
              "boundary", &SiteSpec::boundary, kPowerBoundaryNames,
              "where the envelope is measured: the count per gigawatt differs by a factor of two and more between them")
          .required()
          .reference("facility", "facilities", &SiteSpec::facility, "design of cooling and power plant")
          .default_rule("the location's", "what is usually built there")
          .reference("energy", "energy", &SiteSpec::energy, "grid region: price and carbon")
          .default_rule("the location's", "the grid it stands in")
          .quantity("energy_price", &SiteSpec::energy_price, "USD/MWh", "all-in, in place of the region's tariff")
          .non_negative();
  return table;
}

const FieldTable<FleetSpec>& fleet_table() {
  static const auto table =
      FieldTable<FleetSpec>("fleet", 0, "Racks of one system at one site.")
          .id("id", &FleetSpec::id, "name within the scenario")
          .default_value("fleet", "one fleet needs no name")
          .id("site", &FleetSpec::site, "the site it stands on")
          .default_rule("the only site", "needed when there are several")
          .reference("system", "systems", &FleetSpec::system, "what is racked")
          .required()
          .number("racks", &FleetSpec::racks, "whole racks")
          .at_least(1.0)
          .at_most(1e7)
          .default_rule("as many as the envelope carries at rated power", "whole racks, rounded down")
          .number("envelope_share", &FleetSpec::envelope_share, "of the site's power, when filling it")
          .above(0.0)
          .at_most(1.0)
          .default_value(1.0, "all of it")
          .number("oversubscription", &FleetSpec::oversubscription,
                  "rated power admitted over the envelope; caps hold the limit")
          .at_least(1.0)
          .at_most(3.0)
          .default_value(1.0, "no oversubscription: every rack may draw its rating at once")
          .reference("reliability", "reliability", &FleetSpec::reliability, "failures, restarts, checkpoints")
          .default_value("default", "the largest published pre-training run, see the entry");
  return table;
}

const FieldTable<HorizonSpec>& horizon_table() {
  static const auto table = FieldTable<HorizonSpec>("horizon", 0, "What period the answers cover.")
                                .date("start", &HorizonSpec::start, "first day")
                                .default_value("2026-01-01", "the year after the interview")
                                .quantity("duration", &HorizonSpec::duration, "years",
                                          "length; the site's year is simulated whole and scaled")
                                .at_least(3600.0)
                                .at_most(3.2e9)
                                .default_value("1 year", "one turn of the seasons");
  return table;
}

const FieldTable<EconomicsSpec>& economics_table() {
  static const auto table =
      FieldTable<EconomicsSpec>("economics", 0, "Prices and financing; what is absent comes from the price book.")
          .reference("prices", "prices", &EconomicsSpec::prices, "price book")
          .default_value("default", "median of published 2025-2026 costs, each cited in configs/prices")
          .number("wacc", &EconomicsSpec::wacc, "weighted average cost of capital, nominal")
          .at_least(0.0)
          .at_most(1.0)
          .number("years", &EconomicsSpec::years, "of operation in the cash-flow analysis")
          .at_least(1.0)
          .at_most(50.0)
          .default_rule("the IT hardware's life", "nothing is assumed about the next generation")
          .number("token_price_growth", &EconomicsSpec::token_price_growth, "of token prices, a year")
          .at_least(-0.99)
          .at_most(10.0)
          .default_rule("0", "constant prices; vary it")
          .object("token_price", &EconomicsSpec::token_price, stated_price_table(), "what customers pay")
          .quantity("accelerator_price", &EconomicsSpec::accelerator_price, "USD/h",
                    "earned per accelerator by training capacity")
          .non_negative()
          .default_rule("training earns nothing", "internal work has no market price unless one is stated");
  return table;
}

void read_uncertainty(Scenario& scenario, const nlohmann::json& value, ReadContext& context) {
  if (!value.is_array()) {
    context.problem("is not a list", R"(e.g. [{"input": "/economics/wacc", "low": 0.07, "high": 0.12}])");
    return;
  }
  for (std::size_t i = 0; i < value.size(); ++i) {
    const ReadContext::Step step(context, i);
    const nlohmann::json& row = value[i];
    if (!row.is_object() || !row.contains("input") || !row["input"].is_string() || !row.contains("low") ||
        !row.contains("high")) {
      context.problem("is not an uncertain input", R"(an object with "input", "low" and "high")");
      continue;
    }
    bool known = true;
    for (const auto& [key, member] : row.items()) {
      if (key != "input" && key != "low" && key != "high") {
        context.problem_in(key, "unknown key", "one of: input, low, high");
        known = false;
      }
      if (key != "input" && (member.is_structured() || member.is_null())) {
        context.problem_in(key, "is not a plain value", "a number or a text with its unit");
        known = false;
      }
    }
    if (known) {
      scenario.uncertainty.push_back(
          {context.pointer(), row["input"].get<std::string>(), row["low"].dump(), row["high"].dump()});
    }
  }
}

constexpr const char* kUncertaintySchema =
    R"({"type": "array", "items": {"type": "object", "required": ["input", "low", "high"],
  "properties": {"input": {"type": "string"}, "low": {"type": ["string", "number"]}, "high": {"type": ["string", "number"]}},
  "additionalProperties": false}})";

}  // namespace

const FieldTable<Scenario>& scenario_table() {
  static const auto expect =
      FieldTable<Scenario>("expect", 0, "What the run should find; CI holds it against that.")
          .boolean("infeasible", &Scenario::expect_infeasible, "an infeasible result is the expected one")
          .default_value(false, "a result is expected");
  static const auto table =
      FieldTable<Scenario>("scenario", 0, "A question to the simulator.")
          .choice_unmapped("schema", {"scenario/1"}, "format version")
          .required()
          .text("title", &Scenario::title, "a line")
          .text("question", &Scenario::question, "what is asked")
          .text("description", &Scenario::description, "background")
          .integer("seed", &Scenario::seed, "of all random streams")
          .at_least(0.0)
          .default_value(1, "any number; the same seed gives the same bytes")
          .object("horizon", &Scenario::horizon, horizon_table(), "what period the answers cover")
          .objects("sites", &Scenario::sites, site_spec_table(), "power envelopes", "id")
          .required()
          .items(1, 256)
          .objects("fleet", &Scenario::fleet, fleet_table(), "what stands on them", "id")
          .required()
          .items(1, 256)
          .objects("workloads", &Scenario::workloads, workload_table(), "what the fleet does", "id")
          .required()
          .items(1, 256)
          .object("demand", &Scenario::demand, demand_table(), "of serving workloads that state none")
          .object("economics", &Scenario::economics, economics_table(), "prices and financing")
          .custom("uncertainty", read_uncertainty, kUncertaintySchema,
                  "bands of inputs: of this scenario (/economics/wacc) or of the catalogue "
                  "(systems/gb200_nvl72/rack_power); P10 and P90")
          .group("expect", expect, "what the run should find");
  return table;
}

}  // namespace aifactory
