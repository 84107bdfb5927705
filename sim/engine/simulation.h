// One simulated world: its clock, its future events, its processes, its random numbers, its statistics, its trace.
//
//   Simulation simulation({.seed = 7});
//   simulation.after(Seconds(2.0), [&] { ... });                  // an event: any callable
//   simulation.spawn(worker(simulation, ...), simulation.entity("site/0/worker"));  // a process, see process.h
//   simulation.run();
//
// Events happen in the total order (time, priority, order of scheduling), one at a time; nothing depends on addresses,
// hashing order or threads. A Simulation is confined to one thread; run several side by side.
#pragma once

#include <cstdint>
#include <exception>
#include <limits>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "sim/engine/event_queue.h"
#include "sim/engine/hash.h"
#include "sim/engine/memory_pool.h"
#include "sim/engine/process_handle.h"
#include "sim/engine/random_stream.h"
#include "sim/engine/registry.h"
#include "sim/engine/sim_time.h"
#include "sim/engine/simulation_error.h"
#include "sim/engine/trace.h"

namespace aifactory::engine {

struct SimulationOptions {
  std::uint64_t seed = 1;
  // A guard against models that run away: exceeding it throws SimulationError.
  std::uint64_t event_limit = std::numeric_limits<std::uint64_t>::max();
  TraceSink* trace = nullptr;  // not owned; none: nothing is kept
};

class Simulation {
 public:
  explicit Simulation(SimulationOptions options = {}) : options_(options) {}
  Simulation(const Simulation&) = delete;
  Simulation& operator=(const Simulation&) = delete;
  // Destroys the frames of processes that still wait. Signals, resources, mailboxes and levels may be gone by then.
  ~Simulation();

  [[nodiscard]] SimTime now() const { return now_; }

  // Schedules `function()`. Without an entity the event belongs to the entity of the event that schedules it.
  // Throws std::invalid_argument for the past and for SimTime::max().
  template <class Function>
  EventId at(SimTime time, Function&& function, Priority priority = Priority::kNormal) {
    return at(time, std::forward<Function>(function), priority, current_entity_);
  }
  template <class Function>
  EventId at(SimTime time, Function&& function, Priority priority, EntityId entity) {
    check_future(time);
    return queue_.push(time, priority, entity, std::forward<Function>(function));
  }
  template <class Function>
  EventId after(SimTime delay, Function&& function, Priority priority = Priority::kNormal) {
    return after(delay, std::forward<Function>(function), priority, current_entity_);
  }
  template <class Function>
  EventId after(SimTime delay, Function&& function, Priority priority, EntityId entity) {
    return at(later(delay), std::forward<Function>(function), priority, entity);
  }

  // False if the event has happened, was cancelled or is the one happening now. A cancelled event never fires.
  bool cancel(EventId id) { return queue_.cancel(id); }
  [[nodiscard]] bool pending(EventId id) const { return queue_.pending(id); }

  // Until no event is left, or stop().
  void run();
  // Events up to and including `end`; then now() == end, unless stopped before.
  void run_until(SimTime end);
  // Makes run() and run_until() return after the current event. They can be called again.
  void stop() { stopped_ = true; }

  // The id of an entity path, the same in every run whatever else exists. The empty path is the simulation itself.
  EntityId entity(std::string_view path);
  [[nodiscard]] const std::string& path(EntityId entity) const;
  [[nodiscard]] EntityId current_entity() const { return current_entity_; }

  // Starts a process at the present instant, after events already scheduled for it at that priority. All its wake-ups
  // have this entity and priority.
  ProcessHandle spawn(Process process, EntityId entity, Priority priority = Priority::kNormal);
  ProcessHandle spawn(Process process);  // of the entity that spawns it
  // Entity paths of the processes that wait for something other than time, in order of spawning. When run() has
  // returned because no events are left, these wait forever: legitimate for servers, a deadlock for jobs.
  [[nodiscard]] std::vector<std::string> blocked_processes() const;

  // Random numbers for one purpose of one entity; independent of all other streams and of what was created when.
  [[nodiscard]] RandomStream stream(std::string_view entity_path, std::string_view purpose) const {
    return RandomStream(options_.seed, entity_path, purpose);
  }

  [[nodiscard]] Registry& registry() { return registry_; }
  [[nodiscard]] const Registry& registry() const { return registry_; }
  [[nodiscard]] TraceSink& trace() { return options_.trace != nullptr ? *options_.trace : null_trace_; }
  [[nodiscard]] MemoryPool& memory() { return memory_; }

  [[nodiscard]] std::uint64_t events_executed() const { return executed_; }
  // Digest of (time, priority, entity) of every event executed so far, in order.
  [[nodiscard]] std::uint64_t fingerprint() const { return fingerprint_.value(); }

 private:
  friend class ProcessHandle;
  friend class ProcessState;

  struct ProcessRecord {
    ProcessState* state = nullptr;  // null: free
    std::uint32_t generation = 1;
  };

  void check_future(SimTime time) const {
    if (time < now_ || time == SimTime::max()) {
      throw_not_future();
    }
  }
  [[nodiscard]] SimTime later(SimTime delay) const {
    if (delay < SimTime() || delay >= SimTime::max() - now_) {
      throw_not_future();
    }
    return now_ + delay;
  }
  [[noreturn]] static void throw_not_future();
  void run_events(SimTime end);
  [[noreturn]] void fail(const std::string& reason);  // inside a handler

  SimulationOptions options_;
  MemoryPool memory_;  // before everything that may hold its blocks
  EventQueue queue_{memory_};
  SimTime now_;
  std::uint64_t executed_ = 0;
  Fingerprint fingerprint_;
  EntityId current_entity_ = EntityId::kSimulation;
  bool running_ = false;
  bool stopped_ = false;
  std::unordered_map<EntityId, std::string> entities_;  // looked up, never iterated
  std::vector<ProcessRecord> processes_;
  std::vector<std::uint32_t> free_processes_;
  ProcessState* current_process_ = nullptr;
  std::exception_ptr process_failure_;  // what left the process that has just ended
  std::uint64_t spawned_ = 0;
  Registry registry_;
  NullTrace null_trace_;
};

}  // namespace aifactory::engine
