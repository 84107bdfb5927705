#include "sim/engine/simulation.h"

#include <algorithm>
#include <exception>
#include <stdexcept>

#include "sim/engine/process.h"

namespace aifactory::engine {

Simulation::~Simulation() {
  for (std::size_t i = 0; i < processes_.size(); ++i) {  // one that ends may end others
    if (processes_[i].state != nullptr) {
      processes_[i].state->end();
    }
  }
}

void Simulation::run() {
  run_events(SimTime::max());
}

void Simulation::run_until(SimTime end) {
  if (end < now_) {
    throw_not_future();
  }
  run_events(end);
  if (!stopped_) {
    now_ = end;
  }
}

void Simulation::run_events(SimTime end) {
  if (running_) {
    throw std::logic_error("a simulation cannot be run from inside itself");
  }
  running_ = true;
  stopped_ = false;
  try {
    for (SimTime next; !stopped_ && (next = queue_.next_time()) <= end && next != SimTime::max();) {
      if (executed_ == options_.event_limit) {
        throw std::runtime_error("event limit of " + std::to_string(executed_) + " reached");
      }
      queue_.pop_and_run([this](SimTime time, Priority priority, EntityId entity) {
        now_ = time;
        current_entity_ = entity;
        ++executed_;
        fingerprint_.add(static_cast<std::uint64_t>(time.nanoseconds()),
                         static_cast<std::uint64_t>(priority) << 32 | static_cast<std::uint32_t>(entity));
      });
    }
  } catch (const std::exception& error) {
    fail(error.what());
  } catch (...) {
    fail("an exception that is not a std::exception");
  }
  running_ = false;
  current_entity_ = EntityId::kSimulation;
}

void Simulation::fail(const std::string& reason) {
  running_ = false;
  throw SimulationError(now_, path(std::exchange(current_entity_, EntityId::kSimulation)), reason);
}

void Simulation::throw_not_future() {
  throw std::invalid_argument("events belong to the future, within 292 years");
}

EntityId Simulation::entity(std::string_view path) {
  if (path.empty()) {
    return EntityId::kSimulation;
  }
  // Should two paths collide, the later one takes the next free number.
  for (auto number = static_cast<std::uint32_t>(hash(path));; ++number) {
    const EntityId id{number};
    if (id == EntityId::kSimulation) {
      continue;
    }
    const auto [entry, inserted] = entities_.try_emplace(id, path);
    if (inserted || entry->second == path) {
      return id;
    }
  }
}

const std::string& Simulation::path(EntityId entity) const {
  static const std::string kNone;
  const auto entry = entities_.find(entity);
  return entry == entities_.end() ? kNone : entry->second;
}

ProcessHandle Simulation::spawn(Process process, EntityId entity, Priority priority) {
  if (!process.frame_ || &process.frame_.promise().simulation_ != this) {
    throw std::logic_error("a process belongs to the simulation it was made for, once");
  }
  if (free_processes_.empty()) {
    free_processes_.reserve(processes_.size() + 1);  // retiring a process never allocates
    free_processes_.push_back(static_cast<std::uint32_t>(processes_.size()));
    processes_.emplace_back();
  }
  ProcessState& state = process.frame_.promise();
  state.entity_ = entity;
  state.priority_ = priority;
  state.order_ = spawned_++;
  state.slot_ = free_processes_.back();
  state.generation_ = processes_[state.slot_].generation;
  state.wake();
  free_processes_.pop_back();
  processes_[state.slot_].state = &state;
  process.frame_ = nullptr;
  return state.handle();
}

ProcessHandle Simulation::spawn(Process process) {
  return spawn(std::move(process), current_entity_);
}

std::vector<std::string> Simulation::blocked_processes() const {
  std::vector<const ProcessState*> blocked;
  for (const ProcessRecord& record : processes_) {
    if (record.state != nullptr && record.state != current_process_ && !queue_.pending(record.state->wakeup_)) {
      blocked.push_back(record.state);
    }
  }
  std::sort(blocked.begin(), blocked.end(), [](auto* a, auto* b) { return a->order_ < b->order_; });
  std::vector<std::string> paths;
  for (const ProcessState* state : blocked) {
    paths.push_back(path(state->entity_));
  }
  return paths;
}

}  // namespace aifactory::engine
