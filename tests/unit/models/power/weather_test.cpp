#include "models/power/weather.h"

#include <gtest/gtest.h>

#include <cmath>
#include <stdexcept>
#include <vector>

namespace aifactory {
namespace {

Climate temperate() {
  Climate c;
  c.mean_dry_bulb = Kelvins(kCelsiusZero + 12.0);
  c.annual_amplitude = Kelvins(13.0);
  c.diurnal_amplitude = Kelvins(5.0);
  c.noise_sd = Kelvins(4.0);
  c.noise_seasonality = 0.3;
  c.noise_correlation = 0.98;
  c.relative_humidity = 0.7;
  c.warmest_day = 200.0;
  c.warmest_hour = 15.0;
  c.design_dry_bulb = Kelvins(kCelsiusZero + 33.0);
  c.design_wet_bulb = Kelvins(kCelsiusZero + 25.0);
  return c;
}

TEST(Weather, WithoutNoiseItIsTheHarmonics) {
  const WeatherYear year(temperate(), std::vector<double>(kHoursPerYear, 0.0));
  EXPECT_NEAR(year.at(200 * 24 + 15).dry_bulb, 12.0 + 13.0 + 5.0, 1e-9);
  EXPECT_NEAR(year.at(200 * 24 + 3).dry_bulb, 12.0 + 13.0 - 5.0, 1e-9);
  double sum = 0.0;
  for (const WeatherHour& hour : year.hours()) {
    sum += hour.dry_bulb;
  }
  EXPECT_NEAR(sum / kHoursPerYear, 12.0, 1e-6);
}

TEST(Weather, WetBulbNeverExceedsDryBulb) {
  std::vector<double> normals(kHoursPerYear);
  for (std::size_t i = 0; i < normals.size(); ++i) {
    normals[i] = 2.0 * std::sin(static_cast<double>(i) * 0.7);
  }
  const WeatherYear year(temperate(), normals);
  for (const WeatherHour& hour : year.hours()) {
    EXPECT_LE(hour.wet_bulb, hour.dry_bulb);
    EXPECT_GT(hour.wet_bulb, hour.dry_bulb - 30.0);
  }
}

TEST(Weather, AShockDecaysWithItsCorrelation) {
  std::vector<double> normals(kHoursPerYear, 0.0);
  normals[0] = 1.0;
  const WeatherYear with(temperate(), normals);
  const WeatherYear without(temperate(), std::vector<double>(kHoursPerYear, 0.0));
  const auto departure = [&](int hour) { return with.at(hour).dry_bulb - without.at(hour).dry_bulb; };
  EXPECT_NEAR(departure(10) / departure(0), std::pow(0.98, 10), 1e-9);
  EXPECT_GT(departure(0), 4.0);  // January scatters more than the mean of the year
}

TEST(Weather, RefusesAnIncompleteYear) {
  EXPECT_THROW(WeatherYear(temperate(), std::vector<double>(8759, 0.0)), std::invalid_argument);
}

TEST(Psychrometrics, StullAgreesWithHisOwnExample) {
  // Stull (2011): 20 degC and 50 % give 13.7 degC.
  EXPECT_NEAR(wet_bulb_stull(20.0, 0.5), 13.7, 0.05);
}

TEST(Psychrometrics, SaturatedAirIsItsOwnWetBulb) {
  for (const double t : {0.0, 10.0, 25.0, 35.0}) {
    EXPECT_NEAR(wet_bulb_stull(t, 0.99), t, 0.4) << t;
  }
}

TEST(Psychrometrics, SteamTableValues) {
  EXPECT_NEAR(saturation_pressure(20.0), 2339.0, 10.0);
  EXPECT_NEAR(saturation_pressure(30.0), 4247.0, 20.0);
  EXPECT_NEAR(humidity_ratio(30.0, 30.0), 0.0272, 2e-4);
  EXPECT_NEAR(humidity_ratio(35.0, 25.0), 0.0158, 5e-4);  // psychrometric chart, sea level
}

TEST(Weather, DesignHourIsTheCatalogues) {
  EXPECT_NEAR(design_hour(temperate()).dry_bulb, 33.0, 1e-12);
  EXPECT_NEAR(design_hour(temperate()).wet_bulb, 25.0, 1e-12);
}

}  // namespace
}  // namespace aifactory
