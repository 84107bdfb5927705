// Processes: C++20 coroutines that live in simulated time.
//
//   Process machine(Simulation& simulation, Resource& repairers, RandomStream random) {
//     for (;;) {
//       co_await delay(Seconds(random.exponential(mtbf)));
//       auto repair = repairers.request();
//       co_await repair;                                       // queue for a repairer
//       co_await delay(Seconds(random.exponential(mttr)));
//     }                                                        // `repair` releases when it goes out of scope
//   }
//   simulation.spawn(machine(simulation, repairers, simulation.stream("machine/3", "failures")), id);
//
// A process coroutine takes its Simulation& as a parameter or is a member of a class with `Simulation& simulation()`;
// its frame then comes from that simulation's pool. Reference parameters, and the captures of a lambda, must outlive
// the process. An exception that leaves a process ends the run with a SimulationError that names its entity.
#pragma once

#include <concepts>
#include <coroutine>
#include <exception>
#include <optional>
#include <string>
#include <utility>

#include "sim/engine/signal.h"
#include "sim/engine/simulation.h"
#include "sim/engine/wait.h"

namespace aifactory::engine {

// What the engine knows of a running process; the promise of its coroutine.
class ProcessState {
 public:
  using Handle = std::coroutine_handle<ProcessState>;

  // The coroutine machinery calls these two with the arguments of the coroutine, in which the simulation is found.
  template <class... Arguments>
  explicit ProcessState(Arguments&&... arguments) : simulation_(find_simulation(arguments...)) {}
  template <class... Arguments>
  static void* operator new(std::size_t bytes, Arguments&&... arguments) {
    return allocate(bytes, find_simulation(arguments...).memory());
  }
  static void operator delete(void* frame, std::size_t bytes);

  ProcessState(const ProcessState&) = delete;
  ProcessState& operator=(const ProcessState&) = delete;

  [[nodiscard]] Process get_return_object();
  [[nodiscard]] auto initial_suspend() noexcept {
    struct Start : std::suspend_always {
      ProcessState& process;
      void await_resume() { process.throw_if_interrupted(); }
    };
    return Start{{}, *this};
  }
  [[nodiscard]] std::suspend_never final_suspend() noexcept {
    retire();
    return {};
  }
  void return_void() {}
  // Kept until the coroutine has ended: Clang 14 loses track of one that throws from here.
  void unhandled_exception() { simulation_.process_failure_ = std::current_exception(); }

  [[nodiscard]] Simulation& simulation() const { return simulation_; }
  [[nodiscard]] ProcessHandle handle() const { return {&simulation_, slot_, generation_}; }

  // For awaiters: how this process continues.
  void wake_after(SimTime delay) {
    wakeup_ = simulation_.after(
        delay, [this] { resume(); }, priority_, entity_);
  }
  void wake() { wake_after(SimTime()); }
  void wait_for(Wait& wait) { wait_ = &wait; }
  void throw_if_interrupted() {
    if (interrupt_) {
      throw Interrupted(*std::exchange(interrupt_, std::nullopt));
    }
  }

 private:
  friend class Simulation;
  friend class ProcessHandle;

  template <class First, class... Rest>
  static Simulation& find_simulation(First& first, Rest&... rest) {
    if constexpr (std::convertible_to<First&, Simulation&>) {
      return first;
    } else if constexpr (requires {
                           { first.simulation() } -> std::same_as<Simulation&>;
                         }) {
      return first.simulation();
    } else {
      static_assert(sizeof...(Rest) > 0, "a process takes its Simulation& as a parameter");
      return find_simulation(rest...);
    }
  }
  static void* allocate(std::size_t bytes, MemoryPool& pool);

  void resume();
  void stop_waiting();
  void retire() noexcept;  // the process is over: gives up its place and tells those who wait for the end
  void end();              // retires and destroys itself

  Simulation& simulation_;
  EntityId entity_ = EntityId::kSimulation;
  Priority priority_ = Priority::kNormal;
  std::uint32_t slot_ = 0;
  std::uint32_t generation_ = 0;
  std::uint64_t order_ = 0;  // of spawning
  EventId wakeup_;
  Wait* wait_ = nullptr;
  std::optional<std::string> interrupt_;
  Signal over_;
};

// The return type of process coroutines: one that has not started. Give it to Simulation::spawn.
class [[nodiscard]] Process {
 public:
  using promise_type = ProcessState;

  Process(Process&& other) noexcept : frame_(std::exchange(other.frame_, nullptr)) {}
  Process& operator=(Process&&) = delete;
  ~Process() {
    if (frame_) {
      frame_.destroy();
    }
  }

 private:
  friend class ProcessState;
  friend class Simulation;
  explicit Process(ProcessState::Handle frame) : frame_(frame) {}

  ProcessState::Handle frame_;
};

// `co_await delay(t)`: let simulated time pass. Zero lets everything already scheduled for this instant go first.
class [[nodiscard]] Delay {
 public:
  explicit Delay(SimTime duration) : duration_(duration) {}

  [[nodiscard]] bool await_ready() const { return false; }
  void await_suspend(ProcessState::Handle process);
  void await_resume() const { process_->throw_if_interrupted(); }

  bool arm(WaitNode& node) const;

 private:
  SimTime duration_;
  ProcessState* process_ = nullptr;
};
inline Delay delay(SimTime duration) {
  return Delay(duration);
}

// `co_await this_process()`: the handle of the process that asks, without waiting.
struct [[nodiscard]] this_process {
  [[nodiscard]] bool await_ready() const { return false; }
  bool await_suspend(ProcessState::Handle process) {
    handle = process.promise().handle();
    return false;
  }
  [[nodiscard]] ProcessHandle await_resume() const { return handle; }

  ProcessHandle handle;
};

}  // namespace aifactory::engine
