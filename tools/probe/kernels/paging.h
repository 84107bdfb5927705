// Where things lie: pages of a KV cache, splits of a sequence, swizzled tiles in shared memory, and which element of a
// tensor-core fragment a lane holds. Plain functions for host and device; the unit tests run them on the host.
#pragma once

#include <cstdint>

#ifdef __CUDACC__
#define PROBE_HD __host__ __device__ __forceinline__
#else
#define PROBE_HD inline
#endif

namespace aifactory::probe {

inline constexpr int kPageTokens = 64;

PROBE_HD int ceil_div(int a, int b) {
  return (a + b - 1) / b;
}

// Rows of a paged cache [page][kv head][token in page], so that one head's tokens of a page are contiguous.
PROBE_HD std::int64_t paged_row(std::int32_t page, int kv_heads, int kv_head, int token_in_page) {
  return (static_cast<std::int64_t>(page) * kv_heads + kv_head) * kPageTokens + token_in_page;
}

// Pages [begin, end) of split `index` of `splits`: contiguous, disjoint, covering [first, last), sizes differ by at
// most one.
struct PageRange {
  int begin, end;
};
PROBE_HD PageRange split_pages(int first, int last, int splits, int index) {
  const int pages = last - first;
  const int each = pages / splits;
  const int more = pages % splits;  // the first `more` splits take one more
  const int begin = first + index * each + (index < more ? index : more);
  return {begin, begin + each + (index < more ? 1 : 0)};
}

// Splits per sequence that finish `sequences` x `pages` pages soonest when `resident` blocks run at once: fewest waves
// x pages per split, where starting a split costs as much as two pages.
PROBE_HD int choose_splits(int sequences, int pages, int resident, int most) {
  int best = 1;
  std::int64_t least = INT64_MAX;
  for (int splits = 1; splits <= most && splits <= pages; ++splits) {
    const std::int64_t waves = (static_cast<std::int64_t>(sequences) * splits + resident - 1) / resident;
    const std::int64_t cost = waves * (ceil_div(pages, splits) + 2);
    if (cost < least) {
      least = cost;
      best = splits;
    }
  }
  return best;
}

// Causal attention of `fresh` queries after `past` keys: may query `query` (0-based among the fresh ones) see `key`?
// Its own key is past + query; a window counts it.
PROBE_HD bool sees(int query, int key, int past, int window) {
  return key <= past + query && (window <= 0 || key > past + query - window);
}
// Tiles of `keys` keys that any of the queries [first, first + queries) sees.
struct KeyTiles {
  int begin, end;
};
PROBE_HD KeyTiles key_tiles(int first, int queries, int keys, int past, int fresh, int window) {
  const int last = (first + queries < fresh ? first + queries : fresh) - 1;
  const int oldest = window > 0 ? past + first - window + 1 : 0;
  return {(oldest > 0 ? oldest : 0) / keys, ceil_div(past + last + 1, keys)};
}
// Does any pair of these queries and the keys [key_first, key_first + keys) need the mask? Keys beyond the last one are
// hidden from every query that exists.
PROBE_HD bool needs_mask(int first, int queries, int key_first, int keys, int past, int fresh, int window) {
  const int last = (first + queries < fresh ? first + queries : fresh) - 1;
  return key_first + keys - 1 > past + first || (window > 0 && key_first <= past + last - window);
}

// Tiles in shared memory are rows of 16-byte chunks; XOR with the row spreads eight rows of one chunk over all banks.
// `row_chunks` must be a multiple of 8.
PROBE_HD int swizzled_chunk(int row, int chunk, int row_chunks) {
  return row * row_chunks + (chunk ^ (row & 7));
}

// mma.m16n8k16 (PTX ISA, "Matrix Fragments for mma.m16n8k16"): the accumulator element `i` (0..3) of a lane.
PROBE_HD int accumulator_row(int lane, int i) {
  return (lane >> 2) + (i >= 2 ? 8 : 0);
}
PROBE_HD int accumulator_col(int lane, int i) {
  return (lane & 3) * 2 + (i & 1);
}

// ldmatrix.x4 takes the address of one 8-element row of an 8x8 matrix from every lane: lanes 0-7 matrix 0, 8-15 matrix
// 1... These are the (row, column) of a lane's address within a 16x16 tile.
struct TilePoint {
  int row, col;
};
// A operand, rows x k: matrices (rows 0-7, k 0-7), (8-15, 0-7), (0-7, 8-15), (8-15, 8-15).
PROBE_HD TilePoint a_operand_point(int lane) {
  return {(lane & 7) + ((lane >> 3) & 1) * 8, (lane >> 4) * 8};
}
// B operand of two n-tiles from keys x dims (not transposed): (keys 0-7, dims 0-7), (0-7, 8-15), (8-15, 0-7), (8-15,
// 8-15): registers 0, 1 are tile 0 and 2, 3 tile 1.
PROBE_HD TilePoint key_operand_point(int lane) {
  return {(lane & 7) + (lane >> 4) * 8, ((lane >> 3) & 1) * 8};
}
// B operand of two n-tiles from values, keys x dims, transposed on load: (keys 0-7, dims 0-7), (8-15, 0-7), (0-7,
// 8-15), (8-15, 8-15): registers 0, 1 are dims 0-7 and 2, 3 dims 8-15.
PROBE_HD TilePoint value_operand_point(int lane) {
  return {(lane & 7) + ((lane >> 3) & 1) * 8, (lane >> 4) * 8};
}
// B operand of one n-tile over 32 dims: four matrices (keys 0-7, dims 0-7), (.., 8-15), (.., 16-23), (.., 24-31).
PROBE_HD TilePoint wide_key_operand_point(int lane) {
  return {lane & 7, (lane >> 3) * 8};
}

}  // namespace aifactory::probe
