// The field tables of a scenario: they drive parsing, ranges, `aifactory schema scenario` and docs/scenario-format.md.
#pragma once

#include "models/catalog/field_table.h"
#include "sim/scenario/scenario.h"

namespace aifactory {

const FieldTable<Scenario>& scenario_table();

}  // namespace aifactory
