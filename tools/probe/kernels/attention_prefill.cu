// Flash attention (Dao 2023) with mma.sync: a block holds 128 queries of one head, four warps of 32 rows each, and
// walks over tiles of 64 keys that are copied two stages ahead. Softmax runs in base 2 with the running maximum.
#include <cuda_bf16.h>

#include "tools/probe/kernels/attention.h"
#include "tools/probe/kernels/tensor_core.cuh"

namespace aifactory::probe {
namespace {

constexpr int kWarps = 4;
constexpr int kThreads = kWarps * 32;
constexpr int kQueries = 128;  // of a block
constexpr int kKeys = 64;      // of a tile
constexpr int kRowTiles = kQueries / kWarps / 16;

struct Prefill {
  const __nv_bfloat16* q;
  const __nv_bfloat16* k;
  const __nv_bfloat16* v;
  __nv_bfloat16* out;
  int fresh, past, heads, kv_heads, window;
  float scale;  // of scores, times log2(e)
};

// `rows` x kDim values into a tile, zeros beyond `valid` rows; `stride` in elements between rows.
template <int kDim>
__device__ __forceinline__ void load_tile(__nv_bfloat16* tile, const __nv_bfloat16* from, int stride, int rows,
                                          int valid) {
  constexpr int kChunks = kDim / 8;
#pragma unroll 1  // the accumulators leave no registers for addresses of several rows
  for (int i = static_cast<int>(threadIdx.x); i < rows * kChunks; i += kThreads) {
    const int row = i / kChunks;
    const int col = (i - row * kChunks) * 8;
    const bool there = row < valid;
    copy_async(tile_at<kDim>(tile, row, col), from + (there ? static_cast<std::int64_t>(row) * stride + col : 0),
               there);
  }
}

template <int kKeyDim, int kValueDim>
__global__ void __launch_bounds__(kThreads) prefill_kernel(Prefill p) {
  extern __shared__ __align__(128) __nv_bfloat16 shared[];
  __nv_bfloat16* const q_tile = shared;
  __nv_bfloat16* const k_tiles = q_tile + kQueries * kKeyDim;    // two stages
  __nv_bfloat16* const v_tiles = k_tiles + 2 * kKeys * kKeyDim;  // two stages

  const int lane = static_cast<int>(threadIdx.x) & 31;
  const int warp = static_cast<int>(threadIdx.x) / 32;
  // The last queries have the most keys: they go first, so that no block starts late with much to do.
  const int q_first = (static_cast<int>(gridDim.x) - 1 - static_cast<int>(blockIdx.x)) * kQueries;
  const int head = static_cast<int>(blockIdx.y);
  const int kv_head = head / (p.heads / p.kv_heads);
  const std::int64_t batch = blockIdx.z;
  const int all = p.past + p.fresh;

  const int q_stride = p.heads * kKeyDim;
  const int k_stride = p.kv_heads * kKeyDim;
  const int v_stride = p.kv_heads * kValueDim;
  const __nv_bfloat16* q = p.q + (batch * p.fresh + q_first) * q_stride + static_cast<std::int64_t>(head) * kKeyDim;
  const __nv_bfloat16* k = p.k + batch * all * k_stride + static_cast<std::int64_t>(kv_head) * kKeyDim;
  const __nv_bfloat16* v = p.v + batch * all * v_stride + static_cast<std::int64_t>(kv_head) * kValueDim;

  const KeyTiles tiles = key_tiles(q_first, kQueries, kKeys, p.past, p.fresh, p.window);
  const auto load_keys = [&](int tile, int stage) {
    const std::int64_t first = static_cast<std::int64_t>(tile) * kKeys;
    const int valid = all - tile * kKeys;
    load_tile<kKeyDim>(k_tiles + stage * kKeys * kKeyDim, k + first * k_stride, k_stride, kKeys, valid);
    load_tile<kValueDim>(v_tiles + stage * kKeys * kValueDim, v + first * v_stride, v_stride, kKeys, valid);
  };
  load_tile<kKeyDim>(q_tile, q, q_stride, kQueries, p.fresh - q_first);
  load_keys(tiles.begin, 0);
  commit_copies();

  float sums[kRowTiles][kValueDim / 8][4] = {};
  float most[kRowTiles][2];
  float mass[kRowTiles][2];
#pragma unroll
  for (int r = 0; r < kRowTiles; ++r) {
    most[r][0] = most[r][1] = kMasked;
    mass[r][0] = mass[r][1] = 0.0f;
  }

  const TilePoint a_point = a_operand_point(lane);
  const TilePoint k_point = key_operand_point(lane);
  const TilePoint v_point = value_operand_point(lane);
  for (int tile = tiles.begin; tile < tiles.end; ++tile) {
    const int stage = (tile - tiles.begin) & 1;
    if (tile + 1 < tiles.end) {
      load_keys(tile + 1, stage ^ 1);
    }
    commit_copies();
    wait_copies<1>();
    __syncthreads();
    __nv_bfloat16* const k_tile = k_tiles + stage * kKeys * kKeyDim;
    __nv_bfloat16* const v_tile = v_tiles + stage * kKeys * kValueDim;

    float scores[kRowTiles][kKeys / 8][4] = {};
#pragma unroll 4  // more would be kept in registers as addresses
    for (int d = 0; d < kKeyDim; d += 16) {
      std::uint32_t a[kRowTiles][4];
#pragma unroll
      for (int r = 0; r < kRowTiles; ++r) {
        load_matrices(a[r], tile_at<kKeyDim>(q_tile, (warp * kRowTiles + r) * 16 + a_point.row, d + a_point.col));
      }
#pragma unroll
      for (int n = 0; n < kKeys / 8; n += 2) {
        std::uint32_t b[4];
        load_matrices(b, tile_at<kKeyDim>(k_tile, n * 8 + k_point.row, d + k_point.col));
#pragma unroll
        for (int r = 0; r < kRowTiles; ++r) {
          multiply(scores[r][n], a[r], b[0], b[1]);
          multiply(scores[r][n + 1], a[r], b[2], b[3]);
        }
      }
    }

    const int key_first = tile * kKeys;
    if (needs_mask(q_first, kQueries, key_first, kKeys, p.past, p.fresh, p.window)) {
#pragma unroll
      for (int r = 0; r < kRowTiles; ++r) {
#pragma unroll
        for (int n = 0; n < kKeys / 8; ++n) {
#pragma unroll
          for (int i = 0; i < 4; ++i) {
            const int query = q_first + (warp * kRowTiles + r) * 16 + accumulator_row(lane, i);
            const int key = key_first + n * 8 + accumulator_col(lane, i);
            if (!sees(query, key, p.past, p.window)) {
              scores[r][n][i] = kMasked;
            }
          }
        }
      }
    }

#pragma unroll
    for (int r = 0; r < kRowTiles; ++r) {
#pragma unroll
      for (int half = 0; half < 2; ++half) {  // accumulator elements 2 half and 2 half + 1 are of one row
        float top = most[r][half];
#pragma unroll
        for (int n = 0; n < kKeys / 8; ++n) {
          top = fmaxf(top, fmaxf(scores[r][n][2 * half], scores[r][n][2 * half + 1]));
        }
        top = row_max(top);
        const float shrink = exp2f((most[r][half] - top) * p.scale);
        most[r][half] = top;
        const float shift = top * p.scale;
        float added = 0.0f;
#pragma unroll
        for (int n = 0; n < kKeys / 8; ++n) {
#pragma unroll
          for (int i = 2 * half; i < 2 * half + 2; ++i) {
            scores[r][n][i] = exp2f(scores[r][n][i] * p.scale - shift);
            added += scores[r][n][i];
          }
        }
        mass[r][half] = mass[r][half] * shrink + added;  // of this lane's columns; lanes are added at the end
#pragma unroll
        for (int n = 0; n < kValueDim / 8; ++n) {
          sums[r][n][2 * half] *= shrink;
          sums[r][n][2 * half + 1] *= shrink;
        }
      }
    }

#pragma unroll
    for (int key = 0; key < kKeys; key += 16) {
      std::uint32_t a[kRowTiles][4];  // the accumulator layout of two n-tiles is the A layout of one k-step
#pragma unroll
      for (int r = 0; r < kRowTiles; ++r) {
        const int n = key / 8;
        a[r][0] = pack_bf16(scores[r][n][0], scores[r][n][1]);
        a[r][1] = pack_bf16(scores[r][n][2], scores[r][n][3]);
        a[r][2] = pack_bf16(scores[r][n + 1][0], scores[r][n + 1][1]);
        a[r][3] = pack_bf16(scores[r][n + 1][2], scores[r][n + 1][3]);
      }
#pragma unroll
      for (int n = 0; n < kValueDim / 8; n += 2) {
        std::uint32_t b[4];
        load_matrices_transposed(b, tile_at<kValueDim>(v_tile, key + v_point.row, n * 8 + v_point.col));
#pragma unroll
        for (int r = 0; r < kRowTiles; ++r) {
          multiply(sums[r][n], a[r], b[0], b[1]);
          multiply(sums[r][n + 1], a[r], b[2], b[3]);
        }
      }
    }
    __syncthreads();  // the next iteration overwrites this stage
  }
  wait_copies<0>();

  const std::int64_t out_stride = static_cast<std::int64_t>(p.heads) * kValueDim;
  __nv_bfloat16* out = p.out + (batch * p.fresh + q_first) * out_stride + static_cast<std::int64_t>(head) * kValueDim;
#pragma unroll
  for (int r = 0; r < kRowTiles; ++r) {
#pragma unroll
    for (int half = 0; half < 2; ++half) {
      const float inverse = 1.0f / row_sum(mass[r][half]);
      const int row = (warp * kRowTiles + r) * 16 + accumulator_row(lane, 2 * half);
      if (q_first + row < p.fresh) {
#pragma unroll
        for (int n = 0; n < kValueDim / 8; ++n) {
          *reinterpret_cast<std::uint32_t*>(out + row * out_stride + n * 8 + accumulator_col(lane, 0)) =
              pack_bf16(sums[r][n][2 * half] * inverse, sums[r][n][2 * half + 1] * inverse);
        }
      }
    }
  }
}

template <int kKeyDim, int kValueDim>
bool launch(const PrefillShape& s, const Prefill& p, cudaStream_t stream) {
  constexpr int kShared = (kQueries * kKeyDim + 2 * kKeys * (kKeyDim + kValueDim)) * 2;
  const auto kernel = prefill_kernel<kKeyDim, kValueDim>;
  if (cudaFuncSetAttribute(kernel, cudaFuncAttributeMaxDynamicSharedMemorySize, kShared) != cudaSuccess) {
    return false;
  }
  const dim3 grid(static_cast<unsigned>(ceil_div(s.fresh, kQueries)), static_cast<unsigned>(s.heads),
                  static_cast<unsigned>(s.batch));
  kernel<<<grid, kThreads, kShared, stream>>>(p);
  return true;
}

}  // namespace

bool attention_prefill(const PrefillShape& s, const void* q, const void* k, const void* v, void* out,
                       cudaStream_t stream) {
  const Prefill p{static_cast<const __nv_bfloat16*>(q),
                  static_cast<const __nv_bfloat16*>(k),
                  static_cast<const __nv_bfloat16*>(v),
                  static_cast<__nv_bfloat16*>(out),
                  s.fresh,
                  s.past,
                  s.heads,
                  s.kv_heads,
                  s.window,
                  rsqrtf(static_cast<float>(s.key_dim)) * kLog2e};
  if (s.key_dim == 64 && s.value_dim == 64) {
    return launch<64, 64>(s, p, stream);
  }
  if (s.key_dim == 128 && s.value_dim == 128) {
    return launch<128, 128>(s, p, stream);
  }
  if (s.key_dim == 192 && s.value_dim == 128) {
    return launch<192, 128>(s, p, stream);
  }
  return false;
}

}  // namespace aifactory::probe
