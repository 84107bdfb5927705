#include <cstdlib>
#include <cstring>

#include "tests/unit/tools/probe_dry_run/fake_device.h"

namespace aifactory::probe::fake {

namespace {
constexpr double kLaunchSeconds = 20e-6;
constexpr std::size_t kMostFaults = 20;
}  // namespace

Device& Device::get() {
  static Device device;
  return device;
}

void Device::reset(std::size_t memory_bytes) {
  *this = Device();
  memory = memory_bytes;
}

void Device::fault(const std::string& text) {
  if (faults.size() < kMostFaults) {
    faults.push_back(text);
  }
}

void Device::refuse_in_capture(const char* call) {
  if (capturing != nullptr) {
    fault(std::string(call) + " while a stream is captured");
  }
}

cudaError_t Device::allocate(void** at, std::size_t bytes) {
  refuse_in_capture("cudaMalloc");
  if (used + bytes > memory) {
    return cudaErrorMemoryAllocation;
  }
  used += bytes;
  *at = reinterpret_cast<void*>(next_);
  allocations_[next_] = bytes;
  next_ += (bytes + 511) / 256 * 256;  // a gap: running over the end is not running into the next
  return cudaSuccess;
}

void Device::release(const void* at) {
  refuse_in_capture("cudaFree");
  const auto found = allocations_.find(reinterpret_cast<std::uintptr_t>(at));
  if (found == allocations_.end()) {
    fault("cudaFree of what was not allocated");
    return;
  }
  used -= found->second;
  contents_.erase(found->first);
  allocations_.erase(found);
}

void Device::require_inside(const char* what, const Extent& extent) {
  const auto first = reinterpret_cast<std::uintptr_t>(extent.at);
  auto after = allocations_.upper_bound(first);
  const bool inside = after != allocations_.begin() && (--after, first + extent.bytes <= after->first + after->second);
  if (!inside) {
    fault(std::string(what) + " leaves its memory");
  }
  if (first % extent.alignment != 0) {
    fault(std::string(what) + " is not aligned");
  }
}

void Device::launch(cudaStream_t stream, const char* what, const std::vector<Extent>& extents) {
  for (const Extent& extent : extents) {
    require_inside(what, extent);
  }
  ++launches;
  if (capturing != nullptr && capturing == stream) {
    ++captured_nodes;
    return;
  }
  if (const auto side = forked.find(stream); capturing != nullptr && side != forked.end()) {
    side->second = true;
    ++captured_nodes;
    return;
  }
  if (capturing != nullptr) {
    fault(std::string(what) + " on another stream than the captured one");
  }
  now += kLaunchSeconds;
}

void Device::upload(const void* at, const void* from, std::size_t bytes) {
  require_inside("an upload", {at, bytes, 1});
  const auto* first = static_cast<const char*>(from);
  contents_[reinterpret_cast<std::uintptr_t>(at)].assign(first, first + bytes);
}

void Device::download(void* to, const void* at, std::size_t bytes) const {
  std::memset(to, 0, bytes);
  const auto found = contents_.find(reinterpret_cast<std::uintptr_t>(at));
  if (found != contents_.end()) {
    std::memcpy(to, found->second.data(), std::min(bytes, found->second.size()));
  }
}

namespace {

struct FakeEvent {
  double at = -1.0;
  cudaStream_t within = nullptr;  // recorded in a capture, on this of its streams: orders, but has no time
};
struct FakeGraph {
  int nodes = 0;
};
Device& device() {
  return Device::get();
}
bool on_host(const void* p) {
  return reinterpret_cast<std::uintptr_t>(p) < (std::uintptr_t{1} << 44U) ||
         reinterpret_cast<std::uintptr_t>(p) >= (std::uintptr_t{1} << 46U);
}

}  // namespace
}  // namespace aifactory::probe::fake

using aifactory::probe::fake::device;
using aifactory::probe::fake::FakeEvent;
using aifactory::probe::fake::FakeGraph;

extern "C" {

cudaError_t cudaGetDeviceCount(int* count) {
  *count = 1;
  return cudaSuccess;
}
cudaError_t cudaSetDevice(int) {
  return cudaSuccess;
}
cudaError_t cudaGetDeviceProperties(cudaDeviceProp* properties, int) {
  *properties = {};
  std::strcpy(properties->name, "Made-up GPU");
  properties->major = 9;
  properties->multiProcessorCount = 132;
  properties->l2CacheSize = 60 << 20;
  properties->totalGlobalMem = device().memory;
  return cudaSuccess;
}
cudaError_t cudaDeviceGetPCIBusId(char* text, int, int) {
  std::strcpy(text, "0000:00:00.0");
  return cudaSuccess;
}
cudaError_t cudaDriverGetVersion(int* version) {
  *version = 13000;
  return cudaSuccess;
}
cudaError_t cudaRuntimeGetVersion(int* version) {
  *version = 13000;
  return cudaSuccess;
}
cudaError_t cudaGetLastError() {
  return cudaSuccess;
}
const char* cudaGetErrorName(cudaError_t) {
  return "made up";
}
const char* cudaGetErrorString(cudaError_t) {
  return "made up";
}
cudaError_t cudaMemGetInfo(std::size_t* free_bytes, std::size_t* total) {
  *free_bytes = device().memory - device().used;
  *total = device().memory;
  return cudaSuccess;
}
cudaError_t cudaMalloc(void** at, std::size_t bytes) {
  return device().allocate(at, bytes);
}
cudaError_t cudaFree(void* at) {
  device().release(at);
  return cudaSuccess;
}
cudaError_t cudaMallocHost(void** at, std::size_t bytes) {
  device().refuse_in_capture("cudaMallocHost");
  *at = std::malloc(bytes);
  return cudaSuccess;
}
cudaError_t cudaFreeHost(void* at) {
  std::free(at);
  return cudaSuccess;
}
cudaError_t cudaMemcpy(void* to, const void* from, std::size_t bytes, cudaMemcpyKind) {
  device().refuse_in_capture("cudaMemcpy");
  if (aifactory::probe::fake::on_host(to)) {
    if (aifactory::probe::fake::on_host(from)) {
      std::memset(to, 0, bytes);  // what a copy from the device would have left
    } else {
      device().download(to, from, bytes);
    }
  } else {
    device().upload(to, from, bytes);
  }
  return cudaSuccess;
}
cudaError_t cudaMemcpyAsync(void* to, const void* from, std::size_t bytes, cudaMemcpyKind, cudaStream_t stream) {
  std::vector<aifactory::probe::fake::Extent> extents;
  for (const void* end : {static_cast<const void*>(to), from}) {
    if (!aifactory::probe::fake::on_host(end)) {
      extents.push_back({end, bytes, 1});
    }
  }
  device().launch(stream, "a copy", extents);
  return cudaSuccess;
}
cudaError_t cudaMemcpyPeerAsync(void*, int, const void*, int, std::size_t, cudaStream_t) {
  return cudaErrorInvalidDevice;
}
cudaError_t cudaMemsetAsync(void* at, int, std::size_t bytes, cudaStream_t stream) {
  device().launch(stream, "a fill", {{at, bytes, 1}});
  return cudaSuccess;
}
cudaError_t cudaDeviceCanAccessPeer(int* can, int, int) {
  *can = 0;
  return cudaSuccess;
}
cudaError_t cudaDeviceEnablePeerAccess(int, unsigned) {
  return cudaErrorInvalidDevice;
}
cudaError_t cudaStreamCreateWithFlags(cudaStream_t* stream, unsigned) {
  device().refuse_in_capture("cudaStreamCreate");
  *stream = reinterpret_cast<cudaStream_t>(new char);
  return cudaSuccess;
}
cudaError_t cudaStreamDestroy(cudaStream_t stream) {
  delete reinterpret_cast<char*>(stream);
  return cudaSuccess;
}
cudaError_t cudaStreamSynchronize(cudaStream_t) {
  device().refuse_in_capture("cudaStreamSynchronize");
  return cudaSuccess;
}
cudaError_t cudaStreamWaitEvent(cudaStream_t stream, cudaEvent_t event, unsigned) {
  const cudaStream_t from = reinterpret_cast<FakeEvent*>(event)->within;
  if (device().capturing == nullptr || from == nullptr) {
    return cudaSuccess;
  }
  if (stream != device().capturing) {
    device().forked.emplace(stream, false);
  }
  if (const auto side = device().forked.find(from); side != device().forked.end()) {
    side->second = false;  // somebody waits for it
  }
  return cudaSuccess;
}
cudaError_t cudaEventCreate(cudaEvent_t* event) {
  *event = reinterpret_cast<cudaEvent_t>(new FakeEvent);
  return cudaSuccess;
}
cudaError_t cudaEventDestroy(cudaEvent_t event) {
  delete reinterpret_cast<FakeEvent*>(event);
  return cudaSuccess;
}
cudaError_t cudaEventRecord(cudaEvent_t event, cudaStream_t stream) {
  FakeEvent& e = *reinterpret_cast<FakeEvent*>(event);
  const bool within =
      device().capturing != nullptr && (stream == device().capturing || device().forked.count(stream) > 0);
  e.within = within ? stream : nullptr;
  e.at = within ? -1.0 : device().now;
  return cudaSuccess;
}
cudaError_t cudaEventSynchronize(cudaEvent_t event) {
  device().refuse_in_capture("cudaEventSynchronize");
  if (reinterpret_cast<FakeEvent*>(event)->at < 0.0) {
    device().fault("an event that was never recorded is waited for");
  }
  return cudaSuccess;
}
cudaError_t cudaEventElapsedTime(float* milliseconds, cudaEvent_t first, cudaEvent_t second) {
  const double from = reinterpret_cast<FakeEvent*>(first)->at;
  const double to = reinterpret_cast<FakeEvent*>(second)->at;
  if (from < 0.0 || to < 0.0) {
    device().fault("the time between events that were never recorded");
  }
  *milliseconds = static_cast<float>((to - from) * 1e3);
  return cudaSuccess;
}
cudaError_t cudaStreamBeginCapture(cudaStream_t stream, cudaStreamCaptureMode) {
  device().refuse_in_capture("cudaStreamBeginCapture");
  device().capturing = stream;
  device().captured_nodes = 0;
  return cudaSuccess;
}
cudaError_t cudaStreamEndCapture(cudaStream_t stream, cudaGraph_t* graph) {
  if (device().capturing != stream) {
    device().fault("the end of a capture that was not begun");
  }
  for (const auto& [side, unjoined] : device().forked) {
    if (unjoined) {
      device().fault("a capture ends with work on a stream that was not joined");
    }
  }
  device().forked.clear();
  device().capturing = nullptr;
  *graph = reinterpret_cast<cudaGraph_t>(new FakeGraph{device().captured_nodes});
  return cudaSuccess;
}
cudaError_t cudaGraphInstantiate(cudaGraphExec_t* executable, cudaGraph_t graph, unsigned long long) {
  *executable = reinterpret_cast<cudaGraphExec_t>(new FakeGraph(*reinterpret_cast<FakeGraph*>(graph)));
  return cudaSuccess;
}
cudaError_t cudaGraphDestroy(cudaGraph_t graph) {
  delete reinterpret_cast<FakeGraph*>(graph);
  return cudaSuccess;
}
cudaError_t cudaGraphExecDestroy(cudaGraphExec_t executable) {
  delete reinterpret_cast<FakeGraph*>(executable);
  return cudaSuccess;
}
cudaError_t cudaGraphLaunch(cudaGraphExec_t executable, cudaStream_t stream) {
  for (int i = 0; i < reinterpret_cast<FakeGraph*>(executable)->nodes; ++i) {
    device().launch(stream, "a graph", {});
  }
  return cudaSuccess;
}

}  // extern "C"
