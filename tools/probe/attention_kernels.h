// The own attention kernels as things to measure.
#pragma once

#include <memory>

#include "tools/probe/kernel.h"

namespace aifactory::probe {

// attn_prefill: batch, isl, past, heads, kv_heads, head_dim, window; mla_prefill: batch, isl, past, heads (keys of 192,
// values of 128 a head).
std::unique_ptr<Kernel> make_prefill(Device& device, const Case& c);
// attn_decode: batch, past, heads, kv_heads, head_dim, window; past + 1 keys a sequence.
std::unique_ptr<Kernel> make_decode(Device& device, const Case& c);
// mla_decode: batch, past, heads.
std::unique_ptr<Kernel> make_latent_decode(Device& device, const Case& c);

}  // namespace aifactory::probe
