// Published figures of sites, platforms and operators against what the catalogue and the models give. Nothing is fitted
// to them; the ranges are those of the publications.
#include <gtest/gtest.h>

#include <map>
#include <string>

#include "models/catalog/catalog.h"
#include "models/catalog/price_table.h"
#include "models/catalog/site_table.h"
#include "models/catalog/system_table.h"
#include "models/economics/project.h"
#include "models/power/boundary.h"
#include "sim/site/site_simulation.h"

namespace aifactory {
namespace {

class Anchors : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    CatalogOptions options;
    options.configs_dir = AIFACTORY_SOURCE_DIR "/configs";
    catalog_ = new Catalog(Catalog::load(options));
    columbus_ = new Site(load_entry(*catalog_, "sites", "columbus", site_table()));
    weather_ = new WeatherYear(draw_weather(columbus_->climate, columbus_->id, 1));
  }
  static void TearDownTestSuite() {
    delete weather_;
    delete columbus_;
    delete catalog_;
  }

  static Site columbus_with(const std::string& facility) {
    Site site = *columbus_;
    site.design = load_entry(*catalog_, "facilities", facility, facility_table());
    return site;
  }
  static double pue(const std::string& facility, const std::string& system) {
    return facility_overheads(columbus_with(facility), load_system(*catalog_, system), *weather_).pue_average;
  }
  // Litres per kWh of IT at full load.
  static double wue(const std::string& facility, const std::string& system_id) {
    const Site site = columbus_with(facility);
    const System system = load_system(*catalog_, system_id);
    const HeatLoad heat = heat_of(system, system.rack_power, system.rack_power * system.network_power_fraction);
    double litres = 0.0;
    for (const WeatherHour& hour : weather_->hours()) {
      litres += facility_at(site, hour, {&heat, 1}, heat.liquid + heat.air).water.value() * 3600.0;
    }
    return litres / ((heat.liquid + heat.air).value() / 1e3 * kHoursPerYear);
  }

  struct Factory {
    PowerChain chain;
    double accelerators;
    Capex capex;
    Usd annual_cost;
  };
  // One gigawatt of average facility power, at 85 % of TDP all year.
  static Factory gigawatt(const std::string& id) {
    const System system = load_system(*catalog_, id);
    const PriceBook prices = load_entry(*catalog_, "prices", "default", price_table());
    const PowerChain chain(system, facility_overheads(*columbus_, system, *weather_));
    const std::int64_t racks = whole_racks_that_fit(Watts(1e9), PowerBoundary::kAverageFacility, chain);
    const double accelerators = static_cast<double>(racks * system.accelerators_per_rack);
    const Watts it = chain.at(PowerBoundary::kCriticalIt) * accelerators;
    const Capex capex = build_capex({{&system, racks}}, it, chain.at(PowerBoundary::kContracted) * accelerators,
                                    columbus_->construction_factor, prices.capex);
    SiteInputs inputs;
    inputs.site = *columbus_;
    inputs.weather = *weather_;
    inputs.fleet.push_back({"racks", system, racks, 1.0});
    TrainingLoad load;
    load.id = "busy";
    load.accelerators = accelerators;
    load.profile = {system.accelerator.tdp * 0.85, system.accelerator.tdp * 0.2, 1.0};
    inputs.training.push_back(load);
    inputs.limit = meter_limit(Watts(1e9), PowerBoundary::kAverageFacility, chain);
    const SiteYear year = simulate_site_year(inputs);
    EXPECT_TRUE(year.books_ok());
    const YearOfUse use{year.energy_cost, year.capacity_cost, Litres(year.water_m3 * 1e3),
                        Grams(year.carbon_direct_kg * 1e3)};
    return {chain, accelerators, capex,
            capital_charge(capex, prices.finance).total() + annual_opex(capex, it, use, prices.opex).total()};
  }

  static Catalog* catalog_;
  static Site* columbus_;
  static WeatherYear* weather_;
};
Catalog* Anchors::catalog_ = nullptr;
Site* Anchors::columbus_ = nullptr;
WeatherYear* Anchors::weather_ = nullptr;

void expect_within(double value, double low, double high, const std::string& what) {
  EXPECT_GE(value, low) << what;
  EXPECT_LE(value, high) << what;
  ::testing::Test::RecordProperty(what, std::to_string(value));
}

TEST_F(Anchors, PueByTypeOfPlant) {
  expect_within(pue("dlc_dry", "gb200"), 1.04, 1.12, "liquid on dry coolers");
  expect_within(pue("dlc_tower", "gb200"), 1.03, 1.12, "liquid on towers (Frontier about 1.05)");
  expect_within(pue("air_economiser", "h100"), 1.07, 1.20, "evaporative air (operators 1.08-1.17)");
  expect_within(pue("air_chiller", "h100"), 1.30, 1.60, "air on chillers");
}

TEST_F(Anchors, WaterByTypeOfPlant) {
  EXPECT_EQ(wue("dlc_dry", "gb200"), 0.0);
  expect_within(wue("dlc_tower", "gb200"), 1.1, 1.9, "towers, L/kWh (NVIDIA 1.12, others 1.8)");
  expect_within(wue("air_economiser", "h100"), 0.01, 0.30, "wetted air, L/kWh (AWS 0.15, Microsoft 0.27)");
}

TEST_F(Anchors, AcceleratorsPerGigawatt) {
  expect_within(gigawatt("gb200").accelerators / 1e3, 340, 480, "GB200 thousands (Epoch 341, SuperPOD 436)");
  expect_within(gigawatt("h100").accelerators / 1e3, 560, 640, "H100 thousands (InferenceX 578, DGX 637)");
  expect_within(gigawatt("b200").accelerators / 1e3, 390, 470, "B200 thousands (InferenceX 461, DGX 400-454)");
  expect_within(gigawatt("tpu_v7").accelerators / 1e3, 640, 830, "TPU v7 thousands (pod 658-748)");
}

TEST_F(Anchors, UtilityWattsPerAccelerator) {
  // InferenceX: provisioned utility kW per GPU; the average facility boundary is the nearest.
  const std::map<std::string, double> published = {{"h100", 1.73}, {"b200", 2.17}, {"gb200", 2.10}};
  for (const auto& [id, kilowatts] : published) {
    EXPECT_NEAR(gigawatt(id).chain.at(PowerBoundary::kAverageFacility).value() / 1e3 / kilowatts, 1.0, 0.08) << id;
  }
}

TEST_F(Anchors, DesignDayOverheadOfAirCooledHalls) {
  // Epoch at peak: facility over IT 1.4 (1.25-1.4), all non-GPU power included GPUs are about 41 % of the site.
  const PowerChain chain = gigawatt("h100").chain;
  const double peak = chain.at(PowerBoundary::kPeakFacility) / chain.at(PowerBoundary::kCriticalIt);
  expect_within(peak, 1.25, 1.40, "H100 peak facility over IT");
  expect_within(chain.at(PowerBoundary::kChip) / chain.at(PowerBoundary::kPeakFacility), 0.36, 0.48, "GPU share");
}

TEST_F(Anchors, CapitalCostOfAGigawatt) {
  expect_within(gigawatt("gb200").capex.total().value() / 1e9, 29, 40, "GB200 BUSD (Bernstein 35, Epoch 38 per IT GW)");
  expect_within(gigawatt("gb300").capex.total().value() / 1e9, 32, 43, "GB300 BUSD (Morgan Stanley 33)");
  expect_within(gigawatt("vr200").capex.total().value() / 1e9, 37, 52, "VR200 BUSD (Morgan Stanley 41)");
}

TEST_F(Anchors, AnnualCostOfAGigawatt) {
  expect_within(gigawatt("gb200").annual_cost.value() / 1e9, 6.8, 9.2,
                "GB200 BUSD a year (Epoch 6.8-7.5, SemiAnalysis 9.2)");
}

TEST_F(Anchors, CostPerAcceleratorHour) {
  // SemiAnalysis' AI cloud model: owned by a hyperscaler, owned by a neocloud; 10 % either way.
  const std::map<std::string, std::pair<double, double>> published = {
      {"h100", {1.30, 1.69}}, {"b200", {1.95, 2.34}}, {"gb200", {2.21, 2.75}}, {"mi355x", {1.48, 1.90}}};
  for (const auto& [id, range] : published) {
    const Factory factory = gigawatt(id);
    const double hourly = cost_per_accelerator(factory.annual_cost, factory.accelerators).value() * 3600.0;
    expect_within(hourly, range.first * 0.9, range.second * 1.1, id + " USD per accelerator-hour");
  }
}

TEST_F(Anchors, EveryCatalogueSiteHasItsOwnClimate) {
  // The synthetic year must leave the hours above the design temperature near the 35 that define it.
  for (const std::string& id : catalog_->ids("sites")) {
    const Site site = load_entry(*catalog_, "sites", id, site_table());
    const WeatherYear year = draw_weather(site.climate, id, 1);
    double mean = 0.0;
    int hotter = 0;
    for (const WeatherHour& hour : year.hours()) {
      mean += hour.dry_bulb / kHoursPerYear;
      hotter += hour.dry_bulb > celsius(site.climate.design_dry_bulb) + 2.5 ? 1 : 0;
    }
    EXPECT_NEAR(mean, celsius(site.climate.mean_dry_bulb), 1.2) << id;
    EXPECT_LT(hotter, 60) << id;
    const FacilityOverheads overheads = facility_overheads(site, load_system(*catalog_, "gb200"), year);
    EXPECT_GT(overheads.pue_average, 1.03) << id;
    EXPECT_LT(overheads.pue_average, 1.25) << id;
  }
}

}  // namespace
}  // namespace aifactory
