#include "models/power/cooling.h"

namespace aifactory {

const std::array<CoolingVariant, kCoolingMethodCount>& cooling_variants() {
  static constexpr std::array<CoolingVariant, kCoolingMethodCount> kVariants = {{
      {CoolingMethod::kDryCooler, "dry_cooler", "fans over coils, trimmed by chillers in heat; no water",
       reject_by_dry_cooler},
      {CoolingMethod::kTower, "tower", "evaporative cooling towers, trimmed by chillers in humid heat",
       reject_by_tower},
      {CoolingMethod::kChiller, "chiller", "air-cooled chillers all year; no water", reject_by_chiller},
      {CoolingMethod::kAirEconomiser, "air_economiser",
       "outside air, wetted when it is warm, trimmed by chillers in humid heat", reject_by_air_economiser},
  }};
  return kVariants;
}

std::string_view name(CoolingMethod method) {
  return cooling_variants()[static_cast<std::size_t>(method)].name;
}

namespace {

RejectHeat method_of(CoolingMethod method) {
  return cooling_variants()[static_cast<std::size_t>(method)].reject;
}

// What moves the heat (pumps, fans) ends up in the same loop and is rejected with it.
HeatRejection with_mover(HeatRejection plant, double mover) {
  return {mover + (1.0 + mover) * plant.power, plant.water * (1.0 + mover), plant.chiller_share};
}

}  // namespace

HeatRejection CoolingPlant::reject_liquid(const WeatherHour& weather, double supply) const {
  return with_mover(method_of(liquid)(equipment, weather, supply, equipment.liquid_range.value()),
                    equipment.coolant_pumps);
}

HeatRejection CoolingPlant::reject_air(const WeatherHour& weather) const {
  return with_mover(method_of(air)(equipment, weather, celsius(equipment.air_supply), equipment.air_range.value()),
                    equipment.air_handlers);
}

}  // namespace aifactory
