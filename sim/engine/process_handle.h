// The outside of a process: a name for it that stays safe when it is over.
#pragma once

#include <cstdint>
#include <string>

#include "sim/engine/wait.h"

namespace aifactory::engine {

class Process;
class ProcessState;
class Simulation;

// Copyable. `co_await handle` waits until the process is over.
// A handle must not be used after its Simulation is gone.
class ProcessHandle {
 public:
  ProcessHandle() = default;  // a process that is over

  [[nodiscard]] bool alive() const { return state() != nullptr; }
  // Ends the process where it waits: its local objects are destroyed, which releases what it holds and leaves the
  // queues it stands in. False if it was over. Throws std::logic_error for the process that is running.
  bool kill();
  // Makes the co_await where the process waits throw Interrupted(cause), at the present instant. What it waited for
  // is forgotten. False if it was over. Throws std::logic_error for the process that is running.
  bool interrupt(std::string cause);

  auto operator co_await() const { return WaitFor<const ProcessHandle>(1, ProcessHandle(*this)); }
  bool arm(WaitNode& node) const;

  friend bool operator==(const ProcessHandle&, const ProcessHandle&) = default;

 private:
  friend class Simulation;
  friend class ProcessState;
  ProcessHandle(Simulation* simulation, std::uint32_t slot, std::uint32_t generation)
      : simulation_(simulation), slot_(slot), generation_(generation) {}
  [[nodiscard]] ProcessState* state() const;
  [[nodiscard]] ProcessState* state_to_disturb() const;

  Simulation* simulation_ = nullptr;
  std::uint32_t slot_ = 0;
  std::uint32_t generation_ = 0;
};

}  // namespace aifactory::engine
