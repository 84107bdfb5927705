#include "sim/engine/event_queue.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <tuple>

namespace aifactory::engine {
namespace {

SimTime at(int time) {
  return SimTime::from_nanoseconds(time);
}
void ignore(SimTime, Priority, EntityId) {}

void run_all(EventQueue& queue) {
  while (queue.next_time() != SimTime::max()) {
    queue.pop_and_run(ignore);
  }
}

// Against the plainest model: sort what was pushed and not cancelled by (time, priority, order of pushing).
RC_GTEST_PROP(EventQueue, RunsWhatWasNotCancelledInTotalOrder, ()) {
  struct Pushed {
    int time;
    int priority;
    std::size_t order;
    bool cancelled;
    auto key() const { return std::tie(time, priority, order); }
  };
  MemoryPool memory;
  EventQueue queue(memory);
  std::vector<Pushed> pushed;
  std::vector<EventId> ids;
  std::vector<std::size_t> ran;
  const auto count = *rc::gen::inRange<std::size_t>(0, 400);
  for (std::size_t i = 0; i < count; ++i) {
    pushed.push_back({*rc::gen::inRange(0, 20), *rc::gen::inRange(0, 3), i, false});
    ids.push_back(queue.push(at(pushed[i].time), Priority(pushed[i].priority), EntityId::kSimulation,
                             [&ran, i] { ran.push_back(i); }));
    if (*rc::gen::inRange(0, 3) == 0) {
      const auto victim = *rc::gen::inRange<std::size_t>(0, i + 1);
      RC_ASSERT(queue.cancel(ids[victim]) == !pushed[victim].cancelled);
      pushed[victim].cancelled = true;
    }
  }
  std::erase_if(pushed, [](const Pushed& p) { return p.cancelled; });
  RC_ASSERT(queue.size() == pushed.size());
  std::sort(pushed.begin(), pushed.end(), [](const Pushed& a, const Pushed& b) { return a.key() < b.key(); });
  run_all(queue);
  RC_ASSERT(ran.size() == pushed.size());
  for (std::size_t i = 0; i < ran.size(); ++i) {
    RC_ASSERT(ran[i] == pushed[i].order);
  }
}

TEST(EventQueue, CancelledEventsNeverFireAndLeaveNothingBehind) {
  MemoryPool memory;
  EventQueue queue(memory);
  auto witness = std::make_shared<int>(0);
  std::vector<EventId> ids;
  for (int i = 0; i < 10'000; ++i) {
    ids.push_back(queue.push(at(i % 100), Priority::kNormal, EntityId::kSimulation, [witness] { ++*witness; }));
  }
  for (const EventId id : ids) {
    EXPECT_TRUE(queue.pending(id));
    EXPECT_TRUE(queue.cancel(id));
    EXPECT_FALSE(queue.pending(id));
    EXPECT_FALSE(queue.cancel(id));
  }
  EXPECT_EQ(witness.use_count(), 1);
  EXPECT_EQ(queue.size(), 0U);
  EXPECT_EQ(queue.next_time(), SimTime::max());
  EXPECT_EQ(*witness, 0);
}

TEST(EventQueue, AnIdNamesNothingOnceItsSlotIsReused) {
  MemoryPool memory;
  EventQueue queue(memory);
  bool ran = false;
  const EventId old = queue.push(at(1), Priority::kNormal, EntityId::kSimulation, [] {});
  queue.cancel(old);
  const EventId reused = queue.push(at(1), Priority::kNormal, EntityId::kSimulation, [&ran] { ran = true; });
  EXPECT_EQ(reused.slot, old.slot);
  EXPECT_FALSE(queue.cancel(old));
  run_all(queue);
  EXPECT_TRUE(ran);
  EXPECT_FALSE(queue.cancel(EventId{}));
}

TEST(EventQueue, CallablesOfAnySizeAreDestroyedOnceWhetherTheyRanOrNot) {
  auto small = std::make_shared<int>(0);
  auto large = std::make_shared<int>(0);
  const std::array<double, 100> ballast{};
  {
    MemoryPool memory;
    EventQueue queue(memory);
    for (int i = 0; i < 3; ++i) {
      queue.push(at(i), Priority::kNormal, EntityId::kSimulation, [small] { ++*small; });
      queue.push(at(i), Priority::kNormal, EntityId::kSimulation,
                 [large, ballast] { *large += 1 + static_cast<int>(ballast[99]); });
    }
    queue.pop_and_run(ignore);
    queue.pop_and_run(ignore);
    EXPECT_EQ(small.use_count(), 3);
    EXPECT_EQ(large.use_count(), 3);
  }
  EXPECT_EQ(small.use_count(), 1);
  EXPECT_EQ(large.use_count(), 1);
  EXPECT_EQ(*small + *large, 2);
}

TEST(EventQueue, AnEventThatThrowsIsOver) {
  MemoryPool memory;
  EventQueue queue(memory);
  auto witness = std::make_shared<int>(0);
  const EventId id =
      queue.push(at(1), Priority::kNormal, EntityId::kSimulation, [witness] { throw std::runtime_error("no"); });
  EXPECT_EQ(queue.next_time(), at(1));
  EXPECT_THROW(queue.pop_and_run(ignore), std::runtime_error);
  EXPECT_EQ(witness.use_count(), 1);
  EXPECT_FALSE(queue.pending(id));
  EXPECT_EQ(queue.size(), 0U);
}

}  // namespace
}  // namespace aifactory::engine
