#include <cuda_bf16.h>

#include "tools/probe/kernels/sampling.h"
#include "tools/probe/kernels/sampling_bins.h"

namespace aifactory::probe {
namespace {

constexpr int kThreads = 1024;
constexpr int kVector = 8;
using Mass = unsigned long long;  // in units of 1 / kMassOne of the best token's

__device__ __forceinline__ void logits_of(const uint4& bits, float (&v)[kVector]) {
  const auto* pairs = reinterpret_cast<const __nv_bfloat162*>(&bits);
#pragma unroll
  for (int i = 0; i < kVector / 2; ++i) {
    const float2 pair = __bfloat1622float2(pairs[i]);
    v[2 * i] = pair.x;
    v[2 * i + 1] = pair.y;
  }
}

// Calls visit(token, logit) for this thread's tokens of the row.
template <class Visit>
__device__ __forceinline__ void for_tokens(const uint4* row, int vectors, Visit visit) {
  for (int i = static_cast<int>(threadIdx.x); i < vectors; i += kThreads) {
    float v[kVector];
    logits_of(row[i], v);
#pragma unroll
    for (int e = 0; e < kVector; ++e) {
      visit(i * kVector + e, v[e]);
    }
  }
}

__device__ __forceinline__ Mass mass_of(float below) {
  return static_cast<Mass>(__expf(-below) * static_cast<float>(kMassOne));
}

// Of the block: the largest (value, smaller index).
__device__ __forceinline__ unsigned long long block_max(unsigned long long key) {
  __shared__ unsigned long long warps[kThreads / 32];
#pragma unroll
  for (int offset = 16; offset > 0; offset /= 2) {
    const unsigned long long other = __shfl_xor_sync(0xffffffffU, key, offset);
    key = other > key ? other : key;
  }
  if ((threadIdx.x & 31U) == 0) {
    warps[threadIdx.x / 32] = key;
  }
  __syncthreads();
  for (int w = 0; w < kThreads / 32; ++w) {
    key = warps[w] > key ? warps[w] : key;
  }
  return key;
}

// Exclusive prefix sum over the block; `total` is the whole.
__device__ __forceinline__ Mass block_prefix(Mass mine, Mass& total) {
  __shared__ Mass warps[kThreads / 32];
  const int lane = static_cast<int>(threadIdx.x) & 31;
  Mass upto = mine;
#pragma unroll
  for (int offset = 1; offset < 32; offset *= 2) {
    const Mass left = __shfl_up_sync(0xffffffffU, upto, offset);
    upto += lane >= offset ? left : 0ULL;
  }
  if (lane == 31) {
    warps[threadIdx.x / 32] = upto;
  }
  __syncthreads();
  Mass before = 0;
  total = 0;
  for (int w = 0; w < kThreads / 32; ++w) {
    before += w < static_cast<int>(threadIdx.x) / 32 ? warps[w] : 0ULL;
    total += warps[w];
  }
  return before + upto - mine;
}

// Masses by bin. Shared memory adds 32-bit integers natively but 64-bit ones by compare-and-swap, which a crowded bin
// would serialise; so the halves of a mass (14 bits each; a row has fewer than 2^18 tokens) are added apart.
struct Bins {
  std::uint32_t low[kBins];
  std::uint32_t high[kBins];
  Mass mass[kBins];
};

__device__ __forceinline__ void clear(Bins& bins) {
  for (int i = static_cast<int>(threadIdx.x); i < kBins; i += kThreads) {
    bins.low[i] = 0;
    bins.high[i] = 0;
  }
  __syncthreads();
}
__device__ __forceinline__ void add(Bins& bins, int bin, Mass mass) {
  atomicAdd(&bins.low[bin], low_half(mass));
  atomicAdd(&bins.high[bin], high_half(mass));
}
__device__ __forceinline__ void sum_up(Bins& bins) {
  __syncthreads();
  for (int i = static_cast<int>(threadIdx.x); i < kBins; i += kThreads) {
    bins.mass[i] = joined(bins.low[i], bins.high[i]);
  }
  __syncthreads();
}

__global__ void __launch_bounds__(kThreads) top_p_kernel(const uint4* logits, int vectors, float p, std::uint64_t seed,
                                                         std::int32_t* drawn, std::int32_t* best) {
  __shared__ Bins bins;
  __shared__ int edge;     // the bin that the nucleus ends in
  __shared__ Mass above;   // mass of the bins before it
  __shared__ Mass wanted;  // p of everything
  const uint4* row = logits + static_cast<std::int64_t>(blockIdx.x) * vectors;

  unsigned long long key = 0;
  for_tokens(row, vectors, [&](int token, float v) {
    const unsigned long long mine = max_key(__float_as_uint(v), static_cast<std::uint32_t>(token));
    key = mine > key ? mine : key;
  });
  key = block_max(key);
  const float most = __uint_as_float(value_bits_of_key(key));

  // Coarse bins of the distance to the best logit, then fine bins inside the one where the nucleus ends.
  clear(bins);
  for_tokens(row, vectors, [&](int, float v) { add(bins, coarse_bin(most - v), mass_of(most - v)); });
  sum_up(bins);
  if (threadIdx.x == 0) {
    Mass total = 0;
    for (int i = 0; i < kBins; ++i) {
      total += bins.mass[i];
    }
    wanted = static_cast<Mass>(static_cast<double>(total) * static_cast<double>(p));
    edge = nucleus_edge(bins.mass, wanted, above);
  }
  __syncthreads();
  const int coarse = edge;
  const Mass coarse_above = above;
  __syncthreads();
  clear(bins);
  for_tokens(row, vectors, [&](int, float v) {
    if (coarse_bin(most - v) == coarse) {
      add(bins, fine_bin(most - v, coarse), mass_of(most - v));
    }
  });
  sum_up(bins);
  if (threadIdx.x == 0) {
    edge = nucleus_edge(bins.mass, wanted > coarse_above ? wanted - coarse_above : 0ULL, above);
  }
  __syncthreads();
  const int fine = edge;
  const auto kept = [&](float below) {
    const int bin = coarse_bin(below);
    return bin < coarse || (bin == coarse && fine_bin(below, coarse) <= fine);
  };

  // Inverse of the cumulative mass, in the order (thread, token).
  Mass mine = 0;
  for_tokens(row, vectors, [&](int, float v) { mine += kept(most - v) ? mass_of(most - v) : 0ULL; });
  Mass total = 0;
  const Mass before = block_prefix(mine, total);
  const Mass target = scaled_draw(seed + blockIdx.x, total);
  if (target >= before && target < before + mine) {
    Mass upto = before;
    bool found = false;
    for_tokens(row, vectors, [&](int token, float v) {
      upto += kept(most - v) ? mass_of(most - v) : 0ULL;
      if (!found && upto > target) {
        found = true;
        drawn[blockIdx.x] = token;
      }
    });
  }
  if (threadIdx.x == 0) {
    best[blockIdx.x] = static_cast<std::int32_t>(token_of_key(key));
  }
}

}  // namespace

void sample_top_p(const void* logits, int rows, int vocab, float p, std::uint64_t seed, std::int32_t* drawn,
                  std::int32_t* best, cudaStream_t stream) {
  top_p_kernel<<<static_cast<unsigned>(rows), kThreads, 0, stream>>>(static_cast<const uint4*>(logits), vocab / kVector,
                                                                     p, seed, drawn, best);
}

}  // namespace aifactory::probe
