// CUDA's execution model on one host thread: the threads of a block are fibers that run until they meet at a barrier or
// a warp-wide exchange; blocks run one after the other. Slow, deterministic, and as strict as the programming guide
// where it matters here: asynchronous copies arrive only when waited for, shared memory starts as garbage.
#pragma once

#include <cuda_bf16.h>
#include <cuda_runtime.h>
#include <ucontext.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <deque>
#include <functional>
#include <memory>
#include <vector>

namespace aifactory::emulation {

struct Copy {
  void* to;
  const void* from;
  bool valid;
};

struct Fiber {
  ucontext_t context;
  std::vector<char> stack;
  bool done = false;
  std::vector<Copy> open;                   // issued, not committed
  std::deque<std::vector<Copy>> committed;  // groups, oldest first
};

struct Warp {
  int arrived = 0, generation = 0;
  std::uint64_t words[32][4];  // what each lane offers to the others
  const void* addresses[32];
};

struct Machine {
  std::vector<std::unique_ptr<Fiber>> fibers;
  std::vector<Warp> warps;
  ucontext_t scheduler;
  std::function<void()> kernel;
  dim3 grid, block;
  int current = 0, threads = 0, arrived = 0, generation = 0;
  char* shared = nullptr;
};
inline Machine machine;

struct Index {
  unsigned x, y, z;
};
inline Index thread_index() {
  return {static_cast<unsigned>(machine.current), 0, 0};
}
inline Index block_index() {
  return {machine.block.x, machine.block.y, machine.block.z};
}
inline Index block_size() {
  return {static_cast<unsigned>(machine.threads), 1, 1};
}
inline Index grid_size() {
  return {machine.grid.x, machine.grid.y, machine.grid.z};
}
inline int lane() {
  return machine.current % 32;
}
inline Warp& warp() {
  return machine.warps[static_cast<std::size_t>(machine.current / 32)];
}
inline Fiber& fiber() {
  return *machine.fibers[static_cast<std::size_t>(machine.current)];
}

inline void yield() {
  Fiber& me = fiber();
  swapcontext(&me.context, &machine.scheduler);
}
inline void meet(int& arrived, int& generation, int all) {
  const int mine = generation;
  if (++arrived == all) {
    arrived = 0;
    ++generation;
  } else {
    while (generation == mine) {
      yield();
    }
  }
}
inline void sync_warp() {
  Warp& w = warp();
  meet(w.arrived, w.generation, 32);
}
inline void sync_block() {
  meet(machine.arrived, machine.generation, machine.threads);
}

// Lane `from`'s value.
template <class T>
T exchange(T value, int from) {
  static_assert(sizeof(T) <= 32);
  Warp& w = warp();
  std::memcpy(w.words[lane()], &value, sizeof value);
  sync_warp();
  T result;
  std::memcpy(&result, w.words[from], sizeof result);
  sync_warp();
  return result;
}

inline void enter() {
  machine.kernel();
  fiber().done = true;
  yield();
}

inline void run_block(int threads) {
  constexpr std::size_t kStack = std::size_t{96} << 10;
  machine.threads = threads;
  machine.arrived = machine.generation = 0;
  machine.warps.assign(static_cast<std::size_t>(threads / 32), Warp{});
  machine.fibers.clear();
  for (int i = 0; i < threads; ++i) {
    machine.fibers.push_back(std::make_unique<Fiber>());
    Fiber& f = *machine.fibers.back();
    f.stack.resize(kStack);
    getcontext(&f.context);
    f.context.uc_stack.ss_sp = f.stack.data();
    f.context.uc_stack.ss_size = f.stack.size();
    f.context.uc_link = &machine.scheduler;
    makecontext(&f.context, enter, 0);
  }
  for (bool busy = true; busy;) {
    busy = false;
    for (machine.current = 0; machine.current < threads; ++machine.current) {
      const int mine = machine.current;
      if (!fiber().done) {
        busy = true;
        swapcontext(&machine.scheduler, &fiber().context);
      }
      machine.current = mine;
    }
  }
}

// launch(kernel, grid, threads, shared bytes, stream)(arguments...)
template <class Kernel>
auto launch(Kernel kernel, dim3 grid, unsigned threads, std::size_t shared_bytes, cudaStream_t) {
  return [=](auto... arguments) {
    std::vector<char> memory(shared_bytes + 128);
    machine.shared = memory.data() + 128 - reinterpret_cast<std::uintptr_t>(memory.data()) % 128;
    machine.grid = grid;
    machine.kernel = [=] { kernel(arguments...); };
    for (unsigned z = 0; z < grid.z; ++z) {
      for (unsigned y = 0; y < grid.y; ++y) {
        for (unsigned x = 0; x < grid.x; ++x) {
          machine.block = dim3(x, y, z);
          std::memset(machine.shared, 0x7f, shared_bytes);  // about 3e38 as bf16
          run_block(static_cast<int>(threads));
        }
      }
    }
  };
}
template <class T>
T* dynamic_shared() {
  return reinterpret_cast<T*>(machine.shared);
}

template <class T>
T add_atomically(T* to, T value) {
  const T before = *to;
  *to += value;
  return before;
}
template <class To, class From>
To bits_as(From from) {
  static_assert(sizeof(To) == sizeof(From));
  To to;
  std::memcpy(&to, &from, sizeof to);
  return to;
}

}  // namespace aifactory::emulation

using std::min;

#undef __global__
#undef __device__
#undef __host__
#undef __shared__
#undef __launch_bounds__
#define __global__
#define __device__
#define __host__
#define __shared__ static
#define __launch_bounds__(...)
#define threadIdx aifactory::emulation::thread_index()
#define blockIdx aifactory::emulation::block_index()
#define blockDim aifactory::emulation::block_size()
#define gridDim aifactory::emulation::grid_size()
#define __syncthreads aifactory::emulation::sync_block
#define __syncwarp aifactory::emulation::sync_warp
#define __shfl_xor_sync(mask, value, by) \
  aifactory::emulation::exchange(value, aifactory::emulation::lane() ^ static_cast<int>(by))
#define __shfl_up_sync(mask, value, by) \
  aifactory::emulation::exchange(value, std::max(0, aifactory::emulation::lane() - static_cast<int>(by)))
#define atomicAdd aifactory::emulation::add_atomically
#define __float_as_uint(x) aifactory::emulation::bits_as<std::uint32_t>(static_cast<float>(x))
#define __uint_as_float(x) aifactory::emulation::bits_as<float>(static_cast<std::uint32_t>(x))
#define __expf(x) std::exp(static_cast<float>(x))
#define __ldcs(p) (*(p))
#define __stcs(p, value) (*(p) = (value))
#define rsqrtf(x) (1.0F / std::sqrt(static_cast<float>(x)))
#define cudaFuncSetAttribute(...) cudaSuccess
