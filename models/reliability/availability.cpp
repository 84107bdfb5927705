#include "models/reliability/availability.h"

namespace aifactory {

const std::array<AvailabilityTier, 4>& availability_tiers() {
  static constexpr std::array<AvailabilityTier, 4> kTiers = {{
      {"I", "N: one path, no spare", 0.99671},
      {"II", "N+1 components on one path", 0.99741},
      {"III", "N+1, concurrently maintainable", 0.99982},
      {"IV", "2N or 2(N+1), fault tolerant", 0.99995},
  }};
  return kTiers;
}

}  // namespace aifactory
