#include "tools/probe/device_setup.h"

#include <sys/utsname.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <ctime>
#include <thread>

#include "tools/probe/case.h"
#include "tools/probe/cudnn_attention.h"
#include "tools/probe/graph.h"

namespace aifactory::probe {
namespace {

std::string dotted(int version, int major, int minor) {  // 13000 -> "13.0"
  return std::to_string(version / major) + "." + std::to_string(version % major / minor);
}

std::string now_utc() {
  const std::time_t now = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
  std::tm parts{};
  gmtime_r(&now, &parts);
  std::array<char, 32> text{};
  std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &parts);
  return text.data();
}

std::string system_name() {
  utsname name{};
  return uname(&name) == 0 ? std::string(name.sysname) + " " + name.release + " " + name.machine : "";
}

// Tells devices apart without naming them.
std::string hashed(const cudaUUID_t& uuid) {
  std::array<char, 17> text{};
  const std::string bytes(uuid.bytes, sizeof uuid.bytes);
  std::snprintf(text.data(), text.size(), "%016llx", static_cast<unsigned long long>(hash_of(bytes)));
  return text.data();
}

// Negative: unknown. The meter looks back for up to a second: what has just ended may still show, and is waited for.
double idle_utilization(const Nvml& nvml) {
  constexpr int kReadings = 16;
  constexpr std::chrono::milliseconds kBetween{200};
  double least = -1.0;
  for (int i = 0; i < kReadings && least != 0.0; ++i) {
    if (i > 0) {
      std::this_thread::sleep_for(kBetween);
    }
    const double now = nvml.utilization().value_or(-1.0);
    if (now < 0.0) {
      return least;
    }
    least = least < 0.0 ? now : std::min(least, now);
  }
  return least;
}

}  // namespace

int device_count(std::string& reason) {
  int count = 0;
  const cudaError_t status = cudaGetDeviceCount(&count);
  if (status != cudaSuccess) {
    static_cast<void>(cudaGetLastError());
    reason = cudaGetErrorString(status);
    return 0;
  }
  if (count == 0) {
    reason = "the driver sees none";
  }
  return count;
}

DeviceSession::DeviceSession(int index) {
  std::string reason;
  const int count = device_count(reason);
  if (count == 0) {
    throw NoDevice("no CUDA device: " + reason);
  }
  if (index < 0 || index >= count) {
    throw NoDevice("no CUDA device " + std::to_string(index) + ": there are " + std::to_string(count));
  }
  device_.index = index;
  PROBE_CUDA(cudaSetDevice(index));
  PROBE_CUDA(cudaGetDeviceProperties(&device_.properties, index));
  if (device_.properties.major < 8) {
    throw NoDevice(std::string(device_.properties.name) + " is older than the kernels here: Ampere or later is needed");
  }
  std::array<char, 32> bus{};
  PROBE_CUDA(cudaDeviceGetPCIBusId(bus.data(), static_cast<int>(bus.size()), index));
  nvml_ = Nvml::open(bus.data(), nvml_problem_);
  if (nvml_ != nullptr) {
    idle_utilization_ = idle_utilization(*nvml_);  // before we keep it busy ourselves
  }
  PROBE_CUDA(cublasLtCreate(&device_.lt));
  PROBE_CUDA(cublasCreate(&device_.blas));
  const Stream stream;
  device_.pools = make_pools(stream.get());
}

DeviceSession::~DeviceSession() {
  device_.cudnn.reset();
  static_cast<void>(cublasDestroy(device_.blas));
  static_cast<void>(cublasLtDestroy(device_.lt));
}

RunInfo DeviceSession::info() const {
  const cudaDeviceProp& p = device_.properties;
  RunInfo i;
  i.gpu_name = p.name;
  i.uuid_hash = hashed(p.uuid);
  i.sm_count = p.multiProcessorCount;
  i.compute_capability = std::to_string(p.major) + "." + std::to_string(p.minor);
  i.l2_bytes = p.l2CacheSize;
  i.hbm_bytes = static_cast<double>(p.totalGlobalMem);
  int version = 0;
  PROBE_CUDA(cudaRuntimeGetVersion(&version));
  i.cuda = dotted(version, 1000, 10);
  i.cublas = std::to_string(cublasLtGetVersion());
  i.cudnn = cudnn_version();
  PROBE_CUDA(cudaDriverGetVersion(&version));
  i.driver = "CUDA " + dotted(version, 1000, 10);
  if (nvml_ != nullptr) {
    if (!nvml_->driver().empty()) {
      i.driver = nvml_->driver();
    }
    i.power_limit_w = nvml_->power_limit_w().value_or(0.0);
    i.instant_power = nvml_->instant_power();
    i.idle_utilization = idle_utilization_;
  }
  i.date = now_utc();
  i.runtime = system_name();
  return i;
}

}  // namespace aifactory::probe
