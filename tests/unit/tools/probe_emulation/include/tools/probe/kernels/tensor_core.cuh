// In place of the header of the same name: what its instructions do, from the PTX ISA manual (ldmatrix, "Matrix
// fragments for mma.m16n8k16", cp.async). It shares no index arithmetic with the kernels but the swizzle of their
// tiles.
#pragma once

#include <cstdlib>

#include "tools/probe/kernels/paging.h"

namespace aifactory::probe {

inline constexpr float kLog2e = 1.4426950408889634F;
inline constexpr float kMasked = -1.0e30F;

inline void copy_async(void* to, const void* from, bool valid) {
  emulation::fiber().open.push_back({to, from, valid});
}
inline void commit_copies() {
  emulation::Fiber& f = emulation::fiber();
  f.committed.push_back(std::move(f.open));
  f.open.clear();
}
template <int kPending>
void wait_copies() {
  emulation::Fiber& f = emulation::fiber();
  while (f.committed.size() > kPending) {
    for (const emulation::Copy& copy : f.committed.front()) {
      copy.valid ? std::memcpy(copy.to, copy.from, 16) : std::memset(copy.to, 0, 16);
    }
    f.committed.pop_front();
  }
}

inline void load_four(std::uint32_t (&r)[4], const void* p, bool transposed) {
  if (reinterpret_cast<std::uintptr_t>(p) % 16 != 0) {
    std::abort();  // the instruction would trap
  }
  emulation::Warp& w = emulation::warp();
  const int lane = emulation::lane();
  w.addresses[lane] = p;
  emulation::sync_warp();
  for (int matrix = 0; matrix < 4; ++matrix) {
    std::uint16_t pair[2];
    for (int e = 0; e < 2; ++e) {
      const int along = lane % 4 * 2 + e;
      const int across = lane / 4;
      const auto* row = static_cast<const std::uint16_t*>(w.addresses[matrix * 8 + (transposed ? along : across)]);
      pair[e] = row[transposed ? across : along];
    }
    std::memcpy(&r[matrix], pair, 4);
  }
  emulation::sync_warp();
}
inline void load_matrices(std::uint32_t (&r)[4], const void* p) {
  load_four(r, p, false);
}
inline void load_matrices_transposed(std::uint32_t (&r)[4], const void* p) {
  load_four(r, p, true);
}

inline float element(std::uint32_t pair, int which) {
  return emulation::bits_as<float>((which == 0 ? pair & 0xffffU : pair >> 16) << 16);
}

inline void multiply(float (&c)[4], const std::uint32_t (&a)[4], std::uint32_t b0, std::uint32_t b1) {
  struct Operands {
    std::uint32_t a[4], b[2];
  };
  const Operands mine{{a[0], a[1], a[2], a[3]}, {b0, b1}};
  emulation::Warp& w = emulation::warp();
  const int lane = emulation::lane();
  std::memcpy(w.words[lane], &mine, sizeof mine);
  emulation::sync_warp();
  const auto of = [&](int other) {
    Operands o;
    std::memcpy(&o, w.words[other], sizeof o);
    return o;
  };
  for (int i = 0; i < 4; ++i) {
    const int row = lane / 4 + (i >= 2 ? 8 : 0);
    const int col = lane % 4 * 2 + i % 2;
    for (int k = 0; k < 16; ++k) {
      const int holder = k % 8 / 2;
      const std::uint32_t x = of(row % 8 * 4 + holder).a[(row >= 8 ? 1 : 0) + (k >= 8 ? 2 : 0)];
      const std::uint32_t y = of(col * 4 + holder).b[k >= 8 ? 1 : 0];
      c[i] += element(x, k % 2) * element(y, k % 2);
    }
  }
  emulation::sync_warp();
}

inline std::uint32_t pack_bf16(float low, float high) {
  return emulation::bits_as<std::uint32_t>(__floats2bfloat162_rn(low, high));
}
inline float row_max(float x) {
  x = std::max(x, __shfl_xor_sync(0, x, 1));
  return std::max(x, __shfl_xor_sync(0, x, 2));
}
inline float row_sum(float x) {
  x += __shfl_xor_sync(0, x, 1);
  return x + __shfl_xor_sync(0, x, 2);
}
template <int kDim>
__nv_bfloat16* tile_at(__nv_bfloat16* tile, int row, int col) {
  return tile + swizzled_chunk(row, col / 8, kDim / 8) * 8;
}

}  // namespace aifactory::probe
