#include "sim/engine/wait.h"

#include "sim/engine/process.h"

namespace aifactory::engine {

void WaitNode::fire() {
  disarm();
  if (wait_->count(*this)) {
    wait_->disarm();
    wait_->process_->wake();
  }
}

void WaitNode::disarm() {
  unlink();
  if (timer_owner_ != nullptr) {
    timer_owner_->cancel(timer_);
    timer_owner_ = nullptr;
  }
}

ProcessState& WaitNode::process() const {
  return *wait_->process_;
}

Wait::Wait(WaitNode* nodes, std::size_t count, std::size_t needed)
    : nodes_(nodes), size_(count), needed_(needed), first_(count) {
  for (std::size_t i = 0; i < count; ++i) {
    nodes[i].wait_ = this;
  }
}

void Wait::disarm() {
  for (std::size_t i = 0; i < size_; ++i) {
    nodes_[i].disarm();
  }
}

bool Wait::count(const WaitNode& node) {
  if (first_ == size_) {
    first_ = static_cast<std::size_t>(&node - nodes_);
  }
  return --needed_ == 0;
}

void Wait::suspend() {
  process_->wait_for(*this);
}

std::size_t Wait::finish() {
  process_->throw_if_interrupted();
  return first_;
}

void Signal::pulse() {
  // Firing only schedules, so that nobody can join the list meanwhile.
  while (!waiters_.empty()) {
    waiters_.front().fire();
  }
}

}  // namespace aifactory::engine
