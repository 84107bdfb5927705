// Random device data. Power and, through it, clocks depend on the data: zeros would run faster than anything real.
#pragma once

#include <cuda_runtime.h>

#include <cstddef>
#include <cstdint>

namespace aifactory::probe {

// Standard normal by Box-Muller from a counter-based generator: element i depends on (seed, i) alone.
void fill_normal_bf16(void* data, std::size_t count, std::uint64_t seed, cudaStream_t stream);
void fill_normal_fp8(void* data, std::size_t count, std::uint64_t seed, cudaStream_t stream);  // e4m3
// Uniform in [0, below).
void fill_indices(std::int32_t* data, std::size_t count, std::int32_t below, std::uint64_t seed, cudaStream_t stream);

}  // namespace aifactory::probe
