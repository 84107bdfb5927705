// accelerator/1, configs/accelerators.
#pragma once

#include "models/catalog/catalog.h"
#include "models/catalog/field_table.h"
#include "models/hardware/accelerator.h"

namespace aifactory {

const FieldTable<Accelerator>& accelerator_table();

// Throws ConfigError.
Accelerator load_accelerator(const Catalog& catalog, std::string_view id_or_alias, ReadLog* log = nullptr);

}  // namespace aifactory
