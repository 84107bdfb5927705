#include "models/catalog/site_table.h"

#include "models/catalog/energy_table.h"

namespace aifactory {

namespace {

constexpr double kColdest = 200.0;  // K: no place is colder
constexpr double kHottest = 335.0;

const FieldTable<Climate>& climate_table() {
  static const FieldTable<Climate> table =
      FieldTable<Climate>("climate", 0, "Normals of a place, from which a typical year is made.")
          .quantity("mean_dry_bulb", &Climate::mean_dry_bulb, "degC", "annual mean temperature")
          .required()
          .at_least(kColdest)
          .at_most(kHottest)
          .quantity("annual_amplitude", &Climate::annual_amplitude, "K",
                    "half of the warmest minus the coldest monthly mean")
          .difference()
          .required()
          .non_negative()
          .at_most(60.0)
          .quantity("diurnal_amplitude", &Climate::diurnal_amplitude, "K", "half of the mean daily range")
          .difference()
          .required()
          .non_negative()
          .at_most(30.0)
          .quantity("noise_sd", &Climate::noise_sd, "K", "standard deviation of the departure from normal")
          .difference()
          .required()
          .non_negative()
          .at_most(20.0)
          .number("noise_correlation", &Climate::noise_correlation, "of that departure, hour to hour")
          .default_value(0.98, "fronts pass in two to four days: correlation time 1/(1 - 0.98) = 50 h")
          .at_least(0.0)
          .below(1.0)
          .number("noise_seasonality", &Climate::noise_seasonality, "more of it in winter, less in summer")
          .default_value(0.3, "daily means scatter by about 5.5 K in January and 3 K in July in the mid-latitudes")
          .at_least(0.0)
          .below(1.0)
          .number("relative_humidity", &Climate::relative_humidity, "annual mean")
          .required()
          .at_least(0.05)
          .at_most(0.99)
          .number("warmest_day", &Climate::warmest_day, "day of the year of the warmest normal")
          .default_value(200, "late July, the northern continents' warmest normal")
          .at_least(0.0)
          .at_most(365.0)
          .number("warmest_hour", &Climate::warmest_hour, "hour of the day of the warmest normal")
          .default_value(15, "mid-afternoon, local standard time")
          .at_least(0.0)
          .below(24.0)
          .quantity("design_dry_bulb", &Climate::design_dry_bulb, "degC", "exceeded in 0.4 % of hours")
          .required()
          .at_least(kColdest)
          .at_most(kHottest)
          .quantity("design_wet_bulb", &Climate::design_wet_bulb, "degC", "exceeded in 0.4 % of hours")
          .required()
          .at_least(kColdest)
          .at_most(kHottest)
          .check([](Climate& climate, ReadContext& context) {
            if (climate.design_wet_bulb > climate.design_dry_bulb) {
              context.problem_in("design_wet_bulb", "is above the design dry bulb");
            }
            if (climate.design_dry_bulb < climate.mean_dry_bulb) {
              context.problem_in("design_dry_bulb", "is below the annual mean");
            }
          });
  return table;
}

const FieldTable<CoolingEquipment>& equipment_table() {
  static const FieldTable<CoolingEquipment> table =
      FieldTable<CoolingEquipment>("equipment", 0, "Shares are of the heat carried.")
          .number("coolant_pumps", &CoolingEquipment::coolant_pumps,
                  "coolant distribution and facility water pumps, over the liquid loop's heat")
          .required()
          .fraction()
          .number("air_handlers", &CoolingEquipment::air_handlers, "fans that move hall air, over the air loop's heat")
          .required()
          .fraction()
          .number("dry_cooler_fans", &CoolingEquipment::dry_cooler_fans, "at the design approach")
          .required()
          .fraction()
          .number("tower_fans", &CoolingEquipment::tower_fans, "at the design approach")
          .required()
          .fraction()
          .quantity("dry_cooler_approach", &CoolingEquipment::dry_cooler_approach, "K", "supply over dry bulb")
          .difference()
          .required()
          .positive()
          .quantity("tower_approach", &CoolingEquipment::tower_approach, "K",
                    "supply over wet bulb, plate heat exchanger included")
          .difference()
          .required()
          .positive()
          .quantity("evaporative_approach", &CoolingEquipment::evaporative_approach, "K",
                    "air behind wetted media over wet bulb")
          .difference()
          .required()
          .positive()
          .quantity("liquid_range", &CoolingEquipment::liquid_range, "K", "return over supply of the liquid loop")
          .difference()
          .required()
          .positive()
          .quantity("air_range", &CoolingEquipment::air_range, "K", "return over supply of the air loop")
          .difference()
          .required()
          .positive()
          .number("chiller_cop", &CoolingEquipment::chiller_cop,
                  "rated, air cooled: 35 degC ambient, 6.67 degC leaving water")
          .required()
          .positive()
          .number("chiller_part_load", &CoolingEquipment::chiller_part_load,
                  "share of capacity at which running modules are staged")
          .required()
          .above(0.0)
          .at_most(1.0)
          .number("cycles_of_concentration", &CoolingEquipment::cycles_of_concentration, "make-up over blowdown")
          .required()
          .above(1.0)
          .quantity("air_supply", &CoolingEquipment::air_supply, "degC",
                    "water, or outside air, supplied to the air loop")
          .required()
          .at_least(273.15)
          .at_most(kHottest);
  return table;
}

const FieldTable<CoolingPlant>& cooling_table() {
  static const FieldTable<CoolingPlant> table =
      FieldTable<CoolingPlant>("cooling", 0, "How the heat of a hall is rejected.")
          .choice("liquid", &CoolingPlant::liquid,
                  {{"dry_cooler", CoolingMethod::kDryCooler},
                   {"tower", CoolingMethod::kTower},
                   {"chiller", CoolingMethod::kChiller}},
                  "heat that racks give to liquid")
          .required()
          .choice("air", &CoolingPlant::air,
                  {{"dry_cooler", CoolingMethod::kDryCooler},
                   {"tower", CoolingMethod::kTower},
                   {"chiller", CoolingMethod::kChiller},
                   {"air_economiser", CoolingMethod::kAirEconomiser}},
                  "heat left in the hall's air")
          .required()
          .object("equipment", &CoolingPlant::equipment, equipment_table(), "its parameters");
  return table;
}

const FieldTable<LossStage>& stage_table() {
  static const FieldTable<LossStage> table =
      FieldTable<LossStage>("stage", 0, "One conversion between meter and racks.")
          .id("id", &LossStage::id, "transformer, ups, ...")
          .required()
          .number("efficiency", &LossStage::efficiency, "output over input at load")
          .required()
          .above(0.0)
          .at_most(1.0)
          .boolean("critical_only", &LossStage::critical_only, "carries IT alone and gives its heat to the hall")
          .default_value(false, "transformers stand outside and carry everything");
  return table;
}

}  // namespace

const FieldTable<FacilityDesign>& facility_table() {
  static const FieldTable<FacilityDesign> table =
      FieldTable<FacilityDesign>("facility", 1, "A design of power and cooling plant.")
          .header(&FacilityDesign::id, &FacilityDesign::name)
          .object("cooling", &FacilityDesign::cooling, cooling_table(), "how heat leaves")
          .objects(
              "stages", [](FacilityDesign& design) -> std::vector<LossStage>& { return design.path.stages; },
              stage_table(), "conversions from the meter to the rack row, in that order", "id")
          .required()
          .number("house_load", &FacilityDesign::house_load,
                  "lighting, controls and offices over the critical IT rating")
          .required()
          .fraction()
          .number("contracted_margin", &FacilityDesign::contracted_margin,
                  "contracted power over peak facility power: what redundancy and diversity keep from load")
          .required()
          .at_least(1.0)
          .at_most(3.0)
          .number("availability", &FacilityDesign::availability, "of power and cooling, share of the year")
          .required()
          .fraction();
  return table;
}

const FieldTable<Site>& site_table() {
  static const FieldTable<Site> table =
      FieldTable<Site>("site", 1, "A place to build: climate, grid, cost and time of building there.")
          .header(&Site::id, &Site::name)
          .text("country", kNotMapped, "ISO 3166 two letters")
          .required()
          .object("climate", &Site::climate, climate_table(), "normals")
          .entry("grid", "energy", &Site::grid, energy_table(), "the grid that serves it")
          .required()
          .entry("facility", "facilities", &Site::design, facility_table(), "the plant usually built there")
          .required()
          .number("construction_factor", &Site::construction_factor,
                  "building cost over the price book's reference location")
          .required()
          .positive()
          .at_most(10.0)
          .quantity("interconnection", &Site::interconnection, "months", "application for grid power to energised")
          .required()
          .non_negative();
  return table;
}

}  // namespace aifactory
