#include <gtest/gtest.h>

#include "tools/probe/nvml.h"
#include "tools/probe/power_sampler.h"
#include "tools/probe/power_window.h"

namespace aifactory::probe {
namespace {

// 50 samples 20 ms apart; the energy counter moves every 100 ms.
std::vector<TimedReading> steady_series(double watts) {
  std::vector<TimedReading> series;
  for (int i = 0; i < 50; ++i) {
    TimedReading s;
    s.at = 10.0 + i * 0.02;
    s.reading.power_w = watts;
    s.reading.energy_j = watts * 0.1 * (i / 5);
    s.reading.sm_mhz = i == 20 ? 1200.0 : 1980.0;
    s.reading.temperature_c = 40.0 + i;
    s.reading.throttle = i == 30 ? 0x4U : 0x0U;
    series.push_back(s);
  }
  return series;
}

TEST(PowerWindow, AveragesPowerAndScalesTheEnergyCounter) {
  const WindowReading w = read_window(steady_series(500.0), 10.0, 10.98);
  EXPECT_EQ(w.samples, 50);
  EXPECT_NEAR(*w.power_w, 500.0, 1e-9);
  EXPECT_NEAR(*w.energy_j, 500.0 * 0.98, 1e-6);
  EXPECT_EQ(*w.sm_mhz, 1980.0);
  EXPECT_EQ(*w.temperature_c, 89.0);
  EXPECT_EQ(throttle_names(w.throttle), std::vector<std::string>{"sw_power_cap"});
}

TEST(PowerWindow, SaysNothingOfShortIntervals) {
  const WindowReading w = read_window(steady_series(500.0), 10.0, 10.1);
  EXPECT_EQ(w.samples, 6);
  EXPECT_FALSE(w.power_w.has_value());
  EXPECT_FALSE(w.energy_j.has_value());
  EXPECT_TRUE(w.sm_mhz.has_value());
  EXPECT_EQ(read_window({}, 0.0, 1.0).samples, 0);
}

TEST(Nvml, AMissingLibraryIsAReasonNotACrash) {
  std::string reason;
  EXPECT_EQ(Nvml::open("0000:00:00.0", reason, "libnot-there.so.1"), nullptr);
  EXPECT_NE(reason.find("libnot-there"), std::string::npos) << reason;
}

TEST(Nvml, ALibraryThatIsNotNvmlIsRefused) {
  std::string reason;
  EXPECT_EQ(Nvml::open("0000:00:00.0", reason, "libc.so.6"), nullptr);
  EXPECT_FALSE(reason.empty());
}

TEST(PowerSampler, WithoutNvmlThereAreNoSamples) {
  const PowerSampler sampler(nullptr);
  EXPECT_EQ(sampler.window(0.0, steady_seconds()).samples, 0);
}

}  // namespace
}  // namespace aifactory::probe
