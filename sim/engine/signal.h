// Something that happens and that processes wait for.
#pragma once

#include <cstddef>

#include "sim/engine/wait.h"

namespace aifactory::engine {

// One shot: `trigger()` wakes all who wait and lets later ones pass, until reset(). Repeated: `pulse()` wakes those who
// wait now and nobody else. They continue in the order in which they came, at the present instant, each by its own
// event. If the Signal is destroyed, those who still wait do so forever.
class Signal {
 public:
  Signal() = default;
  Signal(const Signal&) = delete;
  Signal& operator=(const Signal&) = delete;

  void trigger() {
    triggered_ = true;
    pulse();
  }
  void pulse();
  void reset() { triggered_ = false; }
  [[nodiscard]] bool triggered() const { return triggered_; }
  [[nodiscard]] std::size_t waiting() const { return waiters_.size(); }

  auto operator co_await() { return WaitFor<Signal&>(1, *this); }
  bool arm(WaitNode& node) {
    if (triggered_) {
      return false;
    }
    waiters_.push_back(node);
    return true;
  }

 private:
  WaitList waiters_;
  bool triggered_ = false;
};

}  // namespace aifactory::engine
