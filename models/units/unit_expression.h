// The grammar of unit expressions, "USD/kW-month", over the vocabulary of unit_table.h.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "models/units/unit_text.h"

namespace aifactory::detail {

struct UnitExpression {
  std::optional<Unit> unit;  // absent if there is a problem
  std::string problem;       // "unknown unit 'gb'", "a unit is missing after '/'"
  std::string unknown;       // the factor that is not known, if that is the problem
};

[[nodiscard]] UnitExpression read_unit(std::string_view text);

}  // namespace aifactory::detail
