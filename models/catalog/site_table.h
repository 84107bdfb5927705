// site/1, configs/sites: a place. facility/1, configs/facilities: a design of power and cooling plant.
#pragma once

#include "models/catalog/field_table.h"
#include "models/power/facility.h"

namespace aifactory {

const FieldTable<FacilityDesign>& facility_table();
const FieldTable<Site>& site_table();

}  // namespace aifactory
