#include "models/catalog/energy_table.h"

namespace aifactory {

namespace {

const FieldTable<DailyShape>& shape_table() {
  static const FieldTable<DailyShape> table =
      FieldTable<DailyShape>("daily_shape", 0, "Variation over the day: 1 + swing cos(hour - peak_hour), mean 1.")
          .number("swing", &DailyShape::swing, "amplitude over the mean")
          .default_value(0.0, "flat: regions whose entry states no swing")
          .fraction()
          .number("peak_hour", &DailyShape::peak_hour, "local hour of the highest value")
          .default_value(18, "evening peak")
          .at_least(0.0)
          .below(24.0);
  return table;
}

}  // namespace

const FieldTable<GridRegion>& energy_table() {
  static const FieldTable<GridRegion> table =
      FieldTable<GridRegion>("energy", 1, "A grid region: what electricity costs and emits.")
          .header(&GridRegion::id, &GridRegion::name)
          .quantity("wholesale", &GridRegion::wholesale, "USD/MWh", "annual mean energy price")
          .required()
          .non_negative()
          .quantity("delivery", &GridRegion::delivery, "USD/MWh",
                    "transmission, distribution, ancillary services, losses; per energy")
          .required()
          .non_negative()
          .quantity("capacity", &GridRegion::capacity, "USD/kW-month", "on contracted power")
          .required()
          .non_negative()
          .object("price_shape", &GridRegion::price_shape, shape_table(), "of the wholesale price over the day")
          .quantity("carbon_direct", &GridRegion::carbon_direct, "gCO2/kWh", "at the stack, annual mean")
          .required()
          .non_negative()
          .quantity("carbon_life_cycle", &GridRegion::carbon_life_cycle, "gCO2/kWh",
                    "fuel chain and construction included")
          .required()
          .non_negative()
          .object("carbon_shape", &GridRegion::carbon_shape, shape_table(), "of carbon over the day")
          .check([](GridRegion& region, ReadContext& context) {
            if (region.carbon_life_cycle < region.carbon_direct) {
              context.problem_in("carbon_life_cycle", "is less than the direct emission it includes");
            }
          });
  return table;
}

}  // namespace aifactory
