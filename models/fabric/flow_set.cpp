#include "models/fabric/flow_set.h"

#include <cmath>

namespace aifactory {

void FlowSet::add(std::span<const std::uint32_t> route, double flow_bytes, double flow_start) {
  hops.insert(hops.end(), route.begin(), route.end());
  first_hop.push_back(static_cast<std::uint32_t>(hops.size()));
  bytes.push_back(flow_bytes);
  start.push_back(flow_start);
}

std::vector<std::string> problems_of(const FlowSet& flows) {
  std::vector<std::string> problems;
  const auto bad = [](double value, bool zero_allowed) {
    return !std::isfinite(value) || value < 0.0 || (value == 0.0 && !zero_allowed);
  };
  for (std::size_t l = 0; l < flows.capacity.size(); ++l) {
    if (bad(flows.capacity[l], false)) {
      problems.push_back("link " + std::to_string(l) + ": the bandwidth must be positive and finite");
    }
  }
  std::vector<std::size_t> last_user(flows.capacity.size(), flows.size());
  for (std::size_t f = 0; f < flows.size(); ++f) {
    const std::string name = "flow " + std::to_string(f) + ": ";
    if (bad(flows.bytes[f], true)) {
      problems.push_back(name + "bytes must not be negative and must be finite");
    }
    if (bad(flows.start[f], true)) {
      problems.push_back(name + "the start must not be negative and must be finite");
    }
    if (bad(flows.weight_of(f), false)) {
      problems.push_back(name + "the weight must be positive and finite");
    }
    for (const std::uint32_t link : flows.route(f)) {
      if (link >= flows.capacity.size()) {
        problems.push_back(name + "there is no link " + std::to_string(link));
      } else if (last_user[link] == f) {
        problems.push_back(name + "link " + std::to_string(link) + " is on the route twice");
      } else {
        last_user[link] = f;
      }
    }
  }
  return problems;
}

}  // namespace aifactory
