#include "models/power/boundary.h"

#include <cmath>
#include <stdexcept>

namespace aifactory {

PowerChain::PowerChain(const System& system, const FacilityOverheads& overheads)
    : accelerators_per_rack_(system.accelerators_per_rack) {
  if (system.accelerators_per_rack <= 0 || !(system.accelerator.tdp.value() > 0.0) || !(overheads.pue_average >= 1.0) ||
      !(overheads.pue_peak >= overheads.pue_average) || !(overheads.contracted_margin >= 1.0)) {
    throw std::invalid_argument(
        "power chain: needs accelerators in a rack, a TDP, 1 <= average PUE <= peak PUE and a margin >= 1");
  }
  const double host = system.rack_power / (system.accelerator.tdp * static_cast<double>(accelerators_per_rack_));
  const std::array<double, kPowerBoundaryCount> multipliers = {1.0,
                                                               host,
                                                               1.0 + system.network_power_fraction,
                                                               overheads.pue_average,
                                                               overheads.pue_peak / overheads.pue_average,
                                                               overheads.contracted_margin};
  constexpr std::array<std::string_view, kPowerBoundaryCount> kNotes = {"tdp",         "host",     "network",
                                                                        "pue_average", "pue_peak", "margin"};
  Watts watts = system.accelerator.tdp;
  for (std::size_t i = 0; i < kPowerBoundaryCount; ++i) {
    watts *= multipliers[i];
    steps_[i] = {static_cast<PowerBoundary>(i), multipliers[i], watts, kNotes[i]};
  }
}

std::int64_t whole_racks_that_fit(Watts envelope, PowerBoundary boundary, const PowerChain& chain,
                                  double oversubscription) {
  const Watts rack = chain.at(boundary) * static_cast<double>(chain.accelerators_per_rack());
  // An envelope stated as a multiple of the rack must not lose a rack to rounding.
  constexpr double kRounding = 1e-12;
  const double racks = std::floor(envelope * oversubscription / rack * (1.0 + kRounding));
  return racks > 0.0 ? static_cast<std::int64_t>(racks) : 0;
}

}  // namespace aifactory
