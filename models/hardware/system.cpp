#include "models/hardware/system.h"

#include <algorithm>

namespace aifactory {

Watts rack_power_at(const System& system, Watts accelerator_power) {
  const Accelerator& accelerator = system.accelerator;
  const Watts idle = accelerator.tdp * accelerator.power.idle_fraction;
  const Watts range = accelerator.tdp - idle;
  const double load = range.value() > 0.0 ? std::clamp((accelerator_power - idle) / range, 0.0, 1.0) : 1.0;
  const double host = system.host_idle_fraction + (1.0 - system.host_idle_fraction) * load;
  return accelerator_power * static_cast<double>(system.accelerators_per_rack) + system.host_power() * host;
}

}  // namespace aifactory
