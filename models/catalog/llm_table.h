// llm/1, configs/llms.
#pragma once

#include "models/catalog/catalog.h"
#include "models/catalog/field_table.h"
#include "models/llm/architecture.h"

namespace aifactory {

const FieldTable<LlmArchitecture>& llm_table();

// Throws ConfigError.
LlmArchitecture load_llm(const Catalog& catalog, std::string_view id_or_alias, ReadLog* log = nullptr);

}  // namespace aifactory
