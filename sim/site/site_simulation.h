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
#include "models/capacity/site_year.h"
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
  Watts limit{};  // at the meter, every hour
  double minimum_cap =
      0.3;  // of TDP: the lowest power limit accelerators accept (200 of 700 W on H100 SXM, nvidia-smi)
};

// The typical year of a site with its own noise: the stream ("site/<id>", "weather") of the seed.
WeatherYear draw_weather(const Climate& climate, const std::string& site_id, std::uint64_t seed);

// The limit at the meter that an envelope stated at some boundary grants: the same load's peak facility power.
Watts meter_limit(Watts envelope, PowerBoundary boundary, const PowerChain& chain);

// Throws std::invalid_argument when inputs contradict each other (group out of range, more accelerators assigned than
// the group has, empty weather).
SiteYear simulate_site_year(const SiteInputs& inputs);

}  // namespace aifactory
