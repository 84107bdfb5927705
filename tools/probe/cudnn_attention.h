// cuDNN's fused attention, as production stacks call it. The library is opened at run time: neither building nor
// running the probe needs it, and where it is missing the cases say so.
#pragma once

#include <memory>
#include <string>

#include "tools/probe/kernel.h"

namespace aifactory::probe {

// attn_prefill and mla_prefill: causal, contiguous; attn_decode: one query over contiguous keys. Throws NotSupported
// with the reason when cuDNN is not there or declines.
std::unique_ptr<Kernel> make_cudnn_attention(Device& device, const Case& c);

// "9.19.0", or "" when the library cannot be opened.
std::string cudnn_version();

// Why cuDNN's attention cannot be used on this device, found by running a small one; "" when it can.
std::string cudnn_problem(Device& device);

}  // namespace aifactory::probe
