// Memory for coroutine frames and other small things that come and go with events: freed blocks are reused by size, so
// that a model in steady state never reaches the system's allocator.
#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <memory_resource>
#include <vector>

namespace aifactory::engine {

// Blocks of 64 to 4096 bytes in steps of 64, aligned to 16; larger ones go to operator new. Gives memory back only when
// destroyed. Not for several threads: each Simulation owns one.
class MemoryPool final : public std::pmr::memory_resource {
 public:
  static constexpr std::size_t kStep = 64;
  static constexpr std::size_t kLargest = 4096;

 private:
  struct Free {
    Free* next;
  };
  void* do_allocate(std::size_t bytes, std::size_t alignment) override;
  void do_deallocate(void* block, std::size_t bytes, std::size_t alignment) override;
  [[nodiscard]] bool do_is_equal(const memory_resource& other) const noexcept override { return this == &other; }

  std::array<Free*, kLargest / kStep + 1> free_{};  // by size in steps
  std::vector<std::unique_ptr<std::byte[]>> chunks_;
  std::byte* fresh_ = nullptr;
  std::size_t fresh_bytes_ = 0;
};

}  // namespace aifactory::engine
