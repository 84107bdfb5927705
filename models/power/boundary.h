// "One gigawatt" means six different things. Each boundary adds what lies between it and the one before; every power
// envelope names its boundary, and a count per gigawatt is meaningless without it.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "models/hardware/system.h"
#include "models/units/quantity.h"

namespace aifactory {

enum class PowerBoundary { kChip, kRack, kCriticalIt, kAverageFacility, kPeakFacility, kContracted };
inline constexpr std::size_t kPowerBoundaryCount = 6;
inline constexpr std::array<std::string_view, kPowerBoundaryCount> kPowerBoundaryNames = {
    "chip", "rack", "critical_it", "average_facility", "peak_facility", "contracted"};
constexpr std::string_view name(PowerBoundary b) {
  return kPowerBoundaryNames[static_cast<std::size_t>(b)];
}

// What the facility adds, at full load. The annual mean belongs on energy, the design day on capacity: two inputs.
struct FacilityOverheads {
  double pue_average = 1.0;        // facility over critical IT, mean of the year
  double pue_peak = 1.0;           // facility over critical IT in the hottest hour designed for; >= pue_average
  double contracted_margin = 1.0;  // contracted over peak: redundancy, diversity and growth not usable for load
};

// One boundary of the chain, per accelerator package.
struct PowerStep {
  PowerBoundary boundary = PowerBoundary::kChip;
  double multiplier = 1.0;  // over the previous boundary
  Watts watts{};            // per accelerator
  std::string_view note;    // key of the explanation of this step: tdp, host, network, pue_average, pue_peak, margin
};

// Watts of one accelerator at each boundary, the rack drawing its rating:
//   chip = TDP; rack = rack_power / accelerators_per_rack; critical_it = rack (1 + network_power_fraction);
//   average_facility = critical_it pue_average; peak_facility = critical_it pue_peak; contracted = peak margin.
// rack_power is AC at the rack input, so power supply losses are in it and are not counted again.
class PowerChain {
 public:
  PowerChain(const System& system, const FacilityOverheads& overheads);

  [[nodiscard]] const std::array<PowerStep, kPowerBoundaryCount>& steps() const { return steps_; }
  [[nodiscard]] Watts at(PowerBoundary boundary) const { return steps_[static_cast<std::size_t>(boundary)].watts; }
  [[nodiscard]] int accelerators_per_rack() const { return accelerators_per_rack_; }

  // The same load seen at another boundary.
  [[nodiscard]] Watts convert(Watts watts, PowerBoundary from, PowerBoundary to) const {
    return watts * (at(to) / at(from));
  }

 private:
  std::array<PowerStep, kPowerBoundaryCount> steps_{};
  int accelerators_per_rack_ = 0;
};

// The largest whole number of racks whose rated load, seen at `boundary`, stays within envelope * oversubscription.
// Oversubscription > 1 counts on racks not peaking together and on caps when they do (>= 1; inference up to 1.3-1.45:
// POLCA arXiv 2308.12908, TAPAS arXiv 2501.02600; synchronous training hardly above 1.1).
std::int64_t whole_racks_that_fit(Watts envelope, PowerBoundary boundary, const PowerChain& chain,
                                  double oversubscription = 1.0);

}  // namespace aifactory
