// Dense and batched products through cuBLASLt, as inference stacks call it: C[m,n] = A[m,k] B[n,k]^T, both K-major
// ("TN"), fp32 accumulation, bf16 result; fp8 is e4m3 with fast accumulation and unit scales.
#pragma once

#include <memory>

#include "tools/probe/kernel.h"

namespace aifactory::probe {

// gemm: m, n, k; batched_gemm: batch as well, with its own weights for every element. alternatives() are the first
// eight of the heuristic.
std::unique_ptr<Kernel> make_gemm(Device& device, const Case& c);

}  // namespace aifactory::probe
