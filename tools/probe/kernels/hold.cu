#include "tools/probe/kernels/hold.h"

namespace aifactory::probe {
namespace {

constexpr long long kCyclesPerMicrosecond = 2000;

__global__ void hold_kernel(long long cycles) {
  const long long start = clock64();
  while (clock64() - start < cycles) {
  }
}

}  // namespace

void hold(int microseconds, cudaStream_t stream) {
  hold_kernel<<<1, 1, 0, stream>>>(microseconds * kCyclesPerMicrosecond);
}

}  // namespace aifactory::probe
