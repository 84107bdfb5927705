// The work on which event cores are compared: the hold model (a population of pending events, each of which schedules
// one more when it happens; Jones, CACM 29(4), 1986) and its counterpart in processes that do nothing but sleep.
#pragma once

#include <cstdint>
#include <queue>
#include <tuple>
#include <vector>

#include "bench/engine/contestant.h"
#include "sim/engine/process.h"

namespace aifactory::bench {

// The floor: a std::priority_queue of 24-byte keys and nothing else.
class BareQueue {
 public:
  explicit BareQueue(std::uint64_t pending) {
    for (; sequence_ < pending; ++sequence_) {
      queue_.push({increments_.next(), sequence_, sequence_});
    }
  }
  void run(std::uint64_t events) {
    for (std::uint64_t i = 0; i < events; ++i) {
      const Key key = queue_.top();
      queue_.pop();
      checksum_ += key.payload;
      queue_.push({key.time + increments_.next(), sequence_++, key.payload});
    }
  }
  [[nodiscard]] std::uint64_t checksum() const { return checksum_; }

 private:
  struct Key {
    std::int64_t time;
    std::uint64_t sequence;
    std::uint64_t payload;
    // Compiles without branches, unlike its equivalents in && and ?:; twice their rate with GCC 12.
    bool operator>(const Key& other) const { return std::tie(time, sequence) > std::tie(other.time, other.sequence); }
  };
  std::priority_queue<Key, std::vector<Key>, std::greater<>> queue_;
  Increments increments_;
  std::uint64_t sequence_ = 0;
  std::uint64_t checksum_ = 0;
};

// Runs a simulation by numbers of events.
class SimulatedLoad {
 public:
  void run(std::uint64_t events) {
    left_ = events;
    simulation_.run();
  }
  [[nodiscard]] std::uint64_t checksum() const { return simulation_.fingerprint(); }

 protected:
  [[nodiscard]] engine::SimTime next_increment() {
    if (--left_ == 0) {
      simulation_.stop();
    }
    return engine::SimTime::from_nanoseconds(increments_.next());
  }
  engine::Simulation simulation_;
  Increments increments_;
  std::uint64_t left_ = 0;
};

class EngineEvents : public SimulatedLoad {
 public:
  explicit EngineEvents(std::uint64_t pending) {
    for (std::uint64_t i = 0; i < pending; ++i) {
      schedule();
    }
  }

 private:
  void schedule() {
    simulation_.after(next_increment(), [this] { schedule(); });
  }
};

class EngineProcesses : public SimulatedLoad {
 public:
  explicit EngineProcesses(std::uint64_t pending) {
    for (std::uint64_t i = 0; i < pending; ++i) {
      simulation_.spawn(sleeper());
    }
  }
  engine::Simulation& simulation() { return simulation_; }

 private:
  engine::Process sleeper() {
    for (;;) {
      co_await engine::delay(next_increment());
    }
  }
};

}  // namespace aifactory::bench
