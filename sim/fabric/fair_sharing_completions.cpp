// Who finishes next: a heap of flows behind each link, on its clock, and a heap of links by the date of their first.
#include <algorithm>

#include "sim/fabric/fair_sharing.h"

namespace aifactory {

bool FairSharing::finishes_before(FlowId a, FlowId b) const {
  return finish_[a] != finish_[b] ? finish_[a] < finish_[b] : a < b;
}

void FairSharing::sift(FlowId* heap, std::uint32_t size, std::uint32_t slot) {
  const FlowId flow = heap[slot];
  while (slot > 0 && finishes_before(flow, heap[(slot - 1) / 2])) {
    heap[slot] = heap[(slot - 1) / 2];
    slot_[heap[slot]] = slot;
    slot = (slot - 1) / 2;
  }
  for (std::uint32_t child = 2 * slot + 1; child < size; child = 2 * slot + 1) {
    if (child + 1 < size && finishes_before(heap[child + 1], heap[child])) {
      ++child;
    }
    if (!finishes_before(heap[child], flow)) {
      break;
    }
    heap[slot] = heap[child];
    slot_[heap[slot]] = slot;
    slot = child;
  }
  heap[slot] = flow;
  slot_[flow] = slot;
}

void FairSharing::insert(SlotLists<FlowId>& lists, LinkId link, FlowId flow) {
  lists.push_back(link, flow);
  sift(lists.data(link), lists.size(link), lists.size(link) - 1);
}

void FairSharing::erase(SlotLists<FlowId>& lists, LinkId link, FlowId flow) {
  const std::uint32_t slot = slot_[flow];
  FlowId* heap = lists.data(link);
  lists.pop_back(link);
  const std::uint32_t size = lists.size(link);
  if (slot < size) {
    heap[slot] = heap[size];
    sift(heap, size, slot);
  }
}

FairSharing::FlowId FairSharing::next_of(LinkId link) const {
  if (waiting_.empty(link)) {
    return single_.empty(link) ? kNone : single_.data(link)[0];
  }
  const FlowId flow = waiting_.data(link)[0];
  return !single_.empty(link) && finishes_before(single_.data(link)[0], flow) ? single_.data(link)[0] : flow;
}

bool FairSharing::due_before(LinkId a, LinkId b) const {
  return due_[a] != due_[b] ? due_[a] < due_[b] : a < b;
}

void FairSharing::reschedule(LinkId link) {
  const FlowId next = next_of(link);
  double due = kNever;
  if (next != kNone && links_[link].level > 0.0 && links_[link].level != kNever) {
    const Clock& clock = clocks_[link];
    due = clock.at + std::max(0.0, finish_[next] - clock.reading) / links_[link].level;
  }
  std::uint32_t slot = due_slot_[link];
  if (due == kNever) {
    if (slot == kNone) {
      return;
    }
    due_[link] = kNever;
    due_slot_[link] = kNone;
    const LinkId last = heap_.back();
    heap_.pop_back();
    if (last != link) {
      heap_[slot] = last;
      due_sift(slot);
    }
    return;
  }
  due_[link] = due;
  if (slot == kNone) {
    slot = static_cast<std::uint32_t>(heap_.size());
    heap_.push_back(link);
  }
  due_sift(slot);
}

void FairSharing::due_sift(std::uint32_t slot) {
  const LinkId link = heap_[slot];
  const auto size = static_cast<std::uint32_t>(heap_.size());
  while (slot > 0 && due_before(link, heap_[(slot - 1) / 2])) {
    heap_[slot] = heap_[(slot - 1) / 2];
    due_slot_[heap_[slot]] = slot;
    slot = (slot - 1) / 2;
  }
  for (std::uint32_t child = 2 * slot + 1; child < size; child = 2 * slot + 1) {
    if (child + 1 < size && due_before(heap_[child + 1], heap_[child])) {
      ++child;
    }
    if (!due_before(heap_[child], link)) {
      break;
    }
    heap_[slot] = heap_[child];
    due_slot_[heap_[slot]] = slot;
    slot = child;
  }
  heap_[slot] = link;
  due_slot_[link] = slot;
}

}  // namespace aifactory
