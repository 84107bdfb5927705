// Split-KV decode (Dao et al., "Flash-Decoding", 2023). A block holds the queries that share one KV head (up to 16, one
// row tile of the tensor cores) and walks over pages; each of its four warps owns 16 of the 64 tokens of every page,
// copies them itself three stages ahead and keeps its own softmax, so warps never wait for each other before the end.
#include <cuda_bf16.h>

#include "tools/probe/kernels/attention.h"
#include "tools/probe/kernels/split_merge.cuh"
#include "tools/probe/kernels/tensor_core.cuh"

namespace aifactory::probe {
namespace {

constexpr int kWarps = 4;
constexpr int kThreads = kWarps * 32;
constexpr int kWarpTokens = kPageTokens / kWarps;
constexpr int kStages = 3;
constexpr int kRows = 16;
constexpr int kBlocksPerMultiprocessor = 2;  // by shared memory, at head dimension 128
static_assert(kWarpTokens == 16);

struct Decode {
  const __nv_bfloat16* q;
  const __nv_bfloat16* keys;
  const __nv_bfloat16* values;
  const std::int32_t* table;
  SplitScratch scratch;
  int tokens, first_token, heads, kv_heads, pages_per_sequence, splits;
  float scale;  // times log2(e)
};

template <int kDim>
inline constexpr int kStageElements = kPageTokens* kDim * 2;  // keys, then values

// This warp's 16 tokens of a page: keys and values.
template <int kDim>
__device__ __forceinline__ void load_page(const Decode& p, std::int32_t page, int kv_head, int warp, int lane,
                                          __nv_bfloat16* stage) {
  constexpr int kChunks = kDim / 8;
  const std::int64_t first = paged_row(page, p.kv_heads, kv_head, warp * kWarpTokens);
#pragma unroll
  for (int i = 0; i < kWarpTokens * kChunks / 32; ++i) {
    const int at = i * 32 + lane;
    const int row = at / kChunks;
    const int col = at % kChunks * 8;
    const std::int64_t from = (first + row) * kDim + col;
    __nv_bfloat16* to = tile_at<kDim>(stage, warp * kWarpTokens + row, col);
    copy_async(to, p.keys + from, true);
    copy_async(to + kPageTokens * kDim, p.values + from, true);
  }
}

template <int kDim>
__global__ void __launch_bounds__(kThreads, kBlocksPerMultiprocessor) decode_kernel(Decode p) {
  extern __shared__ __align__(128) __nv_bfloat16 shared[];  // stages; the merge of the warps reuses it
  const int lane = static_cast<int>(threadIdx.x) & 31;
  const int warp = static_cast<int>(threadIdx.x) / 32;
  const int split = static_cast<int>(blockIdx.x);
  const int kv_head = static_cast<int>(blockIdx.y);
  const int batch = static_cast<int>(blockIdx.z);
  const int group = p.heads / p.kv_heads;
  const PageRange pages = split_pages(p.first_token / kPageTokens, ceil_div(p.tokens, kPageTokens), p.splits, split);
  const std::int32_t* table = p.table + static_cast<std::int64_t>(batch) * p.pages_per_sequence;

  // Queries straight into A fragments: element pairs of rows lane / 4 and + 8.
  std::uint32_t a[kDim / 16][4];
  const std::int64_t q_row = static_cast<std::int64_t>(batch) * p.heads + kv_head * group;
#pragma unroll
  for (int d = 0; d < kDim / 16; ++d) {
#pragma unroll
    for (int i = 0; i < 4; ++i) {
      const int row = (lane >> 2) + (i & 1) * 8;
      const int col = d * 16 + (lane & 3) * 2 + (i >> 1) * 8;
      a[d][i] = row < group ? *reinterpret_cast<const std::uint32_t*>(p.q + (q_row + row) * kDim + col) : 0U;
    }
  }

  float sums[kDim / 8][4] = {};
  float most[2] = {kMasked, kMasked};
  float mass[2] = {0.0f, 0.0f};
  const TilePoint k_point = key_operand_point(lane);
  const TilePoint v_point = value_operand_point(lane);

#pragma unroll
  for (int s = 0; s < kStages - 1; ++s) {
    if (pages.begin + s < pages.end) {
      load_page<kDim>(p, table[pages.begin + s], kv_head, warp, lane, shared + s * kStageElements<kDim>);
    }
    commit_copies();
  }
  int stage = 0;
  for (int page = pages.begin; page < pages.end; ++page) {
    const int ahead = page + kStages - 1;
    const int free_stage = stage == 0 ? kStages - 1 : stage - 1;  // read in the iteration before
    if (ahead < pages.end) {
      load_page<kDim>(p, table[ahead], kv_head, warp, lane, shared + free_stage * kStageElements<kDim>);
    }
    commit_copies();
    wait_copies<kStages - 1>();
    __syncwarp();
    __nv_bfloat16* const k_tile = shared + stage * kStageElements<kDim>;
    __nv_bfloat16* const v_tile = k_tile + kPageTokens * kDim;

    float scores[2][4] = {};
#pragma unroll
    for (int d = 0; d < kDim / 16; ++d) {
      std::uint32_t b[4];
      load_matrices(b, tile_at<kDim>(k_tile, warp * kWarpTokens + k_point.row, d * 16 + k_point.col));
      multiply(scores[0], a[d], b[0], b[1]);
      multiply(scores[1], a[d], b[2], b[3]);
    }
    const int token_first = page * kPageTokens + warp * kWarpTokens;
#pragma unroll
    for (int n = 0; n < 2; ++n) {
#pragma unroll
      for (int i = 0; i < 4; ++i) {
        const int token = token_first + n * 8 + accumulator_col(lane, i);
        scores[n][i] = token < p.tokens && token >= p.first_token ? scores[n][i] * p.scale : kMasked;
      }
    }
#pragma unroll
    for (int half = 0; half < 2; ++half) {
      float top = most[half];
#pragma unroll
      for (int n = 0; n < 2; ++n) {
        top = fmaxf(top, fmaxf(scores[n][2 * half], scores[n][2 * half + 1]));
      }
      top = row_max(top);
      const float shrink = exp2f(most[half] - top);
      most[half] = top;
      mass[half] *= shrink;
#pragma unroll
      for (int n = 0; n < 2; ++n) {
#pragma unroll
        for (int i = 2 * half; i < 2 * half + 2; ++i) {
          // A warp may see no token at all: then all of it stays masked, and must weigh nothing.
          scores[n][i] = scores[n][i] <= kMasked ? 0.0f : exp2f(scores[n][i] - top);
          mass[half] += scores[n][i];
        }
      }
#pragma unroll
      for (int n = 0; n < kDim / 8; ++n) {
        sums[n][2 * half] *= shrink;
        sums[n][2 * half + 1] *= shrink;
      }
    }
    const std::uint32_t weights[4] = {pack_bf16(scores[0][0], scores[0][1]), pack_bf16(scores[0][2], scores[0][3]),
                                      pack_bf16(scores[1][0], scores[1][1]), pack_bf16(scores[1][2], scores[1][3])};
#pragma unroll
    for (int n = 0; n < kDim / 8; n += 2) {
      std::uint32_t b[4];
      load_matrices_transposed(b, tile_at<kDim>(v_tile, warp * kWarpTokens + v_point.row, n * 8 + v_point.col));
      multiply(sums[n], weights, b[0], b[1]);
      multiply(sums[n + 1], weights, b[2], b[3]);
    }
    __syncwarp();  // all lanes have read the stage that the next iteration fills
    stage = stage == kStages - 1 ? 0 : stage + 1;
  }
  wait_copies<0>();
  __syncthreads();

  // Merge the warps: [row][warp] states, then [warp][row][dim] sums.
  auto* const states = reinterpret_cast<SoftmaxState*>(shared);
  float* const partial = reinterpret_cast<float*>(states + kWarps * kRows);
#pragma unroll
  for (int half = 0; half < 2; ++half) {
    const int row = accumulator_row(lane, 2 * half);
    const float whole = row_sum(mass[half]);
    if ((lane & 3) == 0) {
      states[row * kWarps + warp] = {most[half], whole};
    }
#pragma unroll
    for (int n = 0; n < kDim / 8; ++n) {
      const int at = (warp * kRows + row) * kDim + n * 8 + accumulator_col(lane, 0);
      partial[at] = sums[n][2 * half];
      partial[at + 1] = sums[n][2 * half + 1];
    }
  }
  __syncthreads();
  for (int i = static_cast<int>(threadIdx.x); i < group * kDim; i += kThreads) {
    const int row = i / kDim;
    const int d = i % kDim;
    float weights[kWarps];
    const float whole = merge_weights(states + row * kWarps, kWarps, weights);
    float most_of_all = states[row * kWarps].most;
    float sum = 0.0f;
#pragma unroll
    for (int w = 0; w < kWarps; ++w) {
      most_of_all = fmaxf(most_of_all, states[row * kWarps + w].most);
      sum += weights[w] * partial[(w * kRows + row) * kDim + d];
    }
    const std::int64_t at = (q_row + row) * p.splits + split;
    p.scratch.sums[at * kDim + d] = sum;
    if (d == 0) {
      p.scratch.states[at] = {most_of_all, whole};
    }
  }
}

int splits_of(const DecodeShape& s, int multiprocessors) {
  const int first = s.window > 0 && s.tokens > s.window ? (s.tokens - s.window) / kPageTokens : 0;
  return choose_splits(s.batch * s.kv_heads, ceil_div(s.tokens, kPageTokens) - first,
                       multiprocessors * kBlocksPerMultiprocessor, kMostSplits);
}

template <int kDim>
bool launch(const Decode& p, const DecodeShape& s, __nv_bfloat16* out, cudaStream_t stream) {
  constexpr int kShared = kStages * kStageElements<kDim> * 2;
  static_assert(kShared >= kWarps * kRows * (kDim * 4 + 8), "the merge of the warps must fit");
  if (cudaFuncSetAttribute(decode_kernel<kDim>, cudaFuncAttributeMaxDynamicSharedMemorySize, kShared) != cudaSuccess) {
    return false;
  }
  const dim3 grid(static_cast<unsigned>(p.splits), static_cast<unsigned>(s.kv_heads), static_cast<unsigned>(s.batch));
  decode_kernel<kDim><<<grid, kThreads, kShared, stream>>>(p);
  merge_splits<kDim><<<static_cast<unsigned>(s.batch * s.heads), kDim, 0, stream>>>(p.scratch, p.splits, out);
  return true;
}

}  // namespace

std::size_t decode_scratch_bytes(const DecodeShape& s, int multiprocessors) {
  return split_scratch_bytes(s.batch * s.heads, splits_of(s, multiprocessors), s.head_dim);
}

bool attention_decode(const DecodeShape& s, const void* q, const void* key_pages, const void* value_pages,
                      const std::int32_t* table, void* scratch, void* out, int multiprocessors, cudaStream_t stream) {
  if (s.heads % s.kv_heads != 0 || s.heads / s.kv_heads > kRows) {
    return false;
  }
  Decode p{};
  p.q = static_cast<const __nv_bfloat16*>(q);
  p.keys = static_cast<const __nv_bfloat16*>(key_pages);
  p.values = static_cast<const __nv_bfloat16*>(value_pages);
  p.table = table;
  p.splits = splits_of(s, multiprocessors);
  p.scratch = split_scratch(scratch, s.batch * s.heads, p.splits);
  p.tokens = s.tokens;
  p.first_token = s.window > 0 && s.tokens > s.window ? s.tokens - s.window : 0;
  p.heads = s.heads;
  p.kv_heads = s.kv_heads;
  p.pages_per_sequence = s.pages_per_sequence;
  p.scale = rsqrtf(static_cast<float>(s.head_dim)) * kLog2e;
  auto* const result = static_cast<__nv_bfloat16*>(out);
  if (s.head_dim == 64) {
    return launch<64>(p, s, result, stream);
  }
  return s.head_dim == 128 && launch<128>(p, s, result, stream);
}

}  // namespace aifactory::probe
