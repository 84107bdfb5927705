// Waiting for conditions. A condition is anything with `bool arm(WaitNode&)`, which either says that it already holds
// (false) or remembers the node and calls its fire() when it does: Signal, Delay, ProcessHandle, Lease,
// Receipt, Transfer.
//
//   co_await signal;
//   co_await all_of(left, right);
//   if (co_await any_of(answer, delay(timeout)) == 1) { ... timed out ... }
#pragma once

#include <array>
#include <boost/intrusive/list.hpp>
#include <coroutine>
#include <cstddef>
#include <tuple>
#include <utility>

#include "sim/engine/event_queue.h"

namespace aifactory::engine {

class ProcessState;
class Simulation;
class Wait;

using AutoUnlink = boost::intrusive::link_mode<boost::intrusive::auto_unlink>;

// One process's place at one condition. Lives in the frame of the waiting coroutine; leaves by itself when destroyed.
class WaitNode : public boost::intrusive::list_base_hook<AutoUnlink> {
 public:
  WaitNode() = default;
  WaitNode(const WaitNode&) = delete;
  WaitNode& operator=(const WaitNode&) = delete;
  ~WaitNode() { disarm(); }

  void fire();    // the condition holds
  void disarm();  // forget it
  [[nodiscard]] ProcessState& process() const;
  // For conditions that come true by an event of their own: cancelled with the node.
  void set_timer(Simulation& simulation, EventId timer) {
    timer_owner_ = &simulation;
    timer_ = timer;
  }

 private:
  friend class Wait;
  Wait* wait_ = nullptr;
  Simulation* timer_owner_ = nullptr;
  EventId timer_;
};
using WaitList = boost::intrusive::list<WaitNode, boost::intrusive::constant_time_size<false>>;

// A process waiting until `needed` of its nodes have fired.
class Wait {
 public:
  Wait(const Wait&) = delete;
  Wait& operator=(const Wait&) = delete;

  void disarm();

 protected:
  Wait(WaitNode* nodes, std::size_t count, std::size_t needed);
  ~Wait() = default;

  void begin(ProcessState& process) { process_ = &process; }
  // True if nothing needs to be waited for any more.
  bool count(const WaitNode& node);
  void suspend();
  std::size_t finish();  // the index of the condition that came first; throws if the process was interrupted

 private:
  friend class WaitNode;
  ProcessState* process_ = nullptr;
  WaitNode* nodes_;
  std::size_t size_;
  std::size_t needed_;
  std::size_t first_;
};

template <std::size_t kCount>
struct WaitNodes {
  std::array<WaitNode, kCount> nodes;
};

// The awaiter. Conditions given as lvalues are referred to, others kept.
template <class... Conditions>
class [[nodiscard]] WaitFor : private WaitNodes<sizeof...(Conditions)>, private Wait {
 public:
  explicit WaitFor(std::size_t needed, Conditions&&... conditions)
      : Wait(this->nodes.data(), sizeof...(Conditions), needed), conditions_(std::forward<Conditions>(conditions)...) {}

  [[nodiscard]] bool await_ready() const { return false; }
  template <class Promise>
  bool await_suspend(std::coroutine_handle<Promise> process) {
    begin(process.promise());
    const bool ready = std::apply(
        [this](auto&... condition) {
          std::size_t i = 0;
          return (arm(condition, this->nodes[i++]) || ...);
        },
        conditions_);
    if (!ready) {
      suspend();
    }
    return !ready;
  }
  std::size_t await_resume() { return finish(); }

 private:
  template <class Condition>
  bool arm(Condition& condition, WaitNode& node) {
    return !condition.arm(node) && count(node);
  }

  std::tuple<Conditions...> conditions_;
};

// Until every condition has come true (each may have changed since).
template <class... Conditions>
auto all_of(Conditions&&... conditions) {
  return WaitFor<Conditions...>(sizeof...(Conditions), std::forward<Conditions>(conditions)...);
}
// Until the first condition comes true; the result is its index. The others are forgotten.
template <class... Conditions>
auto any_of(Conditions&&... conditions) {
  return WaitFor<Conditions...>(1, std::forward<Conditions>(conditions)...);
}

}  // namespace aifactory::engine
