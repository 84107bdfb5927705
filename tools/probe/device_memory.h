// Device memory of one run. Inputs are carved from pools that are filled with random data once, so that a case costs no
// allocation and no fill; a kernel never writes to a pool of inputs.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "tools/probe/cuda_error.h"

namespace aifactory::probe {

// Owns one allocation.
class DeviceBuffer {
 public:
  DeviceBuffer() = default;
  explicit DeviceBuffer(std::size_t bytes);
  ~DeviceBuffer();
  DeviceBuffer(DeviceBuffer&& other) noexcept;
  DeviceBuffer& operator=(DeviceBuffer&& other) noexcept;
  DeviceBuffer(const DeviceBuffer&) = delete;
  DeviceBuffer& operator=(const DeviceBuffer&) = delete;

  [[nodiscard]] void* get() const { return data_; }
  template <class T>
  [[nodiscard]] T* as() const {
    return static_cast<T*>(data_);
  }
  [[nodiscard]] std::size_t size() const { return bytes_; }

 private:
  void* data_ = nullptr;
  std::size_t bytes_ = 0;
};

template <class T>
DeviceBuffer to_device(const std::vector<T>& values) {
  DeviceBuffer buffer(values.size() * sizeof(T));
  PROBE_CUDA(cudaMemcpy(buffer.get(), values.data(), values.size() * sizeof(T), cudaMemcpyHostToDevice));
  // A copy from pageable memory may return before its last part has arrived, and our streams do not wait for it.
  PROBE_CUDA(cudaStreamSynchronize(nullptr));
  return buffer;
}

template <class T>
std::vector<T> to_host(const void* device, std::size_t count) {
  std::vector<T> values(count);
  PROBE_CUDA(cudaMemcpy(values.data(), device, count * sizeof(T), cudaMemcpyDeviceToHost));
  return values;
}

// Too large for this device: the case is skipped, not failed.
class DoesNotFit : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// A bump allocator over one buffer; reset before every case.
class Pool {
 public:
  Pool() = default;
  explicit Pool(std::size_t bytes) : buffer_(bytes) {}
  void* take(std::size_t bytes);  // 256-byte aligned; throws DoesNotFit
  void reset() { used_ = 0; }
  [[nodiscard]] void* data() const { return buffer_.get(); }
  [[nodiscard]] std::size_t size() const { return buffer_.size(); }
  [[nodiscard]] std::size_t left() const { return buffer_.size() - used_; }

 private:
  DeviceBuffer buffer_;
  std::size_t used_ = 0;
};

struct Pools {
  Pool bf16;               // standard normal
  Pool fp8;                // standard normal, e4m3
  Pool out;                // outputs and scratch
  DeviceBuffer workspace;  // 64 MB for cuBLAS, as production stacks give it

  void reset();
  Pool& inputs(const std::string& dtype) { return dtype == "fp8" ? fp8 : bf16; }
};

// Shares of the memory that is free now: 40 % bf16, 12 % fp8, 20 % outputs.
Pools make_pools(cudaStream_t stream);

// How many sets of buffers of `bytes` a cold measurement rotates over: at least two, at least three L2 caches in all,
// at most `most`, and at most what fits in `room`. Throws DoesNotFit when not even one does.
int rotation_copies(std::size_t bytes, std::size_t l2_bytes, std::size_t room, int most = 512);

}  // namespace aifactory::probe
