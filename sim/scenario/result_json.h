// The Result contract as JSON: keys sorted, shortest round-trip numbers, nothing that changes between identical runs.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

#include "sim/scenario/result.h"

namespace aifactory {

inline constexpr std::string_view kResultSchema = "result/1";

nlohmann::json result_to_json(const Result& result, std::string_view tool_version);

// Indented text with a final newline, as `run --format json` prints it and as golden files hold it.
std::string result_text(const nlohmann::json& result);

}  // namespace aifactory
