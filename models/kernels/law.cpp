#include "models/kernels/law.h"

#include <algorithm>
#include <cmath>

namespace aifactory {

double soft_maximum(double a, double b, double serial) {
  const double gap = a - b;
  return 0.5 * (a + b + std::sqrt(gap * gap + 4.0 * serial * a * b));
}

double law_time(const LawParameters& law, const LawWork& work, const DeviceRates& rates) {
  const double compute = work.compute_flops / (law.compute * rates.flops_per_second);
  const double memory = work.bytes / (law.memory * rates.bytes_per_second);
  return law.startup + soft_maximum(compute, memory, law.serial) + law.item * work.items + law.row * work.rows;
}

double roofline_time(const LawWork& work, const DeviceRates& rates) {
  return std::max(work.flops / rates.flops_per_second, work.bytes / rates.bytes_per_second);
}

}  // namespace aifactory
