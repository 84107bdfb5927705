// Minimum of a function of many positive parameters without derivatives: coordinate steps that grow with success and
// shrink with failure, and jumps along the way just gone (Hooke & Jeeves, JACM 8, 1961). Deterministic.
#pragma once

#include <functional>
#include <vector>

namespace aifactory {

struct SearchParameter {
  double start = 0.0;
  double least = 0.0, most = 0.0;
  bool logarithmic = true;  // steps multiply; else they add
};

struct SearchLimits {
  int sweeps = 80;
  double smallest_step = 1e-3;  // of a logarithmic parameter, relative; of another, in absolute terms
};

// The best parameters found, never worse than the start.
std::vector<double> pattern_search(const std::vector<SearchParameter>& parameters,
                                   const std::function<double(const std::vector<double>&)>& objective,
                                   const SearchLimits& limits = {});

}  // namespace aifactory
