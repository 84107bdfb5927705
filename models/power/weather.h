// A typical year of 8,760 hours from a handful of climate normals: deterministic harmonics plus correlated noise made
// of normals the caller draws. Enough for energy and water; the extremes come from the design day, not from the noise.
#pragma once

#include <array>
#include <span>
#include <vector>

#include "models/units/quantity.h"

namespace aifactory {

inline constexpr int kHoursPerYear = 8760;

// Normals of one place, of the local standard-time year.
struct Climate {
  Kelvins mean_dry_bulb{};         // annual mean
  Kelvins annual_amplitude{};      // difference: half of warmest minus coldest monthly mean
  Kelvins diurnal_amplitude{};     // difference: half of the mean daily range
  Kelvins noise_sd{};              // difference: standard deviation of the departure from normal
  double noise_seasonality = 0.0;  // winter more, summer less, over noise_sd
  double noise_correlation = 0.0;  // hour to hour, 0..1 (fronts last days: about 0.98)
  double relative_humidity = 0.0;  // 0..1, annual mean
  double warmest_day = 0.0;        // day of year of the warmest normal (about 200 north, 20 south)
  double warmest_hour = 0.0;       // of the day, about 15
  Kelvins design_dry_bulb{};       // exceeded 0.4 % of hours (35 h a year)
  Kelvins design_wet_bulb{};       // exceeded 0.4 % of hours
};

// Formulas of moist air are in degrees Celsius; so are weather hours.
inline constexpr double kCelsiusZero = 273.15;
constexpr double celsius(Kelvins absolute) {
  return absolute.value() - kCelsiusZero;
}

struct WeatherHour {
  double dry_bulb = 0.0;  // degC
  double wet_bulb = 0.0;  // degC, <= dry_bulb
};

class WeatherYear {
 public:
  WeatherYear() = default;
  // `normals` are kHoursPerYear independent standard normal draws; throws std::invalid_argument on another length.
  //   T(h) = mean + A_y cos(2 pi (day - warmest_day)/365) + A_d cos(2 pi (hour - warmest_hour)/24) + e(h),
  //   e(h) = sd (1 - noise_seasonality cos(2 pi (day - warmest_day)/365)) x(h),
  //   x(h) = rho x(h-1) + sqrt(1 - rho^2) n(h).
  // The moisture of the air follows the day, not the hour: vapour pressure = RH * saturation at the normal of the day
  // plus half the departure from it, so nights are humid and afternoons and heat waves dry; wet bulb from T and RH by
  // Stull (2011).
  WeatherYear(const Climate& climate, std::span<const double> normals);

  [[nodiscard]] const std::vector<WeatherHour>& hours() const { return hours_; }
  [[nodiscard]] const WeatherHour& at(int hour_of_year) const { return hours_[static_cast<std::size_t>(hour_of_year)]; }

 private:
  std::vector<WeatherHour> hours_;
};

// The hour the plant is sized for: design dry bulb and design wet bulb together (slightly conservative, they need not
// coincide).
WeatherHour design_hour(const Climate& climate);

// Saturation vapour pressure over water, Pa (Magnus form, Alduchov and Eskridge 1996), -40..50 degC.
double saturation_pressure(double celsius);
// kg water per kg dry air at 101,325 Pa.
double humidity_ratio(double dry_bulb, double wet_bulb);
// Stull, J. Appl. Meteor. Climatol. 50 (2011): wet bulb from dry bulb (degC, -20..50) and RH (0.05..0.99), within 1 K.
double wet_bulb_stull(double dry_bulb, double relative_humidity);

}  // namespace aifactory
