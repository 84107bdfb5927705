// Sampled outputs of an attention kernel against the double-precision reference.
#pragma once

#include <vector>

#include "tools/probe/kernel.h"
#include "tools/probe/kernels/reference.h"

namespace aifactory::probe {

// `out` holds bf16 rows of view.value_dim, one per query row. The tolerance covers weights rounded to bf16 before they
// multiply values, which every production kernel does.
Check check_attention(const ReferenceKeys& view, const std::vector<AttentionSample>& samples, const void* out,
                      cudaStream_t stream);

// `count` queries of batch x fresh x heads, the first and the last among them, with the keys each one sees.
struct QueryGrid {
  std::int64_t batch = 1, fresh = 1, past = 0;
  std::int64_t heads = 1, kv_heads = 1, window = 0;
};
std::vector<AttentionSample> sample_queries(const QueryGrid& grid, int count);

}  // namespace aifactory::probe
