#include "models/kernels/law.h"

#include <algorithm>

#include "models/units/pinned_math.h"

namespace aifactory {

double soft_maximum(double a, double b, double sharpness) {
  const double high = std::max(a, b);
  const double low = std::min(a, b);
  if (low <= 0.0 || sharpness == 1.0) {
    return high + low;
  }
  const double ratio = pinned::exp(sharpness * pinned::log(low / high));
  return high * pinned::exp(pinned::log1p(ratio) / sharpness);
}

double law_time(const LawParameters& law, const LawWork& work, const DeviceRates& rates) {
  const double compute = work.compute_flops / (law.compute * rates.flops_per_second);
  const double memory = work.bytes / (law.memory * rates.bytes_per_second);
  return law.startup + soft_maximum(compute, memory, law.sharpness) + law.item * work.items + law.row * work.rows;
}

double roofline_time(const LawWork& work, const DeviceRates& rates) {
  return std::max(work.flops / rates.flops_per_second, work.bytes / rates.bytes_per_second);
}

}  // namespace aifactory
