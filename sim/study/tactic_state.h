// Whether a measured grouped GEMM ran the tile configuration ("tactic") that its library would choose after tuning.
//
// Grouped GEMM libraries time candidate configurations before first use and keep the best; where no tuning was found
// for a shape they run a fallback, up to nine times slower. Published sweeps hold such rows: one run of a layer over
// its token counts (a sweep) is tuned or falls back as a whole, and which of the two it was depends on the order the
// sweeps ran in and not on the shape. Engines tune at start-up, so a law of what they run is fitted to tuned sweeps.
//
// The rule compares measurements alone and knows no model. A row is dominated where a row of another sweep did at least
// as much in every respect (rows, activated experts, hidden size, width, tokens, choices of a token) in less than
// 1 / kSlower of its time. A sweep is taken to have fallen back where more than kShare of its rows are dominated.
#pragma once

#include <cstdint>
#include <vector>

#include "models/kernels/work.h"

namespace aifactory {

struct TimedWork {
  const KernelWork* work = nullptr;
  double seconds = 0.0;
  std::uint64_t sweep = 0;
};

// For each row whether the other rows of its sweep say that it fell back: its own time has no part in it, so that
// errors may be judged by it. Rows of one kernel of one accelerator; O(rows^2).
std::vector<bool> fell_back(const std::vector<TimedWork>& rows);

}  // namespace aifactory
