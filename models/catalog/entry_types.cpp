#include "models/catalog/entry_types.h"

#include <algorithm>

#include "models/catalog/accelerator_table.h"
#include "models/catalog/collective_table.h"
#include "models/catalog/calibration_table.h"
#include "models/catalog/energy_table.h"
#include "models/catalog/fabric_table.h"
#include "models/catalog/llm_table.h"
#include "models/catalog/price_table.h"
#include "models/catalog/reliability_table.h"
#include "models/catalog/site_table.h"
#include "models/catalog/system_table.h"

namespace aifactory {

const std::vector<EntryType>& entry_types() {
  static const std::vector<EntryType> types = {
      {"accelerators", &accelerator_table()},
      {"calibration", &calibration_table()},
      {"systems", &system_table()},
      {"fabrics", &switch_table()},
      {"fabrics", &nic_table()},
      {"fabrics", &optic_table()},
      {"fabrics", &collective_table()},
      {"llms", &llm_table()},
      {"sites", &site_table()},
      {"facilities", &facility_table()},
      {"energy", &energy_table()},
      {"prices", &price_table()},
      {"token_prices", &token_price_table()},
      {"reliability", &reliability_table()},
  };
  return types;
}

const EntryType* find_entry_type(std::string_view schema) {
  for (const EntryType& type : entry_types()) {
    const TableCore& table = type.table->core();
    if (table.name == schema || table.schema_id() == schema) {
      return &type;
    }
  }
  return nullptr;
}

std::vector<std::string> entry_folders() {
  std::vector<std::string> folders;
  for (const EntryType& type : entry_types()) {
    if (std::find(folders.begin(), folders.end(), type.folder) == folders.end()) {
      folders.push_back(type.folder);
    }
  }
  return folders;
}

}  // namespace aifactory
