#include "sim/engine/event_queue.h"

namespace aifactory::engine {

EventQueue::~EventQueue() {
  for (const Key& key : heap_) {
    Slot& s = slot(key.slot);
    if (s.generation == key.generation) {
      s.finish(*this, s, false);
    }
  }
}

bool EventQueue::pending(EventId id) const {
  return id.slot < chunks_.size() << kChunkBits && id.generation != 0 && slot(id.slot).generation == id.generation;
}

bool EventQueue::cancel(EventId id) {
  if (!pending(id)) {
    return false;
  }
  Slot& s = slot(id.slot);
  ++s.generation;
  s.finish(*this, s, false);
  free_.push_back(id.slot);
  ++stale_;
  // Timeouts are mostly cancelled: without this their keys would outnumber the events.
  if (stale_ > 64 && stale_ > heap_.size() / 2) {
    drop_stale_keys();
  }
  return true;
}

void EventQueue::drop_stale_keys() {
  std::erase_if(heap_, [this](const Key& key) { return slot(key.slot).generation != key.generation; });
  std::make_heap(heap_.begin(), heap_.end(), Later{});
  stale_ = 0;
}

void EventQueue::grow() {
  const auto first = static_cast<std::uint32_t>(chunks_.size() << kChunkBits);
  const std::uint32_t count = 1U << kChunkBits;
  free_.reserve(first + count);  // giving a slot back never allocates
  chunks_.push_back(std::make_unique<Slot[]>(count));
  for (std::uint32_t i = count; i-- > 0;) {
    free_.push_back(first + i);
  }
}

}  // namespace aifactory::engine
