// NVIDIA's management library through dlopen and our own prototypes: neither its header nor the library is needed to
// build or to start. Read only: no clock, cap or mode is ever set.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace aifactory::probe {

// What the device says at one moment; absent where it does not say.
struct NvmlReading {
  std::optional<double> power_w;  // instantaneous where the driver has it, else the driver's one-second mean
  std::optional<double> sm_mhz, mem_mhz, temperature_c;
  std::optional<std::uint64_t> throttle;  // clocks-event reasons, bits
  std::optional<double> energy_j;         // since the driver was loaded
};

class Nvml {
 public:
  // `library` is for tests. Null when it cannot be opened or the device is not there; `reason` says why.
  static std::unique_ptr<Nvml> open(const std::string& pci_bus_id, std::string& reason,
                                    const std::string& library = "libnvidia-ml.so.1");
  ~Nvml();
  Nvml(const Nvml&) = delete;
  Nvml& operator=(const Nvml&) = delete;

  [[nodiscard]] NvmlReading read() const;  // thread-safe
  [[nodiscard]] std::optional<double> power_limit_w() const;
  [[nodiscard]] std::optional<double> utilization() const;  // 0..1 of the last sample period
  [[nodiscard]] std::string driver() const;                 // "" when unknown
  [[nodiscard]] bool instant_power() const { return instant_power_; }

 private:
  struct Functions;
  Nvml() = default;
  void* library_ = nullptr;
  void* device_ = nullptr;
  bool instant_power_ = false;
  std::unique_ptr<Functions> call_;
};

// Names of the set bits that slow a device down: sw_power_cap, hw_slowdown, sw_thermal, hw_thermal, hw_power_brake.
std::vector<std::string> throttle_names(std::uint64_t reasons);

}  // namespace aifactory::probe
