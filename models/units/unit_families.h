// How people name and write the dimensions of an AI factory: the words for messages, the units for printing.
#pragma once

#include <string_view>
#include <vector>

#include "models/units/dimension.h"

namespace aifactory::detail {

// Units of one dimension that readers expect together, from small to large.
struct UnitFamily {
  Dimension dimension;
  std::string_view name;   // of the dimension; empty for a second family of the same dimension
  std::string_view style;  // what picks this family in format_quantity; the usual family has none
  std::vector<std::string_view> ladder;
  std::vector<std::string_view> examples;  // for messages; if none, the ladder
};

// The usual family of a dimension, or nullptr for one that nobody has named.
[[nodiscard]] const UnitFamily* find_family(const Dimension& dimension);
// Another family by its style, or nullptr.
[[nodiscard]] const UnitFamily* find_family(const Dimension& dimension, std::string_view style);

}  // namespace aifactory::detail
