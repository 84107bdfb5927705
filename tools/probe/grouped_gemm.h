// The routed experts of one rank: grouped product into gate and up, gated activation, grouped product down, through
// cublasGemmGroupedBatchedEx (bf16; cuBLAS has no grouped fp8).
#pragma once

#include <memory>

#include "tools/probe/kernel.h"

namespace aifactory::probe {

// Shape and routing as in expert_routing.h, with hidden, inter and tp.
std::unique_ptr<Kernel> make_grouped_gemm(Device& device, const Case& c);

}  // namespace aifactory::probe
