// Every call of a CUDA library is checked: PROBE_CUDA(cudaMalloc(&p, n)) throws with the call's text and place.
#pragma once

#include <cublasLt.h>
#include <cublas_v2.h>
#include <cuda_runtime.h>

#include <stdexcept>
#include <string>

namespace aifactory::probe {

class CudaError : public std::runtime_error {
 public:
  CudaError(const std::string& what, bool sticky) : std::runtime_error(what), sticky_(sticky) {}
  // The context is lost (an illegal address, say): nothing more can be measured in this process.
  [[nodiscard]] bool sticky() const { return sticky_; }

 private:
  bool sticky_;
};

void check(cudaError_t status, const char* call, const char* file, int line);
void check(cublasStatus_t status, const char* call, const char* file, int line);

}  // namespace aifactory::probe

#define PROBE_CUDA(call) ::aifactory::probe::check((call), #call, __FILE__, __LINE__)
