// What a simulated year of one site yielded and consumed: what fleets multiply and books are made of.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "models/units/quantity.h"

namespace aifactory {

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
  // Medians: mean over hours weighted by admitted requests. Tails: those of the worst hour; quantiles do not average.
  Seconds ttft_p50{}, ttft_p99{};
  Seconds tpot_p50{}, tpot_p99{};
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
  [[nodiscard]] bool books_ok() const {
    return std::all_of(checks.begin(), checks.end(), [](const BookCheck& check) { return check.ok; });
  }
};

}  // namespace aifactory
