// What is measured: something that can be enqueued, on one of several sets of inputs, and checked.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "tools/probe/case.h"
#include "tools/probe/cuda_error.h"
#include "tools/probe/device_memory.h"

namespace aifactory::probe {

// Against a higher-precision reference on sampled outputs. `error` is the largest |x - reference| over the root mean
// square of the references.
struct Check {
  double error = -1.0;  // negative: not checked
  double tolerance = 0.0;
  int elements = 0;
  [[nodiscard]] bool ok() const { return error >= 0.0 && error <= tolerance; }
};

// Which implementation a library chose; -1 where it has no such notion.
struct Algorithm {
  std::string name;  // "cublaslt", "cudnn engine 12"
  int id = -1, tile = -1, stages = -1, split_k = -1, swizzle = -1, cluster = -1, inner = -1;
};

class Kernel {
 public:
  virtual ~Kernel() = default;
  // Enqueues one execution on set `copy` of the inputs, 0 <= copy < copies().
  virtual void launch(int copy, cudaStream_t stream) = 0;
  [[nodiscard]] virtual int copies() const = 0;
  [[nodiscard]] virtual std::size_t set_bytes() const = 0;  // device memory of one set
  // Runs on set 0 and compares. Called before timing.
  virtual Check check(cudaStream_t stream) = 0;
  [[nodiscard]] virtual Algorithm algorithm() const { return {}; }
  // Further implementations of the same product; 0 is the library's first choice.
  [[nodiscard]] virtual int alternatives() const { return 1; }
  virtual void select(int) {}
};

// The device as kernels see it.
struct Device {
  int index = 0;
  cudaDeviceProp properties{};
  Pools pools;
  cublasLtHandle_t lt = nullptr;
  cublasHandle_t blas = nullptr;
  std::shared_ptr<void> cudnn;  // its handle, once it was used
  bool rotate = true;           // false while a warm case is measured: one set of buffers

  // Sets of `bytes` each from `room`, one when not rotating.
  [[nodiscard]] int copies_of(std::size_t bytes, std::size_t room) const;
};

// Throws DoesNotFit when the device cannot hold it, NotSupported when the library or device cannot do it.
std::unique_ptr<Kernel> make_kernel(Device& device, const Case& c);

class NotSupported : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

}  // namespace aifactory::probe
