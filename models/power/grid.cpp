#include "models/power/grid.h"

#include <algorithm>
#include <numbers>
#include <utility>

#include "models/units/pinned_math.h"

namespace aifactory {

std::array<double, 24> DailyShape::hours() const {
  std::array<double, 24> shape{};
  for (std::size_t hour = 0; hour < shape.size(); ++hour) {
    const double phase = 2.0 * std::numbers::pi * (static_cast<double>(hour) - peak_hour) / 24.0;
    shape[hour] = std::max(0.0, 1.0 + swing * pinned::cos(phase));
  }
  return shape;
}

GridSupply::GridSupply(GridRegion region, Watts connection)
    : region_(std::move(region)),
      connection_(connection),
      price_(region_.price_shape.hours()),
      carbon_(region_.carbon_shape.hours()) {}

SupplyHour GridSupply::at(int hour_of_year) const {
  const auto hour = static_cast<std::size_t>(hour_of_year % 24);
  return {connection_, region_.wholesale * price_[hour] + region_.delivery, region_.carbon_direct * carbon_[hour],
          region_.carbon_life_cycle * carbon_[hour]};
}

Usd GridSupply::annual_charge(Watts contracted) const {
  return region_.capacity * (contracted * kYear);
}

}  // namespace aifactory
