// reliability/1, configs/reliability: how often accelerators of a kind interrupt a job, and what that costs.
#pragma once

#include "models/catalog/field_table.h"
#include "models/reliability/failure.h"

namespace aifactory {

const FieldTable<FailureProcess>& reliability_table();

}  // namespace aifactory
