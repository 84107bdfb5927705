#include "models/power/weather.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <stdexcept>

#include "models/units/pinned_math.h"

namespace aifactory {

double saturation_pressure(double celsius) {
  // Alduchov and Eskridge, J. Appl. Meteor. 35 (1996), eq. 21.
  return 610.94 * pinned::exp(17.625 * celsius / (celsius + 243.04));
}

double humidity_ratio(double dry_bulb, double wet_bulb) {
  constexpr double kPressure = 101325.0;
  constexpr double kVapourOverAir = 0.621945;  // molar masses
  // Psychrometer equation, ventilated: e = es(Twb) - 6.62e-4 p (T - Twb) (WMO No. 8).
  const double vapour = std::max(0.0, saturation_pressure(wet_bulb) - 6.62e-4 * kPressure * (dry_bulb - wet_bulb));
  return kVapourOverAir * vapour / (kPressure - vapour);
}

double wet_bulb_stull(double dry_bulb, double relative_humidity) {
  // Below the fit's range wet and dry bulb differ by less than its error: carry the difference at -20 degC.
  constexpr double kColdest = -20.0;
  const double t = std::max(dry_bulb, kColdest);
  const double rh = 100.0 * std::clamp(relative_humidity, 0.05, 0.99);
  const double wet = t * pinned::atan(0.151977 * std::sqrt(rh + 8.313659)) + pinned::atan(t + rh) -
                     pinned::atan(rh - 1.676331) + 0.00391838 * rh * std::sqrt(rh) * pinned::atan(0.023101 * rh) -
                     4.686035;
  return std::min(wet + (dry_bulb - t), dry_bulb);
}

WeatherYear::WeatherYear(const Climate& climate, std::span<const double> normals) {
  if (normals.size() != static_cast<std::size_t>(kHoursPerYear)) {
    throw std::invalid_argument("weather year: needs one normal draw per hour of the year");
  }
  constexpr double kTurn = 2.0 * std::numbers::pi;
  constexpr double kMoistureFollows = 0.5;  // warm spells bring about half the moisture their warmth could hold
  std::array<double, 24> diurnal{};
  for (std::size_t hour = 0; hour < 24; ++hour) {
    diurnal[hour] = climate.diurnal_amplitude.value() *
                    pinned::cos(kTurn * (static_cast<double>(hour) - climate.warmest_hour) / 24.0);
  }
  const double rho = climate.noise_correlation;
  const double innovation = std::sqrt(1.0 - rho * rho);
  double weather = normals[0];  // unit variance
  hours_.reserve(normals.size());
  double season = 0.0;  // -1..1
  for (std::size_t h = 0; h < normals.size(); ++h) {
    if (h % 24 == 0) {
      const double day = static_cast<double>(h) / 24.0;
      season = pinned::cos(kTurn * (day - climate.warmest_day) / 365.0);
    }
    if (h > 0) {
      weather = rho * weather + innovation * normals[h];
    }
    const double noise = climate.noise_sd.value() * (1.0 - climate.noise_seasonality * season) * weather;
    const double normal = celsius(climate.mean_dry_bulb) + climate.annual_amplitude.value() * season;
    const double dry = normal + noise + diurnal[h % 24];
    const double vapour = climate.relative_humidity * saturation_pressure(normal + kMoistureFollows * noise);
    hours_.push_back({dry, wet_bulb_stull(dry, vapour / saturation_pressure(dry))});
  }
}

WeatherHour design_hour(const Climate& climate) {
  return {celsius(climate.design_dry_bulb), celsius(climate.design_wet_bulb)};
}

}  // namespace aifactory
