// How many rows each expert of one rank receives in a measured mixture-of-experts layer.
#pragma once

#include <cstdint>
#include <vector>

#include "tools/probe/case.h"

namespace aifactory::probe {

struct ExpertRows {
  std::vector<std::int64_t> rows;  // by local expert
  std::int64_t total = 0;
  std::int64_t active = 0;  // experts with a row
};

// shape: tokens (over the whole expert-parallel group), experts, topk, ep. detail says how tokens choose:
//   balanced     every expert its share, the remainder to the first experts
//   uniform      independent choices (fixed seed), the first rank
//   power_law_A  popularity of an expert at the quantiles of a density ~ x^-A over [1, 0.8 tokens], in a fixed random
//                order; the rank that holds the most rows
// No expert receives more than every token. Throws std::invalid_argument for another detail or ep that does not divide.
ExpertRows expert_rows(const Case& c);

}  // namespace aifactory::probe
