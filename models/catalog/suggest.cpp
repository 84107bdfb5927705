#include "models/catalog/suggest.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstddef>
#include <numeric>
#include <utility>

namespace aifactory {

namespace {

constexpr std::size_t kLongestCompared = 80;  // longer texts are not names, and distance is quadratic
constexpr std::size_t kLongestList = 12;      // choices listed in full up to this many

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}
bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

// Letters and digits without case, so that "GB200-NVL72" is gb200_nvl72.
std::string folded(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (is_word(lower(c))) {
      out.push_back(lower(c));
    }
  }
  return out;
}

}  // namespace

int edit_distance(std::string_view a, std::string_view b) {
  const std::size_t width = b.size() + 1;
  std::vector<int> before(width);
  std::vector<int> previous(width);
  std::vector<int> current(width);
  std::iota(previous.begin(), previous.end(), 0);
  for (std::size_t i = 1; i <= a.size(); ++i) {
    current[0] = static_cast<int>(i);
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const int substituted = previous[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      current[j] = std::min({previous[j] + 1, current[j - 1] + 1, substituted});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        current[j] = std::min(current[j], before[j - 2] + 1);
      }
    }
    std::swap(before, previous);
    std::swap(previous, current);
  }
  return previous[b.size()];
}

std::vector<std::string> nearest_names(std::string_view written, const std::vector<std::string>& candidates,
                                       std::size_t limit) {
  const std::string name = folded(written.substr(0, kLongestCompared));
  if (name.empty()) {
    return {};
  }
  std::vector<std::pair<int, const std::string*>> ranked;
  for (const std::string& candidate : candidates) {
    const std::string other = folded(candidate);
    const int distance = edit_distance(name, other);
    const std::size_t longer = std::max(name.size(), other.size());
    const bool prefix = std::min(name.size(), other.size()) >= 3 &&
                        (other.compare(0, name.size(), name) == 0 || name.compare(0, other.size(), other) == 0);
    // A prefix ranks behind one typing slip and before two.
    if (prefix) {
      ranked.emplace_back(std::min(2 * distance, 3), &candidate);
    } else if (static_cast<std::size_t>(distance) * 3 <= longer) {
      ranked.emplace_back(2 * distance, &candidate);
    }
  }
  std::stable_sort(ranked.begin(), ranked.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<std::string> nearest;
  for (const auto& [distance, candidate] : ranked) {
    if (nearest.size() == limit) {
      break;
    }
    // Spellings of one name (cx7, CX-7) are one suggestion.
    const auto same = [name = folded(*candidate)](const std::string& other) { return folded(other) == name; };
    if (std::none_of(nearest.begin(), nearest.end(), same)) {
      nearest.push_back(*candidate);
    }
  }
  return nearest;
}

std::string suggestion(std::string_view written, const std::vector<std::string>& candidates) {
  const std::vector<std::string> nearest = nearest_names(written, candidates);
  if (!nearest.empty()) {
    return fmt::format("did you mean \"{}\"?", fmt::join(nearest, "\" or \""));
  }
  if (!candidates.empty() && candidates.size() <= kLongestList) {
    return fmt::format("one of: {}", fmt::join(candidates, ", "));
  }
  return {};
}

}  // namespace aifactory
