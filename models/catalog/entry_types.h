// The one list of what catalogue entries there are: folder, schema, table. A new kind is one line in entry_types.cpp.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "models/catalog/table_core.h"

namespace aifactory {

struct EntryType {
  std::string folder;  // of configs/, and the word of `aifactory show`
  const TableBase* table = nullptr;
};

const std::vector<EntryType>& entry_types();

// By schema id ("accelerator/1"), schema name ("accelerator"); null if there is none.
const EntryType* find_entry_type(std::string_view schema);
std::vector<std::string> entry_folders();  // each once, in the order of the list

}  // namespace aifactory
