// Writes collective_law/1 files.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "models/fabric/collective_law.h"

namespace aifactory {

// The text of an entry with its constants replaced by those of `law`: four significant digits, one protocol a line.
// Algorithms as published are left out. Everything else of the entry (facts, aliases, names) stays.
std::string collective_law_text(const CollectiveLaw& law, const nlohmann::json& entry);

// An entry for a family that has none yet.
nlohmann::json collective_law_entry(const CollectiveLaw& law, const std::string& source_key, const std::string& as_of);

}  // namespace aifactory
