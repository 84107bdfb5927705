#include "sim/site/site_books.h"

#include <algorithm>
#include <cmath>

namespace aifactory {

namespace {

constexpr double kTolerance = 1e-9;  // 8,760 additions of doubles stay far below

BookCheck balance(std::string id, double whole, double parts) {
  const double scale = std::max({std::abs(whole), std::abs(parts), 1e-300});
  const double residual = std::abs(whole - parts) / scale;
  return {std::move(id), residual, residual <= kTolerance};
}

double mean(const std::vector<double>& values) {
  double sum = 0.0;
  for (const double value : values) {
    sum += value;
  }
  return sum / static_cast<double>(values.size());
}

}  // namespace

SiteBooks::SiteBooks(const SiteInputs& inputs) : inputs_(inputs), throughput_(inputs.training.size(), 0.0) {
  for (const ServingLoad& load : inputs.serving) {
    year_.serving.emplace_back().id = load.id;
  }
  for (const TrainingLoad& load : inputs.training) {
    year_.training.emplace_back().id = load.id;
  }
  SiteSeries& s = year_.series;
  for (std::vector<double>* series :
       {&s.facility_w, &s.it_w, &s.cooling_w, &s.pue, &s.dry_bulb_c, &s.wet_bulb_c, &s.output_tokens_per_s,
        &s.shed_requests_per_s, &s.price_usd_per_kwh, &s.carbon_kg_per_kwh}) {
    series->reserve(static_cast<std::size_t>(kHoursPerYear));
  }
}

void SiteBooks::add(const WeatherHour& weather, const SupplyHour& supply, const SiteHour& happened) {
  const FacilityState& facility = happened.facility;
  year_.facility_energy += facility.facility * kHour;
  year_.it_energy += happened.it * kHour;
  year_.cooling_energy += facility.cooling * kHour;
  year_.loss_energy += facility.losses * kHour;
  year_.house_energy += facility.house * kHour;
  year_.accelerator_energy += happened.accelerators * kHour;
  year_.host_energy += happened.hosts * kHour;
  year_.network_energy += happened.network * kHour;
  year_.facility_peak = max(year_.facility_peak, facility.facility);
  year_.it_peak = max(year_.it_peak, happened.it);
  const double pue = happened.it.value() > 0.0 ? facility.facility / happened.it : 1.0;
  year_.pue_peak = std::max(year_.pue_peak, pue);
  litres_ += (facility.water * kHour).value();
  grams_direct_ += (supply.carbon_direct * (facility.facility * kHour)).value();
  grams_life_cycle_ += (supply.carbon_life_cycle * (facility.facility * kHour)).value();
  year_.energy_cost += supply.price * (facility.facility * kHour);
  year_.chiller_hours += facility.chiller_share > 0.0 ? 1.0 : 0.0;
  year_.over_limit_hours += facility.facility > inputs_.limit ? 1.0 : 0.0;

  TokensPerSecond output{};
  Hertz shed{};
  bool capped = false;
  for (const ServingHour& serving : happened.serving) {
    output += serving.output;
    shed += serving.shed;
    capped = capped || serving.capped;
  }
  for (const TrainingHour& training : happened.training) {
    capped = capped || training.capped;
  }
  year_.capped_hours += capped ? 1.0 : 0.0;
  add_serving(happened);
  add_training(happened);

  constexpr double kKwh = 3.6e6;  // J
  SiteSeries& s = year_.series;
  s.facility_w.push_back(facility.facility.value());
  s.it_w.push_back(happened.it.value());
  s.cooling_w.push_back(facility.cooling.value());
  s.pue.push_back(pue);
  s.dry_bulb_c.push_back(weather.dry_bulb);
  s.wet_bulb_c.push_back(weather.wet_bulb);
  s.output_tokens_per_s.push_back(output.value());
  s.shed_requests_per_s.push_back(shed.value());
  s.price_usd_per_kwh.push_back(supply.price.value() * kKwh);
  s.carbon_kg_per_kwh.push_back(supply.carbon_direct.value() * kKwh / 1000.0);
}

void SiteBooks::add_serving(const SiteHour& happened) {
  for (std::size_t i = 0; i < happened.serving.size(); ++i) {
    const ServingHour& hour = happened.serving[i];
    ServingYear& year = year_.serving[i];
    year.offered += hour.offered * kHour;
    year.served += hour.served * kHour;
    year.within_slo += hour.within_slo * kHour;
    year.shed += hour.shed * kHour;
    year.unfinished += hour.unfinished * kHour;
    year.input += hour.input * kHour;
    year.cached += hour.cached * kHour;
    year.output += hour.output * kHour;
    year.capped_hours += hour.capped ? 1.0 : 0.0;
    year.accelerator_energy += hour.accelerators * kHour;
    const double admitted = (hour.offered - hour.shed) * kHour;
    year.ttft_p50 += hour.ttft_p50 * admitted;  // divided by all admitted when the books are closed
    year.tpot_p50 += hour.tpot_p50 * admitted;
    year.ttft_p99 = max(year.ttft_p99, hour.ttft_p99);
    year.tpot_p99 = max(year.tpot_p99, hour.tpot_p99);
  }
}

void SiteBooks::add_training(const SiteHour& happened) {
  for (std::size_t i = 0; i < happened.training.size(); ++i) {
    const TrainingHour& hour = happened.training[i];
    TrainingYear& year = year_.training[i];
    year.tokens += inputs_.training[i].tokens * (hour.throughput * inputs_.site.design.availability) * kHour;
    year.capped_hours += hour.capped ? 1.0 : 0.0;
    year.accelerator_energy += hour.accelerators * kHour;
    throughput_[i] += hour.throughput;
  }
}

void SiteBooks::check() {
  auto& checks = year_.checks;
  const SiteSeries& s = year_.series;
  checks.push_back(balance("energy.facility = it + cooling + losses + house", year_.facility_energy.value(),
                           (year_.it_energy + year_.cooling_energy + year_.loss_energy + year_.house_energy).value()));
  checks.push_back(balance("energy.it = accelerators + hosts + network", year_.it_energy.value(),
                           (year_.accelerator_energy + year_.host_energy + year_.network_energy).value()));
  checks.push_back(balance("energy.facility = integral of power", year_.facility_energy.value(),
                           mean(s.facility_w) * kYear.value()));
  double cost = 0.0;
  for (std::size_t h = 0; h < s.facility_w.size(); ++h) {
    cost += s.facility_w[h] / 1000.0 * s.price_usd_per_kwh[h];
  }
  checks.push_back(balance("cost.energy = sum of power and price", year_.energy_cost.value(), cost));
  Tokens output{};
  for (const ServingYear& serving : year_.serving) {
    output += serving.output;
    checks.push_back(balance("requests." + serving.id + " offered = served + shed + unfinished", serving.offered,
                             serving.served + serving.shed + serving.unfinished));
  }
  checks.push_back(
      balance("tokens.output = integral of rate", output.value(), mean(s.output_tokens_per_s) * kYear.value()));
  const double over = std::max(0.0, year_.facility_peak / inputs_.limit - 1.0);
  checks.push_back({"power.facility within the limit", over, over <= 0.0});
}

SiteYear SiteBooks::close(Usd capacity_charge) {
  const auto hours = static_cast<double>(kHoursPerYear);
  year_.facility_average = year_.facility_energy / kYear;
  year_.it_average = year_.it_energy / kYear;
  year_.pue_average = year_.it_energy.value() > 0.0 ? year_.facility_energy / year_.it_energy : 1.0;
  year_.water_m3 = litres_ / 1000.0;
  year_.carbon_direct_kg = grams_direct_ / 1000.0;
  year_.carbon_life_cycle_kg = grams_life_cycle_ / 1000.0;
  year_.capacity_cost = capacity_charge;
  for (ServingYear& serving : year_.serving) {
    const double admitted = serving.offered - serving.shed;
    serving.ttft_p50 = admitted > 0.0 ? serving.ttft_p50 / admitted : Seconds{};
    serving.tpot_p50 = admitted > 0.0 ? serving.tpot_p50 / admitted : Seconds{};
  }
  for (std::size_t i = 0; i < throughput_.size(); ++i) {
    year_.training[i].throughput = throughput_[i] / hours;
  }
  check();
  return std::move(year_);
}

}  // namespace aifactory
