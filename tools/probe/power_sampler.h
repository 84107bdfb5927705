// A thread that reads NVML every 20 ms for as long as the run lasts.
#pragma once

#include <condition_variable>
#include <mutex>
#include <thread>
#include <vector>

#include "tools/probe/nvml.h"
#include "tools/probe/power_window.h"

namespace aifactory::probe {

// Seconds on the steady clock; the time axis of samples and of measured intervals.
double steady_seconds();

class PowerSampler {
 public:
  explicit PowerSampler(const Nvml* nvml);  // null: no samples
  ~PowerSampler();
  PowerSampler(const PowerSampler&) = delete;
  PowerSampler& operator=(const PowerSampler&) = delete;

  [[nodiscard]] WindowReading window(double begin, double end) const;

 private:
  void run();
  const Nvml* nvml_;
  mutable std::mutex mutex_;
  std::condition_variable stopped_;
  bool stop_ = false;
  std::vector<TimedReading> series_;
  std::thread thread_;
};

}  // namespace aifactory::probe
