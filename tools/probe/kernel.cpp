#include "tools/probe/kernel.h"

#include <array>
#include <utility>

#include "tools/probe/attention_kernels.h"
#include "tools/probe/cudnn_attention.h"
#include "tools/probe/gemm_lt.h"
#include "tools/probe/grouped_gemm.h"
#include "tools/probe/layer_kernel.h"
#include "tools/probe/stream_kernels.h"

namespace aifactory::probe {
namespace {

using Maker = std::unique_ptr<Kernel> (*)(Device&, const Case&);

// Everything that can be measured: (op, implementation).
constexpr std::array<std::pair<std::pair<std::string_view, std::string_view>, Maker>, 21> kMakers = {{
    {{"gemm", "cublaslt"}, make_gemm},
    {{"batched_gemm", "cublaslt"}, make_gemm},
    {{"grouped_gemm", "cublas"}, make_grouped_gemm},
    {{"grouped_gemm", "cublaslt"}, make_grouped_gemm},
    {{"attn_prefill", "own"}, make_prefill},
    {{"attn_prefill", "cudnn"}, make_cudnn_attention},
    {{"mla_prefill", "own"}, make_prefill},
    {{"mla_prefill", "cudnn"}, make_cudnn_attention},
    {{"attn_decode", "own"}, make_decode},
    {{"attn_decode", "cudnn"}, make_cudnn_attention},
    {{"mla_decode", "own"}, make_latent_decode},
    {{"copy", "own"}, make_stream},
    {{"add", "own"}, make_stream},
    {{"rmsnorm", "own"}, make_stream},
    {{"silu_mul", "own"}, make_stream},
    {{"embed", "own"}, make_embedding},
    {{"sample", "own"}, make_sample},
    {{"memcpy", "runtime"}, make_memcpy},
    {{"launch", "own"}, make_launch},
    {{"layer", "own"}, make_layer},
    {{"layer", "cudnn"}, make_layer},
}};

}  // namespace

int Device::copies_of(std::size_t bytes, std::size_t room) const {
  return rotation_copies(bytes, rotate ? static_cast<std::size_t>(properties.l2CacheSize) : 0, room, rotate ? 512 : 1);
}

std::unique_ptr<Kernel> make_kernel(Device& device, const Case& c) {
  for (const auto& [name, maker] : kMakers) {
    if (name.first == c.op && name.second == c.impl) {
      return maker(device, c);
    }
  }
  throw NotSupported("nothing measures " + c.op + " with " + c.impl);
}

}  // namespace aifactory::probe
