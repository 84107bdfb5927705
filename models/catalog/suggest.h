// "Did you mean": the valid names nearest to what was written.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace aifactory {

// Optimal string alignment distance: insertions, deletions, substitutions, neighbour swaps.
int edit_distance(std::string_view a, std::string_view b);

// Up to `limit` candidates, nearest first, ties in the order given: equal without case and punctuation, a prefix of one
// another, or within a third of the length in edits. Empty when nothing is near.
std::vector<std::string> nearest_names(std::string_view written, const std::vector<std::string>& candidates,
                                       std::size_t limit = 3);

// `did you mean "x"?`, or `one of: a, b, c` for short lists, or "".
std::string suggestion(std::string_view written, const std::vector<std::string>& candidates);

}  // namespace aifactory
