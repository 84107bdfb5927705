// One collective as a benchmark describes it, and its time under a law: what backtests predict and fits are made of.
#pragma once

#include <optional>
#include <string>

#include "models/fabric/collective.h"

namespace aifactory {

struct CollectiveCase {
  Collective operation = Collective::kAllReduce;
  std::optional<ExpertExchange> exchange;  // an expert-parallel exchange in place of `operation`
  Bytes bytes{};
  int ranks = 2;
  CollectiveLinks links;
  std::string engine;     // a serving engine's own all-reduce; empty = the library
  std::string network;    // beyond the domain, as the law names it; empty = the default
  bool trees = false;     // trees over in-network groups were forced (NVLSTree)
  bool launched = false;  // call by call, not replayed from a captured graph

  [[nodiscard]] bool beyond_domain() const { return ranks > links.domain; }
};

CollectiveRegime regime_of(const CollectiveCase& one);

// The levels the case spans, with the law of its network and engine.
std::vector<NetworkLevel> levels_of(const CollectiveCase& one, const CollectiveLaw& law);

Seconds case_time(const CollectiveCase& one, const CollectiveLaw& law);
// With levels_of(one, law) at hand; `launch` is the law's.
Seconds case_time(const CollectiveCase& one, const std::vector<NetworkLevel>& levels, Seconds launch);

}  // namespace aifactory
