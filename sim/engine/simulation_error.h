// What a run throws: the original exception, with where and when it happened in the simulated world.
#pragma once

#include <exception>
#include <stdexcept>
#include <string>

#include "sim/engine/sim_time.h"

namespace aifactory::engine {

// Thrown out of run(). If an event or process threw, that exception is nested (std::rethrow_if_nested).
class SimulationError : public std::runtime_error, public std::nested_exception {
 public:
  SimulationError(SimTime time, std::string entity, const std::string& reason);

  [[nodiscard]] SimTime time() const { return time_; }
  [[nodiscard]] const std::string& entity() const { return entity_; }  // path; empty: the simulation itself

 private:
  SimTime time_;
  std::string entity_;
};

// Thrown inside a process, at its co_await, when another interrupts it: a failure, a preemption, a shed load.
class Interrupted : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;  // what() is the cause
};

}  // namespace aifactory::engine
