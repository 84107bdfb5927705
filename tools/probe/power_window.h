// What a series of readings says about an interval of time.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "tools/probe/nvml.h"

namespace aifactory::probe {

struct TimedReading {
  double at = 0.0;  // seconds on a steady clock
  NvmlReading reading;
};

struct WindowReading {
  std::optional<double> power_w;          // time average, trapezoids between samples
  std::optional<double> energy_j;         // of the counter, scaled from the samples it spans to the interval
  std::optional<double> sm_mhz, mem_mhz;  // medians
  std::optional<double> temperature_c;    // highest
  std::uint64_t throttle = 0;             // any reason at any sample
  int samples = 0;
};

// Power and energy need at least `kLeastSamples` samples inside [begin, end]: shorter intervals only say something
// about the driver's averaging.
inline constexpr int kLeastSamples = 10;
WindowReading read_window(const std::vector<TimedReading>& series, double begin, double end);

}  // namespace aifactory::probe
