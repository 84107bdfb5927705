// The year's account: every hour is added once, totals and conservation checks come out.
#pragma once

#include <vector>

#include "models/power/facility.h"
#include "models/power/supply.h"
#include "sim/site/site_simulation.h"
#include "sim/site/workload_hour.h"

namespace aifactory {

// Everything that happens at the site in one hour.
struct SiteHour {
  std::vector<ServingHour> serving;
  std::vector<TrainingHour> training;
  Watts it{}, accelerators{}, hosts{}, network{};
  FacilityState facility;
};

class SiteBooks {
 public:
  explicit SiteBooks(const SiteInputs& inputs);
  void add(const WeatherHour& weather, const SupplyHour& supply, const SiteHour& happened);
  SiteYear close(Usd capacity_charge);

 private:
  void add_serving(const SiteHour& happened);
  void add_training(const SiteHour& happened);
  void check();

  const SiteInputs& inputs_;
  SiteYear year_;
  std::vector<double> throughput_;  // of each training job, summed over hours
  double litres_ = 0.0;
  double grams_direct_ = 0.0, grams_life_cycle_ = 0.0;
};

}  // namespace aifactory
