#include "sim/engine/simulation.h"

#include <gtest/gtest.h>

#include <string>

#include "sim/engine/process.h"

namespace aifactory::engine {
namespace {

TEST(Simulation, EventsOfOneInstantHappenByPriorityThenInOrderOfScheduling) {
  Simulation simulation;
  std::string log;
  simulation.after(Seconds(1.0), [&] { log += 'c'; });
  simulation.after(Seconds(1.0), [&] { log += 'd'; });
  simulation.after(
      Seconds(1.0), [&] { log += 'e'; }, Priority::kSample);
  simulation.after(
      Seconds(1.0), [&] { log += 'a'; }, Priority::kFailure);
  simulation.after(
      Seconds(1.0), [&] { log += 'b'; }, Priority{250});
  simulation.run();
  EXPECT_EQ(log, "abcde");
}

TEST(Simulation, RunUntilIncludesItsEndAndLeavesTheClockThere) {
  Simulation simulation;
  int happened = 0;
  simulation.after(Seconds(1.0), [&] { ++happened; });
  simulation.after(Seconds(2.0), [&] { ++happened; });
  simulation.run_until(Seconds(1.0));
  EXPECT_EQ(happened, 1);
  simulation.run_until(Seconds(1.5));
  EXPECT_EQ(simulation.now(), SimTime(Seconds(1.5)));
  EXPECT_EQ(happened, 1);
  simulation.run();
  EXPECT_EQ(happened, 2);
  EXPECT_EQ(simulation.now(), SimTime(Seconds(2.0)));
  EXPECT_THROW(simulation.run_until(Seconds(1.0)), std::invalid_argument);
}

TEST(Simulation, StopsAfterThePresentEventAndGoesOn) {
  Simulation simulation;
  int happened = 0;
  for (int i = 0; i < 3; ++i) {
    simulation.after(Seconds(1.0), [&] {
      ++happened;
      simulation.stop();
    });
  }
  simulation.run_until(Seconds(5.0));
  EXPECT_EQ(happened, 1);
  EXPECT_EQ(simulation.now(), SimTime(Seconds(1.0)));
  simulation.run();
  EXPECT_EQ(happened, 2);
}

TEST(Simulation, ThePastAndTheEndOfTimeAreRefused) {
  Simulation simulation;
  simulation.run_until(Seconds(10.0));
  EXPECT_THROW(simulation.at(Seconds(9.0), [] {}), std::invalid_argument);
  EXPECT_THROW(simulation.after(Seconds(-1.0), [] {}), std::invalid_argument);
  EXPECT_THROW(simulation.after(SimTime::max(), [] {}), std::invalid_argument);
  EXPECT_THROW(simulation.at(SimTime::max(), [] {}), std::invalid_argument);
  EXPECT_NO_THROW(simulation.at(Seconds(10.0), [] {}));
}

TEST(Simulation, ErrorsSayWhenAndWhereAndKeepTheirCause) {
  Simulation simulation;
  const EntityId rack = simulation.entity("site/0/rack/3");
  // The event that throws belongs to the entity of the event that scheduled it.
  simulation.at(
      Seconds(1.0), [&] { simulation.after(Seconds(0.5), [] { throw std::out_of_range("no such tray"); }); },
      Priority::kNormal, rack);
  try {
    simulation.run();
    FAIL();
  } catch (const SimulationError& error) {
    EXPECT_EQ(error.time(), SimTime(Seconds(1.5)));
    EXPECT_EQ(error.entity(), "site/0/rack/3");
    EXPECT_STREQ(error.what(), "at 1.5 s, in site/0/rack/3: no such tray");
    EXPECT_THROW(error.rethrow_nested(), std::out_of_range);
  }
}

TEST(Simulation, RunawayModelsHitTheEventLimit) {
  Simulation simulation({.event_limit = 1000});
  struct Again {
    Simulation& simulation;
    void operator()() const { simulation.after(SimTime(), Again{simulation}); }
  };
  simulation.after(SimTime(), Again{simulation});
  EXPECT_THROW(simulation.run(), SimulationError);
  EXPECT_EQ(simulation.events_executed(), 1000U);
}

TEST(Simulation, CannotBeRunFromInside) {
  Simulation simulation;
  simulation.after(SimTime(), [&] { simulation.run(); });
  EXPECT_THROW(simulation.run(), SimulationError);
}

TEST(Simulation, EntityIdsDependOnThePathAlone) {
  Simulation one;
  Simulation other;
  const EntityId rack = one.entity("rack/1");
  for (int i = 0; i < 100; ++i) {
    other.entity("tray/" + std::to_string(i));
  }
  EXPECT_EQ(other.entity("rack/1"), rack);
  EXPECT_EQ(other.path(rack), "rack/1");
  EXPECT_EQ(one.entity(""), EntityId::kSimulation);
  EXPECT_EQ(one.path(EntityId::kSimulation), "");
}

TEST(Simulation, EqualHashesOfEntityPathsStillGiveDifferentIds) {
  Simulation simulation;
  std::vector<EntityId> ids;
  for (int i = 0; i < 200'000; ++i) {  // about five pairs of 32-bit hashes collide
    ids.push_back(simulation.entity("e" + std::to_string(i)));
  }
  for (int i = 0; i < 200'000; ++i) {
    ASSERT_EQ(simulation.path(ids[static_cast<std::size_t>(i)]), "e" + std::to_string(i));
  }
}

TEST(Simulation, TellsItsTraceSinkAndNobodyIfThereIsNone) {
  MemoryTrace trace;
  Simulation simulation({.trace = &trace});
  simulation.trace().span("rack/0", "busy", Seconds(1.0), Seconds(2.0));
  simulation.trace().counter("rack/0", "power", Seconds(1.0), 132e3);
  simulation.trace().instant("rack/0", "failed", Seconds(2.0));
  ASSERT_EQ(trace.records().size(), 3U);
  EXPECT_EQ(trace.records()[0].end, SimTime(Seconds(2.0)));
  EXPECT_EQ(trace.records()[1].value, 132e3);
  EXPECT_EQ(trace.records()[2].name, "failed");
  Simulation().trace().instant("rack/0", "failed", SimTime());
}

TEST(Registry, NamesAStatisticOnceWithItsUnitAndMeaning) {
  Simulation simulation;
  simulation.registry().add<Counter>("requests", "1", "Requests that arrived.").add();
  simulation.registry().add<Counter>("requests", "1", "Requests that arrived.").add(2.0);
  simulation.registry().add("queue", "1", "Requests that wait.", TimeWeighted(Seconds(1.0))).set(Seconds(2.0), 4.0);
  ASSERT_EQ(simulation.registry().all().size(), 2U);
  const auto& [name, statistic] = *simulation.registry().all().rbegin();
  EXPECT_EQ(name, "requests");
  EXPECT_EQ(statistic.doc, "Requests that arrived.");
  EXPECT_EQ(std::get<Counter>(statistic.value).total(), 3.0);
  EXPECT_THROW(simulation.registry().add<Counter>("requests", "s", ""), std::logic_error);
  EXPECT_THROW(simulation.registry().add<Quantiles>("requests", "1", ""), std::logic_error);
}

}  // namespace
}  // namespace aifactory::engine
