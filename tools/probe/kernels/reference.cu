#include <cuda_bf16.h>
#include <cuda_fp8.h>

#include "tools/probe/kernels/paging.h"
#include "tools/probe/kernels/reference.h"

namespace aifactory::probe {
namespace {

constexpr int kThreads = 256;
constexpr int kMaxValueDim = 512;

__device__ double real(__nv_bfloat16 x) {
  return static_cast<double>(__bfloat162float(x));
}
__device__ double real(__nv_fp8_e4m3 x) {
  return static_cast<double>(static_cast<float>(x));
}

template <class Combine>
__device__ double over_block(double value, Combine combine) {
  __shared__ double partial[kThreads];
  partial[threadIdx.x] = value;
  __syncthreads();
  for (int half = kThreads / 2; half > 0; half /= 2) {
    if (threadIdx.x < half) {
      partial[threadIdx.x] = combine(partial[threadIdx.x], partial[threadIdx.x + half]);
    }
    __syncthreads();
  }
  const double result = partial[0];
  __syncthreads();
  return result;
}

template <class T>
__global__ void products(const T* a, const T* b, std::int64_t k, const std::int64_t* rows, const std::int64_t* cols,
                         double* out) {
  double sum = 0.0;
  for (std::int64_t i = threadIdx.x; i < k; i += kThreads) {
    sum += real(a[rows[blockIdx.x] * k + i]) * real(b[cols[blockIdx.x] * k + i]);
  }
  sum = over_block(sum, [](double x, double y) { return x + y; });
  if (threadIdx.x == 0) {
    out[blockIdx.x] = sum;
  }
}

__device__ std::int64_t row_of_key(const ReferenceKeys& v, const AttentionSample& s, std::int64_t token) {
  if (v.page_table == nullptr) {
    return (static_cast<std::int64_t>(s.batch) * v.tokens + token) * v.kv_heads + s.kv_head;
  }
  const std::int32_t page =
      v.page_table[static_cast<std::int64_t>(s.batch) * v.pages_per_sequence + token / kPageTokens];
  return paged_row(page, v.kv_heads, s.kv_head, static_cast<int>(token % kPageTokens));
}

__device__ double score(const ReferenceKeys& v, const AttentionSample& s, std::int64_t token) {
  const auto* q = static_cast<const __nv_bfloat16*>(v.q) + s.query_row * v.key_dim;
  const auto* key = static_cast<const __nv_bfloat16*>(v.keys) + row_of_key(v, s, token) * v.key_dim;
  double sum = 0.0;
  for (int d = 0; d < v.key_dim; ++d) {
    sum += real(q[d]) * real(key[d]);
  }
  return sum * v.scale;
}

__global__ void attention(ReferenceKeys v, const AttentionSample* samples, double* out) {
  const AttentionSample s = samples[blockIdx.x];
  double most = -1e300;
  for (std::int64_t t = s.first + threadIdx.x; t < s.last; t += kThreads) {
    most = fmax(most, score(v, s, t));
  }
  most = over_block(most, [](double x, double y) { return fmax(x, y); });

  __shared__ double weights[kThreads];
  double mass = 0.0;
  double sums[kMaxValueDim / kThreads] = {0.0, 0.0};
  for (std::int64_t chunk = s.first; chunk < s.last; chunk += kThreads) {
    const std::int64_t mine = chunk + threadIdx.x;
    weights[threadIdx.x] = mine < s.last ? exp(score(v, s, mine) - most) : 0.0;
    mass += weights[threadIdx.x];
    __syncthreads();
    const int count = static_cast<int>(s.last - chunk < kThreads ? s.last - chunk : kThreads);
    for (int j = 0; j < kMaxValueDim / kThreads; ++j) {
      const int d = static_cast<int>(threadIdx.x) + j * kThreads;
      for (int i = 0; d < v.value_dim && i < count; ++i) {
        const std::int64_t row = row_of_key(v, s, chunk + i);
        sums[j] += weights[i] * real(static_cast<const __nv_bfloat16*>(v.values)[row * v.value_stride + d]);
      }
    }
    __syncthreads();
  }
  mass = over_block(mass, [](double x, double y) { return x + y; });
  for (int j = 0; j < kMaxValueDim / kThreads; ++j) {
    const int d = static_cast<int>(threadIdx.x) + j * kThreads;
    if (d < v.value_dim) {
      out[static_cast<std::int64_t>(blockIdx.x) * v.value_dim + d] = sums[j] / mass;
    }
  }
}

}  // namespace

void reference_products(const void* a, const void* b, Element type, std::int64_t k, const std::int64_t* rows,
                        const std::int64_t* cols, int count, double* out, cudaStream_t stream) {
  const auto blocks = static_cast<unsigned>(count);
  if (type == Element::kFp8) {
    products<<<blocks, kThreads, 0, stream>>>(static_cast<const __nv_fp8_e4m3*>(a),
                                              static_cast<const __nv_fp8_e4m3*>(b), k, rows, cols, out);
  } else {
    products<<<blocks, kThreads, 0, stream>>>(static_cast<const __nv_bfloat16*>(a),
                                              static_cast<const __nv_bfloat16*>(b), k, rows, cols, out);
  }
}

void reference_attention(const ReferenceKeys& view, const AttentionSample* samples, int count, double* out,
                         cudaStream_t stream) {
  attention<<<static_cast<unsigned>(count), kThreads, 0, stream>>>(view, samples, out);
}

}  // namespace aifactory::probe
