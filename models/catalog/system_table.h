// system/1, configs/systems.
#pragma once

#include "models/catalog/catalog.h"
#include "models/catalog/field_table.h"
#include "models/hardware/system.h"

namespace aifactory {

const FieldTable<System>& system_table();

// With its accelerator and NIC. Throws ConfigError.
System load_system(const Catalog& catalog, std::string_view id_or_alias, ReadLog* log = nullptr);

}  // namespace aifactory
