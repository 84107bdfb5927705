// Own attention kernels on the tensor cores (mma.sync, bf16 in, fp32 sums): cross-check and fallback for the vendor's.
#pragma once

#include <cuda_runtime.h>

#include <cstdint>

namespace aifactory::probe {

// Causal attention of `fresh` queries a sequence after `past` keys. q [batch][fresh][heads][key_dim],
// k [batch][past + fresh][kv_heads][key_dim], v [..][value_dim], out [batch][fresh][heads][value_dim].
struct PrefillShape {
  int batch = 1, fresh = 1, past = 0;
  int heads = 1, kv_heads = 1;
  int key_dim = 128, value_dim = 128;  // (64, 64), (128, 128), (192, 128)
  int window = 0;                      // keys a query sees, itself included; 0: all
};
// False when no kernel is built for these dimensions.
bool attention_prefill(const PrefillShape& shape, const void* q, const void* k, const void* v, void* out,
                       cudaStream_t stream);

// One query a sequence over a paged cache; a sequence is cut into splits of whole pages that run at once, and a second
// kernel merges them. Pages as in paging.h; table [batch][pages_per_sequence].
struct DecodeShape {
  int batch = 1, tokens = 1;  // keys of every sequence, the new one included
  int heads = 1, kv_heads = 1;
  int head_dim = 128;  // 64 or 128; heads / kv_heads at most 16
  int window = 0;
  int pages_per_sequence = 1;
};
// fp32 scratch of the splits' partial results, in bytes.
std::size_t decode_scratch_bytes(const DecodeShape& shape, int multiprocessors);
bool attention_decode(const DecodeShape& shape, const void* q, const void* key_pages, const void* value_pages,
                      const std::int32_t* table, void* scratch, void* out, int multiprocessors, cudaStream_t stream);

// Latent attention with absorbed projections: q [batch][heads][576], cache pages [page][64][576] whose first 512
// columns are the values, out [batch][heads][512].
struct LatentShape {
  int batch = 1, tokens = 1, heads = 128;
  int pages_per_sequence = 1;
  float scale = 1.0F;
};
std::size_t latent_scratch_bytes(const LatentShape& shape, int multiprocessors);
bool latent_decode(const LatentShape& shape, const void* q, const void* pages, const std::int32_t* table, void* scratch,
                   void* out, int multiprocessors, cudaStream_t stream);

}  // namespace aifactory::probe
