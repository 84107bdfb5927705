#include "models/fabric/pattern_search.h"

#include <algorithm>
#include <cstddef>

#include "models/units/pinned_math.h"

namespace aifactory {
namespace {

constexpr double kFirstStep = 0.25;

double moved(const SearchParameter& parameter, double value, double step) {
  const double next = parameter.logarithmic ? value * pinned::exp(step) : value + step;
  return std::clamp(next, parameter.least, parameter.most);
}

}  // namespace

std::vector<double> pattern_search(const std::vector<SearchParameter>& parameters,
                                   const std::function<double(const std::vector<double>&)>& objective,
                                   const SearchLimits& limits) {
  std::vector<double> best;
  for (const SearchParameter& parameter : parameters) {
    best.push_back(std::clamp(parameter.start, parameter.least, parameter.most));
  }
  double least = objective(best);
  std::vector<double> step(parameters.size(), kFirstStep);
  const auto try_at = [&](const std::vector<double>& candidate) {
    const double value = objective(candidate);
    if (value < least) {
      least = value;
      best = candidate;
      return true;
    }
    return false;
  };
  for (int sweep = 0; sweep < limits.sweeps; ++sweep) {
    const std::vector<double> before = best;
    bool any_step = false;
    for (std::size_t k = 0; k < parameters.size(); ++k) {
      if (step[k] < limits.smallest_step) {
        continue;
      }
      any_step = true;
      bool better = false;
      for (const double direction : {1.0, -1.0}) {
        std::vector<double> candidate = best;
        candidate[k] = moved(parameters[k], best[k], direction * step[k]);
        if (candidate[k] != best[k] && try_at(candidate)) {
          better = true;
          break;
        }
      }
      step[k] *= better ? 1.6 : 0.5;
    }
    if (!any_step) {
      break;
    }
    // On from where the sweep came from to where it went.
    std::vector<double> onward = best;
    for (std::size_t k = 0; k < parameters.size(); ++k) {
      const double next = parameters[k].logarithmic ? best[k] * best[k] / before[k] : 2.0 * best[k] - before[k];
      onward[k] = std::clamp(next, parameters[k].least, parameters[k].most);
    }
    if (onward != best) {
      try_at(onward);
    }
  }
  return best;
}

}  // namespace aifactory
