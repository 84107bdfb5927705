// Double-precision references on sampled outputs. They share no code with what they check, index arithmetic of pages
// apart.
#pragma once

#include <cuda_runtime.h>

#include <cstdint>

namespace aifactory::probe {

enum class Element { kBf16, kFp8 };

// out[i] = sum over k of a[rows[i] * k + .] * b[cols[i] * k + .], one block per sample.
void reference_products(const void* a, const void* b, Element type, std::int64_t k, const std::int64_t* rows,
                        const std::int64_t* cols, int count, double* out, cudaStream_t stream);

// Sampled queries of an attention over keys in memory. Key t of sequence b and KV head h lies at
// keys + (row(b, h, t)) * key_dim; row is contiguous [b][t][h] without pages and that of kernels/paging.h with them.
struct AttentionSample {
  std::int32_t batch = 0, head = 0, kv_head = 0;
  std::int64_t query_row = 0;        // of q, in units of key_dim
  std::int64_t first = 0, last = 0;  // keys seen: [first, last)
};
struct ReferenceKeys {
  const void* q = nullptr;
  const void* keys = nullptr;
  const void* values = nullptr;
  const std::int32_t* page_table = nullptr;  // null: contiguous
  std::int64_t tokens = 0;                   // of one sequence, contiguous only
  int pages_per_sequence = 0;
  int kv_heads = 1;
  int key_dim = 128, value_dim = 128;
  int value_stride = 128;  // between rows of values (key_dim when values are the head of the keys)
  double scale = 1.0;
};
// out[sample * value_dim + d].
void reference_attention(const ReferenceKeys& view, const AttentionSample* samples, int count, double* out,
                         cudaStream_t stream);

}  // namespace aifactory::probe
