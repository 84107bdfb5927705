// Finding the device, and what the file says about it.
#pragma once

#include <memory>

#include "tools/probe/kernel.h"
#include "tools/probe/nvml.h"
#include "tools/probe/probe_output.h"

namespace aifactory::probe {

// There is no device, or it cannot be used; the message says what to do.
class NoDevice : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// Library handles and pools of device `index`. Throws NoDevice.
class DeviceSession {
 public:
  explicit DeviceSession(int index);
  ~DeviceSession();
  DeviceSession(const DeviceSession&) = delete;
  DeviceSession& operator=(const DeviceSession&) = delete;

  [[nodiscard]] Device& device() { return device_; }
  [[nodiscard]] const Nvml* nvml() const { return nvml_.get(); }
  [[nodiscard]] const std::string& nvml_problem() const { return nvml_problem_; }
  [[nodiscard]] RunInfo info() const;

 private:
  Device device_;
  std::unique_ptr<Nvml> nvml_;
  std::string nvml_problem_;
  double idle_utilization_ = -1.0;  // negative: unknown
};

// Devices the runtime sees; 0 with a reason when there are none or no driver.
int device_count(std::string& reason);

}  // namespace aifactory::probe
