// The vocabulary of unit_text.h: every symbol, the prefixes it takes, and what the pair means.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "models/units/unit_text.h"

namespace aifactory::detail {

// "GW", "Mtoken", "min", "kgCO2e", "%": one factor of a unit expression, or nothing if it is not known.
[[nodiscard]] std::optional<Unit> find_unit(std::string_view factor);

// Known factors that a writer may have meant: equal but for upper and lower case first, then one letter off.
[[nodiscard]] std::vector<std::string> similar_units(std::string_view factor);

}  // namespace aifactory::detail
