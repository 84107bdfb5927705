// The statistics of one simulation by name, each with its unit and what it means.
#pragma once

#include <functional>
#include <map>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "sim/engine/statistics.h"

namespace aifactory::engine {

struct Statistic {
  std::string unit;  // SI, as in results: "s", "W", "1" for a count
  std::string doc;   // one sentence
  std::variant<Counter, TimeWeighted, RunningMoments, Quantiles, LogHistogram> value;
};

class Registry {
 public:
  // The statistic of that name, created on first use from `initial` (TimeWeighted(now) for one that starts late). Units
  // and kinds must agree: std::logic_error otherwise. References stay valid for the life of the registry.
  template <class Kind>
  Kind& add(std::string_view name, std::string_view unit, std::string_view doc, Kind initial = {}) {
    auto it = statistics_.find(name);
    if (it == statistics_.end()) {
      it = statistics_.emplace(name, Statistic{std::string(unit), std::string(doc), std::move(initial)}).first;
    }
    Kind* kind = std::get_if<Kind>(&it->second.value);
    if (kind == nullptr || it->second.unit != unit) {
      throw std::logic_error("statistic " + std::string(name) + " exists with another kind or unit");
    }
    return *kind;
  }

  // Sorted by name.
  [[nodiscard]] const std::map<std::string, Statistic, std::less<>>& all() const { return statistics_; }

 private:
  std::map<std::string, Statistic, std::less<>> statistics_;
};

}  // namespace aifactory::engine
