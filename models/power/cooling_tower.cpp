// Open cooling towers behind a plate heat exchanger: the supply is as cold as the wet bulb plus the approach.
//
// Water: the air leaves saturated at the mean water temperature; of the heat it takes, the part in its vapour is
// latent: cp dT against h_fg dw. Blowdown keeps salts at `cycles_of_concentration`:
// make-up = evaporation * cycles / (cycles - 1).
#include <algorithm>

#include "models/power/cooling.h"
#include "models/power/cooling_fans.h"

namespace aifactory {

namespace {

constexpr double kHeatOfVaporisation = 2.43e6;  // J/kg near 30 degC
constexpr double kHeatCapacityOfAir = 1006.0;   // J/(kg K)

double latent_share(const WeatherHour& weather, double water_temperature) {
  const double sensible = kHeatCapacityOfAir * std::max(0.0, water_temperature - weather.dry_bulb);
  const double moisture =
      humidity_ratio(water_temperature, water_temperature) - humidity_ratio(weather.dry_bulb, weather.wet_bulb);
  const double latent = kHeatOfVaporisation * std::max(0.0, moisture);
  return latent > 0.0 ? latent / (latent + sensible) : 0.0;
}

}  // namespace

HeatRejection reject_by_tower(const CoolingEquipment& equipment, const WeatherHour& weather, double supply,
                              double range) {
  const double approach = equipment.tower_approach.value();
  const double lifted = trim_share(weather.wet_bulb + approach, supply, range);
  const double fans = equipment.tower_fans * fan_share(approach, supply - weather.wet_bulb);
  const double chiller =
      lifted > 0.0 ? chiller_power_ratio(equipment.chiller_cop, equipment.chiller_part_load, weather.dry_bulb, supply)
                   : 0.0;
  const double cycles = equipment.cycles_of_concentration;
  const double evaporation = latent_share(weather, supply + 0.5 * range) / kHeatOfVaporisation;  // kg/J, 1 kg = 1 L
  return {fans * (1.0 - lifted) + chiller * lifted,
          LitresPerJoule(evaporation * (1.0 - lifted) * cycles / (cycles - 1.0)), lifted};
}

}  // namespace aifactory
