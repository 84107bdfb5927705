#include "sim/engine/memory_pool.h"

#include <new>

namespace aifactory::engine {
namespace {
constexpr std::size_t kChunkBytes = 64 * 1024;
constexpr std::size_t kAlignment = alignof(std::max_align_t);

constexpr std::size_t steps(std::size_t bytes) {
  return (bytes + MemoryPool::kStep - 1) / MemoryPool::kStep;
}
bool pooled(std::size_t bytes, std::size_t alignment) {
  return bytes <= MemoryPool::kLargest && alignment <= kAlignment;
}
}  // namespace

void* MemoryPool::do_allocate(std::size_t bytes, std::size_t alignment) {
  if (!pooled(bytes, alignment)) {
    return ::operator new(bytes, std::align_val_t(alignment));
  }
  Free*& head = free_[steps(bytes)];
  if (head != nullptr) {
    Free* const block = head;
    head = block->next;
    return block;
  }
  const std::size_t size = steps(bytes) * kStep;
  if (fresh_bytes_ < size) {
    chunks_.push_back(std::make_unique<std::byte[]>(kChunkBytes));
    fresh_ = chunks_.back().get();
    fresh_bytes_ = kChunkBytes;
  }
  std::byte* const block = fresh_;
  fresh_ += size;
  fresh_bytes_ -= size;
  return block;
}

void MemoryPool::do_deallocate(void* block, std::size_t bytes, std::size_t alignment) {
  if (!pooled(bytes, alignment)) {
    ::operator delete(block, std::align_val_t(alignment));
    return;
  }
  Free*& head = free_[steps(bytes)];
  head = ::new (block) Free{head};
}

}  // namespace aifactory::engine
