// Facility availability by topology (Uptime Institute tier levels). A percentage is enough for a serving fleet; a
// synchronous job loses by the number of interruptions (failure.h).
#pragma once

#include <array>
#include <string_view>

#include "models/units/quantity.h"

namespace aifactory {

struct AvailabilityTier {
  std::string_view name;
  std::string_view topology;
  double availability;  // share of the year
  [[nodiscard]] Seconds downtime_per_year() const { return kYear * (1.0 - availability); }
};

// I to IV, increasing (Uptime Institute Tier Standard, the percentages published with it).
const std::array<AvailabilityTier, 4>& availability_tiers();

}  // namespace aifactory
