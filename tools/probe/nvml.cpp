#include "tools/probe/nvml.h"

#include <dlfcn.h>

#include <array>
#include <utility>

namespace aifactory::probe {
namespace {

// From NVIDIA's NVML API reference guide; all enumerations are ints.
constexpr int kSuccess = 0;
constexpr int kClockSm = 1, kClockMemory = 2;
constexpr int kTemperatureGpu = 0;
constexpr unsigned kFieldPowerInstant = 186;
constexpr int kValueUnsignedInt = 1;

struct FieldValue {  // nvmlFieldValue_t
  unsigned field;
  unsigned scope;
  long long timestamp;
  long long latency;
  int value_type;
  int status;
  union {
    double real;
    unsigned whole;
    unsigned long long wide;
  } value;
};
static_assert(sizeof(FieldValue) == 40);

struct Utilization {  // nvmlUtilization_t, percent
  unsigned gpu;
  unsigned memory;
};

constexpr std::array<std::pair<std::uint64_t, const char*>, 5> kReasons = {{{0x04, "sw_power_cap"},
                                                                            {0x08, "hw_slowdown"},
                                                                            {0x20, "sw_thermal"},
                                                                            {0x40, "hw_thermal"},
                                                                            {0x80, "hw_power_brake"}}};

template <class Function>
void resolve(void* library, const char* name, Function& function) {
  function = reinterpret_cast<Function>(dlsym(library, name));
}

}  // namespace

struct Nvml::Functions {
  int (*init)() = nullptr;
  int (*shutdown)() = nullptr;
  int (*handle)(const char*, void**) = nullptr;
  int (*fields)(void*, int, FieldValue*) = nullptr;
  int (*power)(void*, unsigned*) = nullptr;
  int (*limit)(void*, unsigned*) = nullptr;
  int (*clock)(void*, int, unsigned*) = nullptr;
  int (*temperature)(void*, int, unsigned*) = nullptr;
  int (*reasons)(void*, unsigned long long*) = nullptr;
  int (*energy)(void*, unsigned long long*) = nullptr;
  int (*utilization)(void*, Utilization*) = nullptr;
  int (*driver)(char*, unsigned) = nullptr;
};

std::unique_ptr<Nvml> Nvml::open(const std::string& pci_bus_id, std::string& reason, const std::string& library) {
  void* opened = dlopen(library.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (opened == nullptr) {
    const char* why = dlerror();
    reason = why == nullptr ? "cannot open " + library : why;
    return nullptr;
  }
  std::unique_ptr<Nvml> nvml(new Nvml);
  nvml->library_ = opened;
  nvml->call_ = std::make_unique<Functions>();
  Functions& f = *nvml->call_;
  resolve(opened, "nvmlInit_v2", f.init);
  resolve(opened, "nvmlShutdown", f.shutdown);
  resolve(opened, "nvmlDeviceGetHandleByPciBusId_v2", f.handle);
  resolve(opened, "nvmlDeviceGetFieldValues", f.fields);
  resolve(opened, "nvmlDeviceGetPowerUsage", f.power);
  resolve(opened, "nvmlDeviceGetEnforcedPowerLimit", f.limit);
  resolve(opened, "nvmlDeviceGetClockInfo", f.clock);
  resolve(opened, "nvmlDeviceGetTemperature", f.temperature);
  resolve(opened, "nvmlDeviceGetCurrentClocksEventReasons", f.reasons);
  if (f.reasons == nullptr) {  // its name before driver 535
    resolve(opened, "nvmlDeviceGetCurrentClocksThrottleReasons", f.reasons);
  }
  resolve(opened, "nvmlDeviceGetTotalEnergyConsumption", f.energy);
  resolve(opened, "nvmlDeviceGetUtilizationRates", f.utilization);
  resolve(opened, "nvmlSystemGetDriverVersion", f.driver);
  if (f.init == nullptr || f.handle == nullptr || f.init() != kSuccess) {
    f.shutdown = nullptr;  // not initialised: nothing to shut down
    reason = library + " does not initialise";
    return nullptr;
  }
  if (f.handle(pci_bus_id.c_str(), &nvml->device_) != kSuccess) {
    reason = library + " does not know the device " + pci_bus_id;
    return nullptr;
  }
  FieldValue field{};
  field.field = kFieldPowerInstant;
  nvml->instant_power_ = f.fields != nullptr && f.fields(nvml->device_, 1, &field) == kSuccess &&
                         field.status == kSuccess && field.value_type == kValueUnsignedInt;
  return nvml;
}

Nvml::~Nvml() {
  if (call_ != nullptr && call_->shutdown != nullptr) {
    call_->shutdown();
  }
  if (library_ != nullptr) {
    dlclose(library_);
  }
}

NvmlReading Nvml::read() const {
  const Functions& f = *call_;
  NvmlReading r;
  unsigned value = 0;
  FieldValue field{};
  field.field = kFieldPowerInstant;
  if (instant_power_ && f.fields(device_, 1, &field) == kSuccess && field.status == kSuccess) {
    r.power_w = field.value.whole * 1e-3;
  } else if (f.power != nullptr && f.power(device_, &value) == kSuccess) {
    r.power_w = value * 1e-3;
  }
  if (f.clock != nullptr && f.clock(device_, kClockSm, &value) == kSuccess) {
    r.sm_mhz = value;
  }
  if (f.clock != nullptr && f.clock(device_, kClockMemory, &value) == kSuccess) {
    r.mem_mhz = value;
  }
  if (f.temperature != nullptr && f.temperature(device_, kTemperatureGpu, &value) == kSuccess) {
    r.temperature_c = value;
  }
  unsigned long long wide = 0;
  if (f.reasons != nullptr && f.reasons(device_, &wide) == kSuccess) {
    r.throttle = wide;
  }
  if (f.energy != nullptr && f.energy(device_, &wide) == kSuccess) {
    r.energy_j = static_cast<double>(wide) * 1e-3;
  }
  return r;
}

std::optional<double> Nvml::power_limit_w() const {
  unsigned value = 0;
  if (call_->limit == nullptr || call_->limit(device_, &value) != kSuccess) {
    return std::nullopt;
  }
  return value * 1e-3;
}

std::optional<double> Nvml::utilization() const {
  Utilization u{};
  if (call_->utilization == nullptr || call_->utilization(device_, &u) != kSuccess) {
    return std::nullopt;
  }
  return u.gpu * 1e-2;
}

std::string Nvml::driver() const {
  std::array<char, 96> text{};
  if (call_->driver == nullptr || call_->driver(text.data(), static_cast<unsigned>(text.size())) != kSuccess) {
    return {};
  }
  return text.data();
}

std::vector<std::string> throttle_names(std::uint64_t reasons) {
  std::vector<std::string> names;
  for (const auto& [bit, name] : kReasons) {
    if ((reasons & bit) != 0) {
      names.emplace_back(name);
    }
  }
  return names;
}

}  // namespace aifactory::probe
