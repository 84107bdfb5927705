// The field tables of what a fleet is asked to do: workloads, their demand and their prices.
#pragma once

#include "models/catalog/field_table.h"
#include "sim/scenario/scenario.h"

namespace aifactory {

const FieldTable<DemandSpec>& demand_table();
// What customers pay where the scenario says so (configs/token_prices holds published price lists).
const FieldTable<TokenPriceSpec>& stated_price_table();
const ObjectTable<WorkloadSpec>& workload_table();

}  // namespace aifactory
