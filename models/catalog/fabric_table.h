// switch/1, nic/1 and optic/1, configs/fabrics.
#pragma once

#include "models/catalog/catalog.h"
#include "models/catalog/field_table.h"
#include "models/hardware/system.h"

namespace aifactory {

const FieldTable<Switch>& switch_table();
const FieldTable<Nic>& nic_table();
const FieldTable<Optic>& optic_table();

// Throw ConfigError.
Switch load_switch(const Catalog& catalog, std::string_view id_or_alias, ReadLog* log = nullptr);
Nic load_nic(const Catalog& catalog, std::string_view id_or_alias, ReadLog* log = nullptr);
Optic load_optic(const Catalog& catalog, std::string_view id_or_alias, ReadLog* log = nullptr);

}  // namespace aifactory
