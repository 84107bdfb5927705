// energy/1, configs/energy: the price and carbon of a grid region.
#pragma once

#include "models/catalog/field_table.h"
#include "models/power/grid.h"

namespace aifactory {

const FieldTable<GridRegion>& energy_table();

}  // namespace aifactory
