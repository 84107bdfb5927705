// Shared by the variants whose fans slow down in cold weather.
#pragma once

#include <algorithm>

namespace aifactory {

// Share of the rated fan power when the outside is `difference` colder than the supply and fans are rated for
// `approach`: air flow goes with approach / difference, power with its cube (fan affinity laws), down to the slowest
// speed drives allow (30 %).
inline double fan_share(double approach, double difference) {
  constexpr double kSlowest = 0.3;
  const double speed = difference > approach ? std::max(approach / difference, kSlowest) : 1.0;
  return speed * speed * speed;
}

// Share of the heat that must be lifted when free cooling reaches `reached` and `supply` is wanted over `range`.
inline double trim_share(double reached, double supply, double range) {
  return std::clamp((reached - supply) / range, 0.0, 1.0);
}

}  // namespace aifactory
