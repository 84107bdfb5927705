// A CUDA device that is made up: allocations are address ranges without memory behind them, launches advance a clock.
// What a real one would refuse or crash on is written down in `faults`.
#pragma once

#include <cuda_runtime.h>

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace aifactory::probe::fake {

struct Extent {
  const void* at;
  std::size_t bytes;
  std::size_t alignment = 16;
};

class Device {
 public:
  static Device& get();
  void reset(std::size_t memory_bytes);

  cudaError_t allocate(void** at, std::size_t bytes);
  void release(const void* at);
  // Everything a launch reads or writes must lie within one allocation each, aligned.
  void launch(cudaStream_t stream, const char* what, const std::vector<Extent>& extents);
  // Calls that are not allowed while this thread captures.
  void refuse_in_capture(const char* call);
  void fault(const std::string& text);

  void upload(const void* at, const void* from, std::size_t bytes);  // kept, so that launches can be held against it
  void download(void* to, const void* at, std::size_t bytes) const;
  template <class T>
  std::vector<T> uploaded(const void* at, std::size_t count) const {
    std::vector<T> values(count);
    download(values.data(), at, count * sizeof(T));
    return values;
  }

  std::size_t memory = 0, used = 0;
  double now = 0.0;  // seconds of device time
  std::int64_t launches = 0;
  cudaStream_t capturing = nullptr;
  std::map<cudaStream_t, bool> forked;  // streams that joined a capture: have they work that nobody waits for?
  int captured_nodes = 0;
  bool workspace_set = false;  // of cuBLAS, since its stream was
  std::vector<std::string> faults;

 private:
  void require_inside(const char* what, const Extent& extent);
  std::map<std::uintptr_t, std::size_t> allocations_;
  std::map<std::uintptr_t, std::vector<char>> contents_;
  std::uintptr_t next_ = std::uintptr_t{1} << 44U;
};

}  // namespace aifactory::probe::fake
