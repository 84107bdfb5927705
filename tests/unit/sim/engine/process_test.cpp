#include "sim/engine/process.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>

namespace aifactory::engine {
namespace {

double now(const Simulation& simulation) {
  return simulation.now().seconds().value();
}

// Sets `ended` to the time at which its scope was left, however that came about.
struct AtExit {
  Simulation& simulation;
  double& ended;
  ~AtExit() { ended = now(simulation); }
};

Process sleeper(Simulation& simulation, Seconds duration, double& ended) {
  const AtExit at_exit{simulation, ended};
  co_await delay(duration);
}

TEST(Process, LivesUntilItReturns) {
  Simulation simulation;
  double ended = -1.0;
  const ProcessHandle handle = simulation.spawn(sleeper(simulation, Seconds(3.0), ended));
  EXPECT_TRUE(handle.alive());
  simulation.run();
  EXPECT_FALSE(handle.alive());
  EXPECT_EQ(ended, 3.0);
}

TEST(Process, OneThatIsNeverSpawnedIsDestroyed) {
  Simulation simulation;
  double ended = -1.0;
  { const Process unborn = sleeper(simulation, Seconds(3.0), ended); }
  simulation.run();
  EXPECT_EQ(ended, -1.0);
}

TEST(Process, JoiningWaitsForTheEndAndPassesIfItIsOver) {
  Simulation simulation;
  double ended = -1.0;
  double joined = -1.0;
  double joined_again = -1.0;
  struct Parent {
    static Process run(Simulation& sim, double& child_ended, double& first, double& second) {
      const ProcessHandle child = sim.spawn(sleeper(sim, Seconds(2.0), child_ended));
      co_await child;
      first = now(sim);
      co_await delay(Seconds(1.0));
      co_await child;
      second = now(sim);
    }
  };
  simulation.spawn(Parent::run(simulation, ended, joined, joined_again));
  simulation.run();
  EXPECT_EQ(joined, 2.0);
  EXPECT_EQ(joined_again, 3.0);
}

TEST(Process, KillingDestroysItsScopeNowAndEndsTheWaitForIt) {
  Simulation simulation;
  double ended = -1.0;
  double joined = -1.0;
  ProcessHandle victim = simulation.spawn(sleeper(simulation, Seconds(100.0), ended));
  struct Waiter {
    static Process run(Simulation& sim, ProcessHandle other, double& at) {
      co_await other;
      at = now(sim);
    }
  };
  simulation.spawn(Waiter::run(simulation, victim, joined));
  simulation.after(Seconds(1.0), [&] { EXPECT_TRUE(victim.kill()); });
  simulation.after(Seconds(2.0), [&] { EXPECT_FALSE(victim.kill()); });
  simulation.run();
  EXPECT_EQ(ended, 1.0);
  EXPECT_EQ(joined, 1.0);
  EXPECT_EQ(now(simulation), 2.0);  // the wake-up at 100 s died with it
}

TEST(Process, KilledBeforeItStartsItNeverStarts) {
  Simulation simulation;
  double ended = -1.0;
  ProcessHandle victim = simulation.spawn(sleeper(simulation, Seconds(1.0), ended));
  EXPECT_TRUE(victim.kill());
  simulation.run();
  EXPECT_EQ(ended, -1.0);
  EXPECT_EQ(simulation.events_executed(), 0U);
}

Process patient(Simulation& simulation, std::string& log) {
  for (int i = 0; i < 2; ++i) {
    try {
      co_await delay(Seconds(10.0));
      log += "slept ";
    } catch (const Interrupted& interrupted) {
      log += std::string(interrupted.what()) + "@" + std::to_string(static_cast<int>(now(simulation))) + " ";
    }
  }
}

TEST(Process, InterruptThrowsWhereItWaitsAndForgetsTheWait) {
  Simulation simulation;
  std::string log;
  ProcessHandle handle = simulation.spawn(patient(simulation, log));
  simulation.after(Seconds(4.0), [&] { EXPECT_TRUE(handle.interrupt("failure")); });
  simulation.run();
  EXPECT_EQ(log, "failure@4 slept ");
  EXPECT_EQ(now(simulation), 14.0);
  EXPECT_FALSE(handle.interrupt("late"));
}

TEST(Process, InterruptedBeforeItStartsItFailsAtOnce) {
  Simulation simulation;
  double ended = -1.0;
  ProcessHandle handle = simulation.spawn(sleeper(simulation, Seconds(1.0), ended), simulation.entity("job"));
  handle.interrupt("failure");
  EXPECT_THROW(simulation.run(), SimulationError);
  EXPECT_FALSE(handle.alive());
}

TEST(Process, ErrorsNameItsEntityAndEndIt) {
  Simulation simulation;
  struct Fails {
    static Process run(Simulation&) {
      co_await delay(Seconds(2.0));
      throw std::runtime_error("out of memory");
    }
  };
  const ProcessHandle handle = simulation.spawn(Fails::run(simulation), simulation.entity("replica/7"));
  try {
    simulation.run();
    FAIL();
  } catch (const SimulationError& error) {
    EXPECT_EQ(error.entity(), "replica/7");
    EXPECT_EQ(error.time(), SimTime(Seconds(2.0)));
    EXPECT_THROW(error.rethrow_nested(), std::runtime_error);
  }
  EXPECT_FALSE(handle.alive());
  EXPECT_TRUE(simulation.blocked_processes().empty());
  simulation.run();
}

TEST(Process, CanNeitherKillNorInterruptItself) {
  Simulation simulation;
  struct Suicidal {
    static Process run(Simulation&) {
      ProcessHandle self = co_await this_process();
      EXPECT_TRUE(self.alive());
      self.kill();
    }
  };
  simulation.spawn(Suicidal::run(simulation));
  EXPECT_THROW(simulation.run(), SimulationError);
}

TEST(Process, IsAlsoAMemberOfAnythingThatHasASimulation) {
  struct Machine {
    Simulation& own_simulation;
    int cycles = 0;
    Simulation& simulation() { return own_simulation; }
    Process work() {
      for (; cycles < 3; ++cycles) {
        co_await delay(Seconds(1.0));
      }
    }
  };
  Simulation simulation;
  Machine machine{simulation};
  simulation.spawn(machine.work());
  simulation.run();
  EXPECT_EQ(machine.cycles, 3);
}

TEST(Process, BelongsToTheSimulationItWasMadeFor) {
  Simulation one;
  Simulation other;
  double ended = -1.0;
  EXPECT_THROW(other.spawn(sleeper(one, Seconds(1.0), ended)), std::logic_error);
}

TEST(Process, ThoseThatWaitForeverCanBeListed) {
  Simulation simulation;
  Signal never;
  struct Waits {
    static Process run(Simulation&, Signal& signal) { co_await signal; }
  };
  simulation.spawn(Waits::run(simulation, never), simulation.entity("b"));
  simulation.spawn(Waits::run(simulation, never), simulation.entity("a"));
  double ended = -1.0;
  simulation.spawn(sleeper(simulation, Seconds(1.0), ended), simulation.entity("c"));
  simulation.run();
  EXPECT_EQ(simulation.blocked_processes(), (std::vector<std::string>{"b", "a"}));
  never.trigger();
  simulation.run();
  EXPECT_TRUE(simulation.blocked_processes().empty());
}

TEST(Process, WhatStillWaitsIsDestroyedWithItsSimulation) {
  auto witness = std::make_shared<int>(0);
  struct Waits {
    static Process run(Simulation&, Signal& signal, std::shared_ptr<int>) { co_await signal; }
  };
  {
    Simulation simulation;
    Signal never;  // gone before the process that waits for it
    simulation.spawn(Waits::run(simulation, never, witness));
    simulation.run();
    EXPECT_EQ(witness.use_count(), 2);
  }
  EXPECT_EQ(witness.use_count(), 1);
}

}  // namespace
}  // namespace aifactory::engine
