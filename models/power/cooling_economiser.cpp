// Outside air through the hall: free while it is cold enough, wetted when it is warm (adiabatic: along the wet bulb),
// chillers on coils for what is left. Water: the air is cooled from dry bulb by evaporation, h_fg dw = cp dT, and
// carries its heat over `range`, so water per joule = dT / (range h_fg); media bleed as the tower's blowdown.
#include <algorithm>

#include "models/power/cooling.h"
#include "models/power/cooling_fans.h"

namespace aifactory {

HeatRejection reject_by_air_economiser(const CoolingEquipment& equipment, const WeatherHour& weather, double supply,
                                       double range) {
  constexpr double kHeatOfVaporisation = 2.43e6;  // J/kg near 30 degC
  const double coldest = std::min(weather.wet_bulb + equipment.evaporative_approach.value(), weather.dry_bulb);
  const double wetted = std::max(0.0, weather.dry_bulb - std::max(supply, coldest));
  const double lifted = trim_share(coldest, supply, range);
  const double chiller =
      lifted > 0.0 ? chiller_power_ratio(equipment.chiller_cop, equipment.chiller_part_load, weather.dry_bulb, supply)
                   : 0.0;
  const double cycles = equipment.cycles_of_concentration;
  return {chiller * lifted, LitresPerJoule(wetted / (range * kHeatOfVaporisation) * cycles / (cycles - 1.0)), lifted};
}

}  // namespace aifactory
