// Partial results of splits and their merge. A split of one (sequence, head) leaves its running maximum (of scores in
// base 2), its mass, and its unnormalised sums.
#pragma once

#include <cuda_bf16.h>

#include <cstdint>

#include "tools/probe/kernels/softmax_merge.h"

namespace aifactory::probe {

inline constexpr int kMostSplits = 64;

// Scratch: [row][split] SoftmaxState, then [row][split][dim] sums, fp32; row = sequence x heads + head.
struct SplitScratch {
  SoftmaxState* states;
  float* sums;
};
inline std::size_t split_scratch_bytes(int rows, int splits, int dim) {
  return static_cast<std::size_t>(rows) * static_cast<std::size_t>(splits) *
         (sizeof(SoftmaxState) + static_cast<std::size_t>(dim) * sizeof(float));
}
inline SplitScratch split_scratch(void* memory, int rows, int splits) {
  auto* states = static_cast<SoftmaxState*>(memory);
  return {states, reinterpret_cast<float*>(states + static_cast<std::size_t>(rows) * static_cast<std::size_t>(splits))};
}

// One block a row, one thread an output column or several.
template <int kDim>
__global__ void merge_splits(SplitScratch scratch, int splits, __nv_bfloat16* out) {
  __shared__ float weights[kMostSplits];
  __shared__ float mass;
  const std::int64_t row = blockIdx.x;
  if (threadIdx.x == 0) {
    mass = merge_weights(scratch.states + row * splits, splits, weights);
  }
  __syncthreads();
  for (int d = static_cast<int>(threadIdx.x); d < kDim; d += static_cast<int>(blockDim.x)) {
    float sum = 0.0f;
    for (int s = 0; s < splits; ++s) {
      sum += weights[s] * scratch.sums[(row * splits + s) * kDim + d];
    }
    out[row * kDim + d] = __float2bfloat16(sum / mass);
  }
}

}  // namespace aifactory::probe
