// Decode of multi-head latent attention (DeepSeek-V2, 2024): all heads share one cache row of 576 values a token, whose
// first 512 are also the values. A block holds 16 or 64 heads; its eight warps are row groups of 16 heads times column
// groups: in the scores a column group is a part of the tile's tokens, in the sums a part of the 512 columns.
#include <cuda_bf16.h>

#include "tools/probe/kernels/attention.h"
#include "tools/probe/kernels/split_merge.cuh"
#include "tools/probe/kernels/tensor_core.cuh"

namespace aifactory::probe {
namespace {

constexpr int kWarps = 8;
constexpr int kThreads = kWarps * 32;
constexpr int kCache = 576;  // values a token
constexpr int kValues = 512;

// One row group: 64-token tiles, two stages (166 KB). Four: 32-token tiles, three stages (189 KB).
template <int kRowGroups>
struct Tiling {
  static constexpr int kRows = 16 * kRowGroups;
  static constexpr int kColumnGroups = kWarps / kRowGroups;
  static constexpr int kTokens = kRowGroups == 1 ? 64 : 32;
  static constexpr int kStages = kRowGroups == 1 ? 2 : 3;
  static constexpr int kWarpTokens = kTokens / kColumnGroups;   // of the scores
  static constexpr int kWarpColumns = kValues / kColumnGroups;  // of the sums
  static constexpr int kWeightStride = kTokens + 8;             // padded: rows fall on different banks
  static constexpr int kQueryElements = kRows * kCache;
  static constexpr int kStageElements = kTokens * kCache;
  static constexpr int kWeightElements = kRows * kWeightStride;
  static constexpr int kTopElements = kRows * kColumnGroups;  // floats
  static constexpr int kSharedBytes =
      2 * (kQueryElements + kStages * kStageElements + kWeightElements) + 4 * kTopElements;
  static_assert(kWarpTokens % 8 == 0 && kPageTokens % kTokens == 0 && kSharedBytes <= 227 * 1024);
};

struct Latent {
  const __nv_bfloat16* q;
  const __nv_bfloat16* cache;
  const std::int32_t* table;
  SplitScratch scratch;
  int tokens, heads, pages_per_sequence, splits;
  float scale;  // times log2(e)
};

__device__ __forceinline__ void load_rows(__nv_bfloat16* tile, const __nv_bfloat16* from, int rows) {
  constexpr int kChunks = kCache / 8;
  for (int i = static_cast<int>(threadIdx.x); i < rows * kChunks; i += kThreads) {
    const int row = i / kChunks;
    const int col = (i - row * kChunks) * 8;
    copy_async(tile_at<kCache>(tile, row, col), from + row * kCache + col, true);
  }
}

template <int kRowGroups>
__global__ void __launch_bounds__(kThreads, 1) latent_kernel(Latent p) {
  using T = Tiling<kRowGroups>;
  extern __shared__ __align__(128) __nv_bfloat16 shared[];
  __nv_bfloat16* const q_tile = shared;
  __nv_bfloat16* const stages = q_tile + T::kQueryElements;
  __nv_bfloat16* const weights = stages + T::kStages * T::kStageElements;
  auto* const tops = reinterpret_cast<float*>(weights + T::kWeightElements);  // [row][column group]

  const int lane = static_cast<int>(threadIdx.x) & 31;
  const int warp = static_cast<int>(threadIdx.x) / 32;
  const int row_group = warp % kRowGroups;
  const int column_group = warp / kRowGroups;
  const int split = static_cast<int>(blockIdx.x);
  const int head_first = static_cast<int>(blockIdx.y) * T::kRows;
  const int batch = static_cast<int>(blockIdx.z);
  const PageRange pages = split_pages(0, ceil_div(p.tokens, kPageTokens), p.splits, split);
  constexpr int kTilesPerPage = kPageTokens / T::kTokens;
  const int tile_begin = pages.begin * kTilesPerPage;
  // A last page may be half empty: tiles beyond the last token are not read.
  const int tile_end = min(pages.end * kTilesPerPage, ceil_div(p.tokens, T::kTokens));
  const std::int32_t* table = p.table + static_cast<std::int64_t>(batch) * p.pages_per_sequence;
  const auto load_tile = [&](int tile, int stage) {
    const std::int64_t row = paged_row(table[tile / kTilesPerPage], 1, 0, tile % kTilesPerPage * T::kTokens);
    load_rows(stages + stage * T::kStageElements, p.cache + row * kCache, T::kTokens);
  };

  const std::int64_t q_row = static_cast<std::int64_t>(batch) * p.heads + head_first;
  load_rows(q_tile, p.q + q_row * kCache, T::kRows);
#pragma unroll
  for (int s = 0; s < T::kStages - 1; ++s) {
    if (tile_begin + s < tile_end) {
      load_tile(tile_begin + s, s);
    }
    commit_copies();
  }

  float sums[T::kWarpColumns / 8][4] = {};
  float most[2] = {kMasked, kMasked};
  float mass[2] = {0.0f, 0.0f};  // of this warp's tokens and this lane's columns
  const TilePoint a_point = a_operand_point(lane);
  const TilePoint k_point = wide_key_operand_point(lane);
  const TilePoint v_point = value_operand_point(lane);
  int stage = 0;
  for (int tile = tile_begin; tile < tile_end; ++tile) {
    wait_copies<T::kStages - 2>();
    __syncthreads();  // the tile is there, and everybody is done with the stage that is filled next
    const int ahead = tile + T::kStages - 1;
    if (ahead < tile_end) {
      load_tile(ahead, stage == 0 ? T::kStages - 1 : stage - 1);
    }
    commit_copies();
    __nv_bfloat16* const keys = stages + stage * T::kStageElements;

    float scores[T::kWarpTokens / 8][4] = {};
#pragma unroll 3
    for (int d = 0; d < kCache; d += 32) {
      std::uint32_t a0[4];
      std::uint32_t a1[4];
      load_matrices(a0, tile_at<kCache>(q_tile, row_group * 16 + a_point.row, d + a_point.col));
      load_matrices(a1, tile_at<kCache>(q_tile, row_group * 16 + a_point.row, d + 16 + a_point.col));
#pragma unroll
      for (int n = 0; n < T::kWarpTokens / 8; ++n) {
        std::uint32_t b[4];
        load_matrices(b, tile_at<kCache>(keys, column_group * T::kWarpTokens + n * 8 + k_point.row, d + k_point.col));
        multiply(scores[n], a0, b[0], b[1]);
        multiply(scores[n], a1, b[2], b[3]);
      }
    }
#pragma unroll
    for (int n = 0; n < T::kWarpTokens / 8; ++n) {
#pragma unroll
      for (int i = 0; i < 4; ++i) {
        const int token = tile * T::kTokens + column_group * T::kWarpTokens + n * 8 + accumulator_col(lane, i);
        scores[n][i] = token < p.tokens ? scores[n][i] * p.scale : kMasked;
      }
    }
    // Largest score of every row over the column groups.
#pragma unroll
    for (int half = 0; half < 2; ++half) {
      float top = kMasked;
#pragma unroll
      for (int n = 0; n < T::kWarpTokens / 8; ++n) {
        top = fmaxf(top, fmaxf(scores[n][2 * half], scores[n][2 * half + 1]));
      }
      top = row_max(top);
      if ((lane & 3) == 0) {
        tops[(row_group * 16 + accumulator_row(lane, 2 * half)) * T::kColumnGroups + column_group] = top;
      }
    }
    __syncthreads();
#pragma unroll
    for (int half = 0; half < 2; ++half) {
      const int row = row_group * 16 + accumulator_row(lane, 2 * half);
      float top = most[half];
#pragma unroll
      for (int g = 0; g < T::kColumnGroups; ++g) {
        top = fmaxf(top, tops[row * T::kColumnGroups + g]);
      }
      const float shrink = exp2f(most[half] - top);  // every tile has a token, so top is a score
      most[half] = top;
      mass[half] *= shrink;
#pragma unroll
      for (int n = 0; n < T::kWarpTokens / 8; ++n) {
        const float x = exp2f(scores[n][2 * half] - top);
        const float y = exp2f(scores[n][2 * half + 1] - top);
        mass[half] += x + y;
        const int col = column_group * T::kWarpTokens + n * 8 + accumulator_col(lane, 0);
        *reinterpret_cast<std::uint32_t*>(weights + row * T::kWeightStride + col) = pack_bf16(x, y);
      }
#pragma unroll
      for (int n = 0; n < T::kWarpColumns / 8; ++n) {
        sums[n][2 * half] *= shrink;
        sums[n][2 * half + 1] *= shrink;
      }
    }
    __syncthreads();
#pragma unroll
    for (int token = 0; token < T::kTokens; token += 16) {
      std::uint32_t a[4];
      load_matrices(a, weights + (row_group * 16 + a_point.row) * T::kWeightStride + token + a_point.col);
#pragma unroll
      for (int n = 0; n < T::kWarpColumns / 8; n += 2) {
        std::uint32_t b[4];
        load_matrices_transposed(
            b, tile_at<kCache>(keys, token + v_point.row, column_group * T::kWarpColumns + n * 8 + v_point.col));
        multiply(sums[n], a, b[0], b[1]);
        multiply(sums[n + 1], a, b[2], b[3]);
      }
    }
    stage = stage == T::kStages - 1 ? 0 : stage + 1;
  }
  wait_copies<0>();
  __syncthreads();

  // The masses of the column groups add up; `tops` is free again.
#pragma unroll
  for (int half = 0; half < 2; ++half) {
    const float whole = row_sum(mass[half]);
    if ((lane & 3) == 0) {
      tops[(row_group * 16 + accumulator_row(lane, 2 * half)) * T::kColumnGroups + column_group] = whole;
    }
  }
  __syncthreads();
#pragma unroll
  for (int half = 0; half < 2; ++half) {
    const int row = row_group * 16 + accumulator_row(lane, 2 * half);
    const std::int64_t at = (q_row + row) * p.splits + split;
    if (column_group == 0 && (lane & 3) == 0) {
      float whole = 0.0f;
      for (int g = 0; g < T::kColumnGroups; ++g) {
        whole += tops[row * T::kColumnGroups + g];
      }
      p.scratch.states[at] = {most[half], whole};
    }
#pragma unroll
    for (int n = 0; n < T::kWarpColumns / 8; ++n) {
      const int col = column_group * T::kWarpColumns + n * 8 + accumulator_col(lane, 0);
      *reinterpret_cast<float2*>(p.scratch.sums + at * kValues + col) =
          make_float2(sums[n][2 * half], sums[n][2 * half + 1]);
    }
  }
}

// 64 heads a block where they divide: the cache is read once for 64 heads instead of 16.
int row_groups(const LatentShape& s) {
  return s.heads % 64 == 0 ? 4 : 1;
}

int splits_of(const LatentShape& s, int multiprocessors) {
  return choose_splits(s.batch * (s.heads / (16 * row_groups(s))), ceil_div(s.tokens, kPageTokens), multiprocessors,
                       kMostSplits);
}

template <int kRowGroups>
bool launch(const Latent& p, const LatentShape& s, __nv_bfloat16* out, cudaStream_t stream) {
  using T = Tiling<kRowGroups>;
  if (cudaFuncSetAttribute(latent_kernel<kRowGroups>, cudaFuncAttributeMaxDynamicSharedMemorySize, T::kSharedBytes) !=
      cudaSuccess) {
    return false;
  }
  const dim3 grid(static_cast<unsigned>(p.splits), static_cast<unsigned>(s.heads / T::kRows),
                  static_cast<unsigned>(s.batch));
  latent_kernel<kRowGroups><<<grid, kThreads, T::kSharedBytes, stream>>>(p);
  merge_splits<kValues><<<static_cast<unsigned>(s.batch * s.heads), 128, 0, stream>>>(p.scratch, p.splits, out);
  return true;
}

}  // namespace

std::size_t latent_scratch_bytes(const LatentShape& s, int multiprocessors) {
  return split_scratch_bytes(s.batch * s.heads, splits_of(s, multiprocessors), kValues);
}

bool latent_decode(const LatentShape& s, const void* q, const void* pages, const std::int32_t* table, void* scratch,
                   void* out, int multiprocessors, cudaStream_t stream) {
  if (s.heads % 16 != 0) {
    return false;
  }
  Latent p{};
  p.q = static_cast<const __nv_bfloat16*>(q);
  p.cache = static_cast<const __nv_bfloat16*>(pages);
  p.table = table;
  p.splits = splits_of(s, multiprocessors);
  p.scratch = split_scratch(scratch, s.batch * s.heads, p.splits);
  p.tokens = s.tokens;
  p.heads = s.heads;
  p.pages_per_sequence = s.pages_per_sequence;
  p.scale = s.scale * kLog2e;
  auto* const result = static_cast<__nv_bfloat16*>(out);
  return row_groups(s) == 4 ? launch<4>(p, s, result, stream) : launch<1>(p, s, result, stream);
}

}  // namespace aifactory::probe
