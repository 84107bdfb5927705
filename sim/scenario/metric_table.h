// Every metric the simulator reports, at one place: its unit, its formula in words, which way is better, and which
// facts decide how far it can be trusted.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace aifactory {

enum class Direction { kHigherIsBetter, kLowerIsBetter, kNeutral };

// Groups of catalogue facts; a metric's grade is that of the weakest decisive fact among the groups that feed it.
enum FactGroup : unsigned {
  kFactsNone = 0,
  kFactsCompute = 1U << 0U,  // accelerator rates, memory, kernel parameters
  kFactsPower = 1U << 1U,    // chip and rack power
  kFactsSite = 1U << 2U,     // climate, cooling, energy
  kFactsPrice = 1U << 3U,    // hardware, construction, energy and token prices
};

struct MetricSpec {
  std::string_view name;
  std::string_view unit;
  Direction direction;
  unsigned facts;
  std::string_view formula;
  bool part_of_whole = false;  // between 0 and 1
};

const std::vector<MetricSpec>& metric_table();

// The row of a metric; `workload.<id>.` and `site.<id>.` prefixes share the row of the bare name. Null if unknown.
const MetricSpec* find_metric(std::string_view name);

// All names in the order of the table.
std::vector<std::string> metric_names();

}  // namespace aifactory
