// What must not depend on anything but the model and its seed.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <numeric>
#include <string>
#include <vector>

#include "sim/engine/process.h"
#include "sim/engine/resource.h"

namespace aifactory::engine {
namespace {

// Little's law needs no steady state: over a period that starts and ends empty, the area under the number in the system
// *is* the sum of the times in it. In whole nanoseconds both are exact.
TEST(SamplePath, LittlesLawHoldsToTheNanosecond) {
  struct Station {
    Simulation own{{.seed = 5}};
    Resource servers{2};
    RandomStream random = own.stream("station", "times");
    TimeWeighted in_system;
    std::int64_t times_ns = 0;
    Simulation& simulation() { return own; }
    Process customer() {
      const SimTime arrived = own.now();
      in_system.add(arrived, 1.0);
      auto server = servers.request();
      co_await server;
      co_await delay(Seconds(random.gamma(0.5, 2.0)));
      in_system.add(own.now(), -1.0);
      times_ns += (own.now() - arrived).nanoseconds();
    }
    Process arrivals() {
      for (int i = 0; i < 3000; ++i) {
        co_await delay(Seconds(random.lognormal(-1.0, 1.0)));
        own.spawn(customer());
      }
    }
  } station;
  station.own.spawn(station.arrivals());
  station.own.run();
  EXPECT_EQ(station.in_system.value(), 0.0);
  ASSERT_LT(station.times_ns, std::int64_t{1} << 53);
  EXPECT_EQ(station.in_system.integral(station.own.now()), static_cast<double>(station.times_ns) / 1e9);
}

// Events that differ in time or priority happen in the same order however they were scheduled.
RC_GTEST_PROP(Determinism, TheOrderOfEventsDoesNotDependOnTheOrderOfScheduling, ()) {
  std::vector<int> events(*rc::gen::inRange<std::size_t>(1, 200));
  std::iota(events.begin(), events.end(), 0);
  const auto run = [](const std::vector<int>& scheduled) {
    Simulation simulation;
    std::vector<int> log;
    for (const int event : scheduled) {
      simulation.at(
          SimTime::from_nanoseconds(event / 4), [&log, event] { log.push_back(event); }, Priority(event % 4),
          simulation.entity("e" + std::to_string(event)));
    }
    simulation.run();
    return std::pair(log, simulation.fingerprint());
  };
  const auto expected = run(events);
  for (std::size_t i = events.size(); i-- > 1;) {
    std::swap(events[i], events[*rc::gen::inRange<std::size_t>(0, i + 1)]);
  }
  RC_ASSERT(run(events) == expected);
  RC_ASSERT(std::is_sorted(expected.first.begin(), expected.first.end()));
}

// A small factory: machines with their own luck share repairmen.
struct Factory {
  explicit Factory(std::uint64_t seed) : own({.seed = seed}) {}

  Simulation& simulation() { return own; }
  void add(const std::string& name) { own.spawn(machine(name, own.stream(name, "failures")), own.entity(name)); }
  Process machine(std::string name, RandomStream random) {
    for (;;) {
      co_await delay(Seconds(random.weibull(1.5, 100.0)));
      failures.push_back(name + "@" + std::to_string(own.now().nanoseconds()));
      auto lease = repairmen.request();
      co_await lease;
      co_await delay(Seconds(1e-6 * random.exponential(1.0)));
    }
  }

  Simulation own;
  Resource repairmen{1};
  std::vector<std::string> failures;
};

TEST(Determinism, TheSameRunHasTheSameFingerprintAndAnotherSeedAnother) {
  const auto fingerprint = [](std::uint64_t seed) {
    Factory factory(seed);
    factory.add("machine/0");
    factory.add("machine/1");
    factory.own.run_until(Seconds(10'000.0));
    return factory.own.fingerprint();
  };
  EXPECT_EQ(fingerprint(1), fingerprint(1));
  EXPECT_NE(fingerprint(1), fingerprint(2));
}

TEST(Determinism, TheFingerprintSeesTimePriorityAndEntity) {
  const auto fingerprint = [](SimTime time, Priority priority, std::string_view entity) {
    Simulation simulation;
    simulation.at(
        time, [] {}, priority, simulation.entity(entity));
    simulation.run();
    return simulation.fingerprint();
  };
  const auto base = fingerprint(Seconds(1.0), Priority::kNormal, "a");
  EXPECT_NE(base, fingerprint(Seconds(2.0), Priority::kNormal, "a"));
  EXPECT_NE(base, fingerprint(Seconds(1.0), Priority::kSample, "a"));
  EXPECT_NE(base, fingerprint(Seconds(1.0), Priority::kNormal, "b"));
}

TEST(Determinism, AnEntityHasTheSameLuckWhateverElseExists) {
  const auto failures_of_zero = [](const std::vector<std::string>& machines) {
    Factory factory(9);
    for (const auto& name : machines) {
      factory.add(name);
    }
    // Repairs take microseconds, so that sharing repairmen moves nobody's failures by as much as one of them lasts.
    factory.own.run_until(Seconds(3'000.0));
    std::vector<std::string> own;
    for (const auto& failure : factory.failures) {
      if (failure.rfind("machine/0@", 0) == 0) {
        own.push_back(failure);
      }
    }
    return own;
  };
  const auto alone = failures_of_zero({"machine/0"});
  EXPECT_GT(alone.size(), 10U);
  EXPECT_EQ(failures_of_zero({"machine/1", "machine/0", "machine/2"}), alone);
  EXPECT_EQ(failures_of_zero({"machine/2", "machine/7", "machine/0"}), alone);
}

}  // namespace
}  // namespace aifactory::engine
