// Dry coolers: the supply is as cold as the air plus the approach; chillers take what is left above the supply
// temperature, upstream of which the coolers still take their part of the range.
#include "models/power/cooling.h"
#include "models/power/cooling_fans.h"

namespace aifactory {

HeatRejection reject_by_dry_cooler(const CoolingEquipment& equipment, const WeatherHour& weather, double supply,
                                   double range) {
  const double approach = equipment.dry_cooler_approach.value();
  const double lifted = trim_share(weather.dry_bulb + approach, supply, range);
  const double fans = equipment.dry_cooler_fans * fan_share(approach, supply - weather.dry_bulb);
  const double chiller =
      lifted > 0.0 ? chiller_power_ratio(equipment.chiller_cop, equipment.chiller_part_load, weather.dry_bulb, supply)
                   : 0.0;
  return {fans * (1.0 - lifted) + chiller * lifted, LitresPerJoule{}, lifted};
}

}  // namespace aifactory
