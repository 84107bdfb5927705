// Top-p (nucleus) sampling of one token a row, without sorting.
#pragma once

#include <cuda_runtime.h>

#include <cstdint>

namespace aifactory::probe {

// logits [rows][vocab] bf16, vocab a multiple of 8 below 2^18. A token is kept when the tokens at least as probable as
// it (to 1/2048 of a unit of logit) hold less than `p` before it is counted. Writes the drawn token, and the most
// probable one. Probability masses are summed in fixed point: the same draw whatever the order of the additions.
void sample_top_p(const void* logits, int rows, int vocab, float p, std::uint64_t seed, std::int32_t* drawn,
                  std::int32_t* best, cudaStream_t stream);

}  // namespace aifactory::probe
