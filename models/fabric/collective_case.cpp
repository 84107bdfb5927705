#include "models/fabric/collective_case.h"

#include "models/fabric/collective_cost.h"

namespace aifactory {

CollectiveRegime regime_of(const CollectiveCase& one) {
  return one.exchange          ? CollectiveRegime::kExchange
         : one.beyond_domain() ? CollectiveRegime::kBeyond
         : one.launched        ? CollectiveRegime::kLaunched
         : one.engine.empty()  ? CollectiveRegime::kLibrary
                               : CollectiveRegime::kEngine;
}

std::vector<NetworkLevel> levels_of(const CollectiveCase& one, const CollectiveLaw& law) {
  if (one.engine.empty() && one.network.empty()) {
    return levels_for(one.links, one.ranks, law);
  }
  return levels_for(one.links, one.ranks, with_network(with_engine(law, one.engine), one.network));
}

Seconds case_time(const CollectiveCase& one, const std::vector<NetworkLevel>& levels, Seconds launch) {
  if (one.exchange) {
    return exchange_time(*one.exchange, levels);
  }
  // Beyond a domain the start of a call is part of what the network's law was fitted to.
  const Seconds host = one.launched && !one.beyond_domain() ? launch : Seconds(0.0);
  if (one.trees) {
    if (const auto time = cost::in_network(one.bytes, levels)) {
      return *time + host;
    }
  }
  return collective_time(one.operation, one.bytes, levels,
                         one.engine.empty() ? CollectiveStack::kLibrary : CollectiveStack::kEngine) +
         host;
}

Seconds case_time(const CollectiveCase& one, const CollectiveLaw& law) {
  return case_time(one, levels_of(one, law), law.launch);
}

}  // namespace aifactory
