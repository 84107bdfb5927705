// One year of one site, hour by hour: demand -> operating point -> accelerator watts -> racks -> cooling by weather ->
// meter, under a power limit. The inputs are values: a capacity curve per serving workload, a power profile per job.
//
// Every hour: (1) each workload asks for what its load needs; (2) if the meter would exceed the limit, accelerators are
// capped, lowest priority first, in steps, until it fits; (3) what capped replicas can no longer serve within their
// latency targets is shed and counted. A year of one workload costs a few milliseconds.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "models/capacity/capacity_curve.h"
#include "models/hardware/system.h"
#include "models/power/facility.h"
#include "models/power/weather.h"
#include "models/units/quantity.h"

namespace aifactory {

// Racks of one system, powered all year.
struct FleetGroup {
  std::string id;
  System system;
  std::int64_t racks = 0;
  double availability = 1.0;  // of accelerators to serving (failures, repairs), beside the site's; the rest idles
  [[nodiscard]] double accelerators() const {
    return static_cast<double>(racks) * static_cast<double>(system.accelerators_per_rack);
  }
};

// Requests served by replicas that share a group's accelerators.
struct ServingLoad {
  std::string id;
  std::size_t group = 0;      // index into SiteInputs::fleet
  double accelerators = 0.0;  // of the group, assigned to this workload (before availability)
  CapacityCurve curve;        // of one replica
  LoadShape shape;
  Hertz offered{};          // mean over the year, all replicas
  double slo_share = 0.99;  // requests that must meet their SLO; load beyond that capacity is shed at the door
  int priority = 0;         // capped last if highest
};

// A job that runs all year.
struct TrainingLoad {
  std::string id;
  std::size_t group = 0;
  double accelerators = 0.0;
  PowerProfile profile;
  TokensPerSecond tokens{};  // trained by the whole job, mean over elapsed time at full power
  int priority = 0;
};

struct SiteInputs {
  Site site;
  WeatherYear weather;
  std::vector<FleetGroup> fleet;
  std::vector<ServingLoad> serving;
  std::vector<TrainingLoad> training;
  Watts limit{};             // at the meter, every hour
  double minimum_cap = 0.3;  // of TDP: the lowest power limit accelerators accept
};

// The typical year of a site with its own noise: the stream ("site/<id>", "weather") of the seed.
WeatherYear draw_weather(const Climate& climate, const std::string& site_id, std::uint64_t seed);

// The limit at the meter that an envelope stated at some boundary grants: the same load's peak facility power.
Watts meter_limit(Watts envelope, PowerBoundary boundary, const PowerChain& chain);

// Requests and tokens of one serving workload over the year.
struct ServingYear {
  std::string id;
  double offered = 0.0;     // requests
  double served = 0.0;      // completed
  double within_slo = 0.0;  // completed within every SLO
  double shed = 0.0;        // refused at the door: over capacity or capped
  double unfinished = 0.0;  // admitted, not completed (saturation)
  Tokens input{}, cached{}, output{};
  double capped_hours = 0.0;
  Joules accelerator_energy{};
};

struct TrainingYear {
  std::string id;
  Tokens tokens{};
  double throughput = 1.0;  // over what full power would have given
  double capped_hours = 0.0;
  Joules accelerator_energy{};
};

// One value per hour of the year.
struct SiteSeries {
  std::vector<double> facility_w, it_w, cooling_w, pue, dry_bulb_c, wet_bulb_c, output_tokens_per_s,
      shed_requests_per_s, price_usd_per_kwh, carbon_kg_per_kwh;
};

// A conservation law checked on the run: `residual` is relative.
struct BookCheck {
  std::string id;
  double residual = 0.0;
  bool ok = false;
};

struct SiteYear {
  SiteSeries series;
  std::vector<ServingYear> serving;
  std::vector<TrainingYear> training;

  // facility = IT + cooling + losses + house; IT = accelerators + hosts + network.
  Joules facility_energy{}, it_energy{}, cooling_energy{}, loss_energy{}, house_energy{};
  Joules accelerator_energy{}, host_energy{}, network_energy{};
  Watts facility_average{}, facility_peak{}, it_average{}, it_peak{};
  double pue_average = 1.0;  // facility energy over IT energy
  double pue_peak = 1.0;     // highest hour
  double water_m3 = 0.0;
  double carbon_direct_kg = 0.0, carbon_life_cycle_kg = 0.0;
  Usd energy_cost{};              // per-energy charges
  Usd capacity_cost{};            // connection charges of the year
  double capped_hours = 0.0;      // hours in which any workload was capped
  double chiller_hours = 0.0;     // hours with compression
  double over_limit_hours = 0.0;  // hours in which even the lowest cap did not fit: the site is infeasible

  std::vector<BookCheck> checks;
  [[nodiscard]] bool books_ok() const;
};

// Throws std::invalid_argument when inputs contradict each other (group out of range, more accelerators assigned than
// the group has, empty weather).
SiteYear simulate_site_year(const SiteInputs& inputs);

}  // namespace aifactory
