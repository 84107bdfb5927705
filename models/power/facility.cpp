#include "models/power/facility.h"

#include <algorithm>

namespace aifactory {

HeatLoad heat_of(const System& system, Watts rack, Watts network) {
  return {rack * system.liquid_fraction, rack * (1.0 - system.liquid_fraction) + network,
          celsius(system.coolant_supply)};
}

FacilityState facility_at(const Site& site, const WeatherHour& weather, std::span<const HeatLoad> loads,
                          Watts rated_it) {
  FacilityState state;
  Watts it{};
  Watts air_heat{};
  double lifted = 0.0;  // W of heat
  for (const HeatLoad& load : loads) {
    it += load.liquid + load.air;
    air_heat += load.air;
    if (load.liquid.value() > 0.0) {
      const HeatRejection liquid = site.design.cooling.reject_liquid(weather, load.supply);
      state.cooling += load.liquid * liquid.power;
      state.water += load.liquid * liquid.water;
      lifted += load.liquid.value() * liquid.chiller_share;
    }
  }
  const Watts critical_input = site.design.path.critical_input(it);
  air_heat += critical_input - it;  // UPS losses stay indoors
  const HeatRejection air = site.design.cooling.reject_air(weather);
  state.cooling += air_heat * air.power;
  state.water += air_heat * air.water;
  lifted += air_heat.value() * air.chiller_share;

  state.house = rated_it * site.design.house_load;
  state.facility = site.design.path.meter_input(critical_input + state.cooling + state.house);
  state.losses = state.facility - it - state.cooling - state.house;
  state.chiller_share = critical_input.value() > 0.0 ? lifted / critical_input.value() : 0.0;
  return state;
}

FacilityOverheads facility_overheads(const Site& site, const System& system, const WeatherYear& year) {
  const Watts network = system.rack_power * system.network_power_fraction;
  const Watts it = system.rack_power + network;
  const HeatLoad load = heat_of(system, system.rack_power, network);
  const auto pue = [&](const WeatherHour& hour) { return facility_at(site, hour, {&load, 1}, it).facility / it; };
  double sum = 0.0;
  for (const WeatherHour& hour : year.hours()) {
    sum += pue(hour);
  }
  const double average = sum / static_cast<double>(year.hours().size());
  return {average, std::max(average, pue(design_hour(site.climate))), site.design.contracted_margin};
}

}  // namespace aifactory
