// Air-cooled chillers all year. Curve: EnergyPlus Engineering Reference, Chiller:Electric, with the constants of the
// reference air-cooled machine (also in HewlettPackard/dc-rl, there with the evaporator term mistaken).
#include <algorithm>

#include "models/power/cooling.h"

namespace aifactory {

namespace {

constexpr double kDesignAmbient = 35.0;    // degC
constexpr double kDesignLeaving = 6.67;    // degC
constexpr double kCondenserSlope = 2.778;  // K of ambient per K of evaporator for equal capacity

// Available over nominal capacity.
double capacity_ratio(double ambient, double leaving_water) {
  const double lift = (ambient - kDesignAmbient) / kCondenserSlope - (leaving_water - kDesignLeaving);
  return 0.944836 - 0.0570088 * lift + 0.00185486 * lift * lift;
}

// Full-load power over rated, against the capacity ratio: least at 1.975 / (2 * 0.6121).
constexpr double kBestRatio = 1.975 / (2.0 * 0.6121);
double full_load_factor(double ratio) {
  return 2.333 - 1.975 * ratio + 0.6121 * ratio * ratio;
}

double part_load_factor(double load) {
  return 0.03303 + 0.6852 * load + 0.2818 * load * load;
}

}  // namespace

Watts chiller_power(Watts load, Watts capacity, double rated_cop, double ambient, double leaving_water) {
  const double ratio = capacity_ratio(ambient, leaving_water);
  const Watts available = capacity * ratio;
  return available * (full_load_factor(ratio) * part_load_factor(load / available) / rated_cop);
}

double chiller_power_ratio(double rated_cop, double part_load, double ambient, double leaving_water) {
  const double ratio = std::min(capacity_ratio(ambient, leaving_water), kBestRatio);
  return full_load_factor(ratio) * part_load_factor(part_load) / (part_load * rated_cop);
}

HeatRejection reject_by_chiller(const CoolingEquipment& equipment, const WeatherHour& weather, double supply,
                                double /*range*/) {
  return {chiller_power_ratio(equipment.chiller_cop, equipment.chiller_part_load, weather.dry_bulb, supply),
          LitresPerJoule{}, 1.0};
}

}  // namespace aifactory
