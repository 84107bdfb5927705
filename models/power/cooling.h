// Heat to electricity and water. A site has two loops: one takes the liquid-cooled heat of the racks, one the heat left
// in the air. Each loop rejects its heat by one method; the methods are listed in one table, one file each.
//
// Contract of a method: at a given weather and supply temperature it answers with watts of electricity and litres of
// water per watt of heat. Plants of a gigawatt are hundreds of modules staged with load, so the answer does not depend
// on the amount of heat. Warmer weather never lowers the electricity.
#pragma once

#include <array>
#include <string_view>

#include "models/power/weather.h"
#include "models/units/quantity.h"

namespace aifactory {

enum class CoolingMethod { kDryCooler, kTower, kChiller, kAirEconomiser };
inline constexpr std::size_t kCoolingMethodCount = 4;

// Parameters of the equipment, from configs/sites (shares of the heat carried unless a unit is given).
struct CoolingEquipment {
  double coolant_pumps = 0.0;    // coolant distribution units and facility water pumps, liquid loop
  double air_handlers = 0.0;     // fans that move room air over coils, air loop
  double dry_cooler_fans = 0.0;  // at the design approach
  double tower_fans = 0.0;
  Kelvins dry_cooler_approach{};         // K, supply over dry bulb
  Kelvins tower_approach{};              // K, supply over wet bulb, plate heat exchanger included
  Kelvins evaporative_approach{};        // K, supply air over wet bulb behind wet media
  Kelvins liquid_range{};                // K, return over supply, liquid loop
  Kelvins air_range{};                   // K, return over supply, air loop (water or air side)
  double chiller_cop = 0.0;              // rated, air cooled (35 degC ambient, 6.67 degC leaving water)
  double chiller_part_load = 0.0;        // share of capacity at which running modules are staged
  double cycles_of_concentration = 0.0;  // tower make-up over blowdown
  Kelvins air_supply{};                  // absolute: water (or air, economiser) supplied to the air loop
};

// Per watt of heat taken.
struct HeatRejection {
  double power = 0.0;          // W of electricity per W of heat
  LitresPerJoule water{};      // make-up water
  double chiller_share = 0.0;  // of the heat that needs compression, 0..1
};

// One method at one weather: the interface every variant implements.
// Supply in degC, range (return over supply) in K.
using RejectHeat = HeatRejection (*)(const CoolingEquipment&, const WeatherHour&, double supply, double range);

struct CoolingVariant {
  CoolingMethod method;
  std::string_view name;
  std::string_view summary;
  RejectHeat reject;
};
// Every method, in the order of the enum.
const std::array<CoolingVariant, kCoolingMethodCount>& cooling_variants();
std::string_view name(CoolingMethod method);

struct CoolingPlant {
  CoolingMethod liquid = CoolingMethod::kDryCooler;
  CoolingMethod air = CoolingMethod::kChiller;
  CoolingEquipment equipment;

  // Heat that racks give to liquid, supplied at `supply` degC, pumps included.
  [[nodiscard]] HeatRejection reject_liquid(const WeatherHour& weather, double supply) const;
  // Heat left in the room air, air handlers included.
  [[nodiscard]] HeatRejection reject_air(const WeatherHour& weather) const;
};

// The EnergyPlus electric chiller (dc-rl's constants, with the evaporator deviation taken from the evaporator's design
// temperature): electricity to move `load` of heat by one machine of `capacity`, ambient and leaving water in degC.
// Valid for load within the capacity at that weather. Valid lift: evaporator within 10 K of its design temperature.
Watts chiller_power(Watts load, Watts capacity, double rated_cop, double ambient, double leaving_water);
// The same per watt of heat for a plant of modules staged so that each runs at `part_load` of its capacity at that
// weather. Head pressure control holds the lift from falling below the curve's best point, so the answer never falls
// with warmer air; beyond it (warm coolant, cold air) the best point is kept, which is conservative.
double chiller_power_ratio(double rated_cop, double part_load, double ambient, double leaving_water);

// Variants (one file each).
HeatRejection reject_by_dry_cooler(const CoolingEquipment&, const WeatherHour&, double supply, double range);
HeatRejection reject_by_tower(const CoolingEquipment&, const WeatherHour&, double supply, double range);
HeatRejection reject_by_chiller(const CoolingEquipment&, const WeatherHour&, double supply, double range);
HeatRejection reject_by_air_economiser(const CoolingEquipment&, const WeatherHour&, double supply, double range);

}  // namespace aifactory
