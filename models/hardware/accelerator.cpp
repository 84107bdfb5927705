#include "models/hardware/accelerator.h"

#include <algorithm>

#include "models/units/pinned_math.h"

namespace aifactory {

Watts power_at(const Accelerator& accelerator, Activity activity) {
  const PowerLaw& law = accelerator.power;
  const double memory = std::clamp(activity.memory, 0.0, 1.0);
  const double compute = std::clamp(activity.compute, 0.0, 1.0);
  // A quarter of the time of pow, and far more digits than the law has.
  const double tensor = compute > 0.0 ? pinned::exp2(law.compute_exponent * pinned::coarse_log2(compute)) : 0.0;
  const double dynamic = std::max(0.0, law.memory_weight * memory + law.compute_weight * tensor);
  return accelerator.tdp * std::min(1.0, law.idle_fraction + (1.0 - law.idle_fraction) * dynamic);
}

double throughput_under_cap(const PowerLaw& law, Watts uncapped, Watts cap) {
  if (uncapped <= cap) {
    return 1.0;
  }
  const double share = std::max(0.0, cap / uncapped);
  return share > 0.0 ? pinned::pow(share, law.cap_exponent) : 0.0;
}

}  // namespace aifactory
