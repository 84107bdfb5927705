// collective_law/1, configs/fabrics/collectives_<family>.json: what collectives cost on the links of one family of
// accelerators.
#pragma once

#include "models/catalog/catalog.h"
#include "models/catalog/field_table.h"
#include "models/fabric/collective_law.h"
#include "models/hardware/accelerator.h"

namespace aifactory {

const FieldTable<CollectiveLaw>& collective_table();

// The law fitted to the accelerator (entry or alias "collectives_<id>"), else to its family ("collectives_<family>"),
// else NCCL's published constants. What the entry leaves out is as published. Throws ConfigError for a broken entry.
CollectiveLaw load_collective_law(const Catalog& catalog, const Accelerator& accelerator, ReadLog* log = nullptr);

}  // namespace aifactory
