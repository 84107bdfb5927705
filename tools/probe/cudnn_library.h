// cuDNN's backend interface through dlopen and our own prototypes: its header is not needed to build.
#pragma once

#include <cuda_runtime.h>

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace aifactory::probe {

// Numbers from cuDNN 9's cudnn_graph.h, which are stable across its releases.
namespace cudnn {
enum Descriptor : int {
  kPointwise = 0,
  kEngineConfig = 3,
  kHeuristics = 4,
  kPlan = 5,
  kPointwiseOperation = 13,
  kGraph = 15,
  kVariantPack = 16,
  kTensor = 17,
  kMatmul = 18,
  kMatmulOperation = 19,
  kReduction = 21,
  kReductionOperation = 22
};
enum Type : int {
  kHandle = 0,
  kDataType = 1,
  kBoolean = 2,
  kInt64 = 3,
  kVoidPointer = 6,
  kHeuristicsMode = 8,
  kPointwiseMode = 14,
  kBackendDescriptor = 15,
  kReductionOperator = 18
};
enum Data : int { kFloat = 0, kInt32 = 4, kBfloat16 = 9, kBool = 11 };
enum Pointwise : int {
  kSum = 0,
  kMultiply = 1,
  kDivide = 6,
  kSubtract = 9,
  kExponential = 13,
  kLogarithm = 15,
  kGreaterOrEqual = 303,
  kGenerateIndex = 501,
  kSelect = 601
};
enum Reduce : int { kAdd = 0, kMaximum = 3 };
inline constexpr int kHeuristicsA = 3;
}  // namespace cudnn

class CudnnLibrary {
 public:
  // Opened once for the process; null with a reason when it is not there or not version 9.
  static const CudnnLibrary* get(std::string& reason);

  int (*create)(void**) = nullptr;
  int (*destroy)(void*) = nullptr;
  int (*set_stream)(void*, cudaStream_t) = nullptr;
  int (*create_descriptor)(int, void**) = nullptr;
  int (*destroy_descriptor)(void*) = nullptr;
  int (*finalize)(void*) = nullptr;
  int (*set_attribute)(void*, int, int, std::int64_t, const void*) = nullptr;
  int (*get_attribute)(void*, int, int, std::int64_t, std::int64_t*, void*) = nullptr;
  int (*execute)(void*, void*, void*) = nullptr;
  const char* (*error_string)(int) = nullptr;
  std::size_t (*version)() = nullptr;

  // Throws NotSupported with cuDNN's words.
  void check(int status, const char* what) const;

 private:
  CudnnLibrary() = default;
  std::string open();
};

// One backend descriptor, owned.
class CudnnDescriptor {
 public:
  CudnnDescriptor(const CudnnLibrary& library, cudnn::Descriptor type);
  ~CudnnDescriptor();
  CudnnDescriptor(CudnnDescriptor&& other) noexcept;
  CudnnDescriptor(const CudnnDescriptor&) = delete;
  CudnnDescriptor& operator=(const CudnnDescriptor&) = delete;
  CudnnDescriptor& operator=(CudnnDescriptor&&) = delete;

  CudnnDescriptor& set(int attribute, cudnn::Type type, std::int64_t count, const void* values);
  CudnnDescriptor& set(int attribute, const CudnnDescriptor& other) {
    return set(attribute, cudnn::kBackendDescriptor, 1, &other.raw_);
  }
  CudnnDescriptor& set_enum(int attribute, cudnn::Type type, int value) { return set(attribute, type, 1, &value); }
  CudnnDescriptor& set_int(int attribute, std::int64_t value) { return set(attribute, cudnn::kInt64, 1, &value); }
  CudnnDescriptor& set_ints(int attribute, const std::vector<std::int64_t>& values) {
    return set(attribute, cudnn::kInt64, static_cast<std::int64_t>(values.size()), values.data());
  }
  CudnnDescriptor& set_bool(int attribute, bool value) { return set(attribute, cudnn::kBoolean, 1, &value); }
  void finalize(const char* what);
  [[nodiscard]] bool try_finalize();
  [[nodiscard]] void* raw() const { return raw_; }
  void swap(CudnnDescriptor& other) noexcept { std::swap(raw_, other.raw_); }

 private:
  const CudnnLibrary* library_;
  void* raw_ = nullptr;
};

}  // namespace aifactory::probe
