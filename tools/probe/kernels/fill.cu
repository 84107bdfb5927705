#include <cuda_bf16.h>
#include <cuda_fp8.h>

#include "tools/probe/kernels/fill.h"

namespace aifactory::probe {
namespace {

constexpr int kThreads = 256;
constexpr int kBlocks = 2048;

// The finaliser of SplitMix64 over a Weyl sequence.
__device__ std::uint64_t bits_of(std::uint64_t seed, std::uint64_t index) {
  std::uint64_t z = seed * 0xd1342543de82ef95ULL + (index + 1) * 0x9e3779b97f4a7c15ULL;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
  return z ^ (z >> 31);
}

// Elements 2 i and 2 i + 1.
__device__ float2 normal_pair(std::uint64_t seed, std::uint64_t pair) {
  const std::uint64_t bits = bits_of(seed, pair);
  const float u = (static_cast<float>(bits >> 40) + 0.5f) * 0x1.0p-24f;  // in (0, 1)
  const float angle = static_cast<float>(bits & 0xffffffULL) * (0x1.0p-24f * 6.28318530718f);
  const float radius = sqrtf(-2.0f * logf(u));
  return make_float2(radius * cosf(angle), radius * sinf(angle));
}

__global__ void normal_bf16(__nv_bfloat16* data, std::size_t count, std::uint64_t seed) {
  const std::size_t stride = static_cast<std::size_t>(gridDim.x) * blockDim.x;
  for (std::size_t i = static_cast<std::size_t>(blockIdx.x) * blockDim.x + threadIdx.x; 2 * i < count; i += stride) {
    const float2 pair = normal_pair(seed, i);
    data[2 * i] = __float2bfloat16(pair.x);
    if (2 * i + 1 < count) {
      data[2 * i + 1] = __float2bfloat16(pair.y);
    }
  }
}

__global__ void normal_fp8(__nv_fp8_e4m3* data, std::size_t count, std::uint64_t seed) {
  const std::size_t stride = static_cast<std::size_t>(gridDim.x) * blockDim.x;
  for (std::size_t i = static_cast<std::size_t>(blockIdx.x) * blockDim.x + threadIdx.x; 2 * i < count; i += stride) {
    const float2 pair = normal_pair(seed, i);
    data[2 * i] = __nv_fp8_e4m3(pair.x);
    if (2 * i + 1 < count) {
      data[2 * i + 1] = __nv_fp8_e4m3(pair.y);
    }
  }
}

__global__ void indices(std::int32_t* data, std::size_t count, std::uint32_t below, std::uint64_t seed) {
  const std::size_t stride = static_cast<std::size_t>(gridDim.x) * blockDim.x;
  for (std::size_t i = static_cast<std::size_t>(blockIdx.x) * blockDim.x + threadIdx.x; i < count; i += stride) {
    data[i] = static_cast<std::int32_t>(bits_of(seed, i) % below);
  }
}

}  // namespace

void fill_normal_bf16(void* data, std::size_t count, std::uint64_t seed, cudaStream_t stream) {
  normal_bf16<<<kBlocks, kThreads, 0, stream>>>(static_cast<__nv_bfloat16*>(data), count, seed);
}

void fill_normal_fp8(void* data, std::size_t count, std::uint64_t seed, cudaStream_t stream) {
  normal_fp8<<<kBlocks, kThreads, 0, stream>>>(static_cast<__nv_fp8_e4m3*>(data), count, seed);
}

void fill_indices(std::int32_t* data, std::size_t count, std::int32_t below, std::uint64_t seed, cudaStream_t stream) {
  indices<<<kBlocks, kThreads, 0, stream>>>(data, count, static_cast<std::uint32_t>(below), seed);
}

}  // namespace aifactory::probe
