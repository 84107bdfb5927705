#include "tools/probe/cuda_error.h"

namespace aifactory::probe {
namespace {

std::string place(const char* call, const char* file, int line) {
  return std::string(" in ") + call + " (" + file + ":" + std::to_string(line) + ")";
}

bool is_sticky(cudaError_t status) {
  switch (status) {
    case cudaErrorIllegalAddress:
    case cudaErrorLaunchFailure:
    case cudaErrorLaunchTimeout:
    case cudaErrorHardwareStackError:
    case cudaErrorIllegalInstruction:
    case cudaErrorMisalignedAddress:
    case cudaErrorInvalidAddressSpace:
    case cudaErrorInvalidPc:
    case cudaErrorECCUncorrectable:
    case cudaErrorAssert:
      return true;
    default:
      return false;
  }
}

}  // namespace

void check(cudaError_t status, const char* call, const char* file, int line) {
  if (status == cudaSuccess) {
    return;
  }
  cudaGetLastError();  // forget it, so that the next launch is not blamed
  throw CudaError(std::string(cudaGetErrorName(status)) + ": " + cudaGetErrorString(status) + place(call, file, line),
                  is_sticky(status));
}

void check(cublasStatus_t status, const char* call, const char* file, int line) {
  if (status != CUBLAS_STATUS_SUCCESS) {
    throw CudaError(std::string(cublasGetStatusName(status)) + place(call, file, line), false);
  }
}

}  // namespace aifactory::probe
