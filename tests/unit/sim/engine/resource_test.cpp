#include "sim/engine/resource.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>

#include "sim/engine/process.h"

namespace aifactory::engine {
namespace {

class Pool : public ::testing::Test {
 public:
  Simulation& simulation() { return simulation_; }

 protected:
  Process use(char name, std::uint64_t units, int rank, Seconds duration) {
    auto lease = pool_.request(units, rank);
    co_await lease;
    log_ += name;
    co_await delay(duration);
  }
  Process try_for(Seconds patience) {
    auto lease = pool_.request();
    co_await any_of(lease, delay(patience));
    log_ += lease.granted() ? '+' : '-';
  }

  Simulation simulation_;
  Resource pool_{2};
  std::string log_;
};

TEST_F(Pool, GrantsInOrderOfRequest) {
  for (const char name : {'a', 'b', 'c', 'd'}) {
    simulation_.spawn(use(name, 1, 0, Seconds(1.0)));
  }
  simulation_.run_until(Seconds(0.5));
  EXPECT_EQ(log_, "ab");
  EXPECT_EQ(pool_.in_use(), 2U);
  EXPECT_EQ(pool_.queued(), 2U);
  simulation_.run();
  EXPECT_EQ(log_, "abcd");
  EXPECT_EQ(simulation_.now(), SimTime(Seconds(2.0)));
  EXPECT_EQ(pool_.in_use(), 0U);
}

TEST_F(Pool, GrantsByRankAndInOrderWithinOne) {
  simulation_.spawn(use('a', 2, 0, Seconds(1.0)));
  simulation_.spawn(use('x', 2, 5, Seconds(1.0)));
  simulation_.spawn(use('b', 2, 1, Seconds(1.0)));
  simulation_.spawn(use('c', 2, 1, Seconds(1.0)));
  simulation_.spawn(use('!', 2, -1, Seconds(1.0)));
  simulation_.run();
  EXPECT_EQ(log_, "a!bcx");
}

TEST_F(Pool, TheFirstInTheQueueIsNotOvertakenBySmallerRequests) {
  simulation_.spawn(use('a', 1, 0, Seconds(1.0)));
  simulation_.spawn(use('b', 2, 0, Seconds(1.0)));
  simulation_.spawn(use('c', 1, 0, Seconds(1.0)));
  simulation_.run();
  EXPECT_EQ(log_, "abc");
  EXPECT_EQ(simulation_.now(), SimTime(Seconds(3.0)));
}

TEST_F(Pool, GivingUpLeavesTheQueueAndLetsTheNextIn) {
  simulation_.spawn(use('a', 2, 0, Seconds(4.0)));
  simulation_.spawn(try_for(Seconds(1.0)));
  simulation_.spawn(try_for(Seconds(5.0)));
  simulation_.run();
  EXPECT_EQ(log_, "a-+");
  EXPECT_EQ(pool_.in_use(), 0U);
  EXPECT_EQ(pool_.queued(), 0U);
}

TEST_F(Pool, KillingTheHolderReleasesAndKillingTheFirstInTheQueueServesTheNext) {
  ProcessHandle holder = simulation_.spawn(use('a', 2, 0, Seconds(100.0)));
  ProcessHandle first = simulation_.spawn(use('b', 2, 0, Seconds(1.0)));
  simulation_.spawn(use('c', 1, 0, Seconds(1.0)));
  simulation_.after(Seconds(1.0), [&] {
    holder.kill();
    first.kill();  // granted at this very instant, but it has not continued yet
  });
  simulation_.run();
  EXPECT_EQ(log_, "ac");
  EXPECT_EQ(simulation_.now(), SimTime(Seconds(2.0)));
  EXPECT_EQ(pool_.in_use(), 0U);
}

TEST_F(Pool, ShrinkingTakesNothingAwayButGrantsNothingUntilEnoughIsBack) {
  simulation_.spawn(use('a', 1, 0, Seconds(1.0)));
  simulation_.spawn(use('b', 1, 0, Seconds(2.0)));
  simulation_.spawn(use('c', 1, 0, Seconds(1.0)));
  simulation_.after(Seconds(0.5), [&] { pool_.set_capacity(1); });
  simulation_.run_until(Seconds(1.5));
  EXPECT_EQ(log_, "ab");
  simulation_.run_until(Seconds(2.0));
  EXPECT_EQ(log_, "abc");
  simulation_.spawn(use('d', 1, 0, Seconds(1.0)));
  simulation_.after(Seconds(0.5), [&] { pool_.set_capacity(2); });
  simulation_.run_until(Seconds(2.5));
  EXPECT_EQ(log_, "abcd");
}

TEST_F(Pool, ReleasingTwiceIsReleasingOnce) {
  auto lease = pool_.request(2);
  EXPECT_TRUE(lease.granted());
  lease.release();
  lease.release();
  EXPECT_FALSE(lease.granted());
  EXPECT_EQ(pool_.in_use(), 0U);
}

TEST_F(Pool, MayGoBeforeItsLeases) {
  std::optional<Resource> brief(std::in_place, 1);
  auto held = brief->request();
  auto waiting = brief->request();
  brief.reset();
  EXPECT_TRUE(held.granted());
  EXPECT_FALSE(waiting.granted());
}

}  // namespace
}  // namespace aifactory::engine
