#include "sim/engine/wait.h"

#include <gtest/gtest.h>

#include <string>

#include "sim/engine/process.h"

namespace aifactory::engine {
namespace {

class Waiting : public ::testing::Test {
 public:
  Simulation& simulation() { return simulation_; }

 protected:
  double now() const { return simulation_.now().seconds().value(); }
  Process wait_for(Signal& signal, char name) {
    co_await signal;
    log_ += name;
  }
  Process wait_for_first(Signal& a, Signal& b, Seconds timeout) {
    which_ = co_await any_of(a, b, delay(timeout));
    when_ = now();
  }
  Process wait_for_both(Signal& a, Signal& b) {
    co_await all_of(a, b);
    when_ = now();
  }

  Simulation simulation_;
  Signal a_;
  Signal b_;
  std::string log_;
  std::size_t which_ = 99;
  double when_ = -1.0;
};

TEST_F(Waiting, AOneShotSignalWakesInOrderOfArrivalAndLetsLaterOnesPass) {
  simulation_.spawn(wait_for(a_, 'x'));
  simulation_.spawn(wait_for(a_, 'y'));
  simulation_.after(Seconds(1.0), [&] { a_.trigger(); });
  simulation_.run();
  EXPECT_EQ(log_, "xy");
  simulation_.spawn(wait_for(a_, 'z'));
  simulation_.run();
  EXPECT_EQ(log_, "xyz");
  a_.reset();
  simulation_.spawn(wait_for(a_, '!'));
  simulation_.run();
  EXPECT_EQ(log_, "xyz");
  EXPECT_EQ(a_.waiting(), 1U);
}

TEST_F(Waiting, APulseWakesThoseWhoWaitNowAndNobodyElse) {
  simulation_.spawn(wait_for(a_, 'x'));
  simulation_.after(Seconds(1.0), [&] { a_.pulse(); });
  simulation_.after(Seconds(2.0), [&] { simulation_.spawn(wait_for(a_, 'y')); });
  simulation_.run();
  EXPECT_EQ(log_, "x");
}

TEST_F(Waiting, AnyOfGivesTheFirstAndForgetsTheOthers) {
  simulation_.spawn(wait_for_first(a_, b_, Seconds(10.0)));
  simulation_.after(Seconds(2.0), [&] { b_.trigger(); });
  simulation_.run();
  EXPECT_EQ(which_, 1U);
  EXPECT_EQ(when_, 2.0);
  EXPECT_EQ(now(), 2.0);  // the timeout was cancelled
  EXPECT_EQ(a_.waiting(), 0U);
}

TEST_F(Waiting, AnyOfTimesOut) {
  simulation_.spawn(wait_for_first(a_, b_, Seconds(10.0)));
  simulation_.run();
  EXPECT_EQ(which_, 2U);
  EXPECT_EQ(when_, 10.0);
  EXPECT_EQ(a_.waiting() + b_.waiting(), 0U);
}

TEST_F(Waiting, AnyOfDoesNotWaitForWhatHoldsAlready) {
  b_.trigger();
  simulation_.spawn(wait_for_first(a_, b_, Seconds(10.0)));
  simulation_.run();
  EXPECT_EQ(which_, 1U);
  EXPECT_EQ(when_, 0.0);
  EXPECT_EQ(now(), 0.0);
  EXPECT_EQ(a_.waiting(), 0U);
}

TEST_F(Waiting, AllOfWaitsForTheLast) {
  simulation_.spawn(wait_for_both(a_, b_));
  simulation_.after(Seconds(3.0), [&] { a_.trigger(); });
  simulation_.after(Seconds(2.0), [&] { b_.pulse(); });
  simulation_.run();
  EXPECT_EQ(when_, 3.0);
}

TEST_F(Waiting, AllOfWhatHoldsAlreadyDoesNotWait) {
  a_.trigger();
  b_.trigger();
  simulation_.spawn(wait_for_both(a_, b_));
  simulation_.run();
  EXPECT_EQ(when_, 0.0);
}

TEST_F(Waiting, ProcessesCanBeWaitedForTogether) {
  struct Join {
    static Process run(Waiting& test, ProcessHandle one, ProcessHandle other, double& when) {
      co_await all_of(one, other);
      when = test.simulation().now().seconds().value();
    }
  };
  const ProcessHandle one = simulation_.spawn(wait_for(a_, 'x'));
  const ProcessHandle other = simulation_.spawn(wait_for(b_, 'y'));
  simulation_.spawn(Join::run(*this, one, other, when_));
  simulation_.after(Seconds(1.0), [&] { b_.trigger(); });
  simulation_.after(Seconds(4.0), [&] { a_.trigger(); });
  simulation_.run();
  EXPECT_EQ(when_, 4.0);
}

TEST_F(Waiting, AnInterruptLeavesEveryCondition) {
  ProcessHandle handle = simulation_.spawn(wait_for_first(a_, b_, Seconds(10.0)), simulation_.entity("waiter"));
  simulation_.after(Seconds(1.0), [&] { handle.interrupt("failure"); });
  EXPECT_THROW(simulation_.run(), SimulationError);
  EXPECT_EQ(a_.waiting() + b_.waiting(), 0U);
  simulation_.run();
  EXPECT_EQ(now(), 1.0);
}

TEST_F(Waiting, AKilledProcessLeavesEveryCondition) {
  ProcessHandle handle = simulation_.spawn(wait_for_first(a_, b_, Seconds(10.0)));
  simulation_.after(Seconds(1.0), [&] {
    a_.trigger();  // it is about to wake, and will not
    handle.kill();
  });
  simulation_.run();
  EXPECT_EQ(which_, 99U);
  EXPECT_EQ(b_.waiting(), 0U);
  EXPECT_EQ(now(), 1.0);
}

TEST_F(Waiting, ASignalMayGoBeforeThoseWhoWaitForIt) {
  {
    Signal brief;
    simulation_.spawn(wait_for(brief, 'x'));
    simulation_.run();
  }
  EXPECT_EQ(simulation_.blocked_processes().size(), 1U);
}

}  // namespace
}  // namespace aifactory::engine
