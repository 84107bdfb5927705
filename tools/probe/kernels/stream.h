// Memory-bound kernels of a transformer, written to be bandwidth-bound: 16-byte accesses, several in flight.
#pragma once

#include <cuda_runtime.h>

#include <cstdint>

namespace aifactory::probe {

// bf16 throughout; row widths must be multiples of 8 elements.
void copy_bytes(const void* from, void* to, std::int64_t bytes, cudaStream_t stream);  // multiple of 16
void add_bf16(const void* a, const void* b, void* sum, std::int64_t elements, cudaStream_t stream);
// residual_out = x + residual; out = residual_out / rms(residual_out) * weight. hidden <= 32768.
void rms_norm(const void* x, const void* residual, const void* weight, void* residual_out, void* out, int rows,
              int hidden, float epsilon, cudaStream_t stream);
// out[r, i] = silu(in[r, i]) * in[r, inter + i]
void silu_mul(const void* in, void* out, int rows, int inter, cudaStream_t stream);
// The same, rounded to e4m3 (what is beyond its range to its largest value).
void silu_mul_fp8(const void* in, void* out, int rows, int inter, cudaStream_t stream);
// out[r] = table[ids[r]]
void embed(const void* table, const std::int32_t* ids, void* out, int rows, int hidden, cudaStream_t stream);
void empty_kernel(cudaStream_t stream);

}  // namespace aifactory::probe
