#include "sim/engine/process.h"

#include <stdexcept>

namespace aifactory::engine {
namespace {
// In front of each frame, where it came from.
struct alignas(std::max_align_t) FrameHeader {
  MemoryPool* pool;
};
}  // namespace

void* ProcessState::allocate(std::size_t bytes, MemoryPool& pool) {
  auto* const header = ::new (pool.allocate(sizeof(FrameHeader) + bytes)) FrameHeader{&pool};
  return header + 1;
}

void ProcessState::operator delete(void* frame, std::size_t bytes) {
  auto* const header = static_cast<FrameHeader*>(frame) - 1;
  header->pool->deallocate(header, sizeof(FrameHeader) + bytes);
}

Process ProcessState::get_return_object() {
  return Process(Handle::from_promise(*this));
}

void ProcessState::resume() {
  Simulation& simulation = simulation_;  // the process may end
  wait_ = nullptr;
  simulation.current_process_ = this;
  Handle::from_promise(*this).resume();
  simulation.current_process_ = nullptr;
  if (simulation.process_failure_) {
    std::rethrow_exception(std::exchange(simulation.process_failure_, nullptr));
  }
}

void ProcessState::stop_waiting() {
  simulation_.cancel(wakeup_);
  if (wait_ != nullptr) {
    wait_->disarm();
    wait_ = nullptr;
  }
}

void ProcessState::retire() noexcept {
  over_.trigger();
  Simulation::ProcessRecord& record = simulation_.processes_[slot_];
  record.state = nullptr;
  ++record.generation;
  simulation_.free_processes_.push_back(slot_);
}

void ProcessState::end() {
  stop_waiting();
  retire();
  Handle::from_promise(*this).destroy();
}

ProcessState* ProcessHandle::state() const {
  if (simulation_ == nullptr) {
    return nullptr;
  }
  const Simulation::ProcessRecord& record = simulation_->processes_[slot_];
  return record.generation == generation_ ? record.state : nullptr;
}

ProcessState* ProcessHandle::state_to_disturb() const {
  ProcessState* const process = state();
  if (process != nullptr && process == simulation_->current_process_) {
    throw std::logic_error("a process can neither kill nor interrupt itself");
  }
  return process;
}

bool ProcessHandle::kill() {
  ProcessState* const process = state_to_disturb();
  if (process == nullptr) {
    return false;
  }
  process->end();
  return true;
}

bool ProcessHandle::interrupt(std::string cause) {
  ProcessState* const process = state_to_disturb();
  if (process == nullptr) {
    return false;
  }
  process->stop_waiting();
  process->interrupt_ = std::move(cause);
  process->wake();
  return true;
}

bool ProcessHandle::arm(WaitNode& node) const {
  ProcessState* const process = state();
  return process != nullptr && process->over_.arm(node);
}

void Delay::await_suspend(ProcessState::Handle process) {
  process_ = &process.promise();
  process_->wake_after(duration_);
}

bool Delay::arm(WaitNode& node) const {
  Simulation& simulation = node.process().simulation();
  node.set_timer(simulation, simulation.after(duration_, [&node] { node.fire(); }));
  return true;
}

}  // namespace aifactory::engine
