#include "sim/engine/mailbox.h"

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>

#include "sim/engine/process.h"

namespace aifactory::engine {
namespace {

class Post : public ::testing::Test {
 public:
  Simulation& simulation() { return simulation_; }

 protected:
  Process receive(char name, int count) {
    for (int i = 0; i < count; ++i) {
      const int value = co_await box_.get();
      log_ += name + std::to_string(value) + " ";
    }
  }
  Process receive_within(Seconds patience) {
    auto receipt = box_.get();
    if (co_await any_of(receipt, delay(patience)) == 0) {
      log_ += "in time " + std::to_string(receipt.take()) + " ";
    } else {
      log_ += "late ";
    }
  }

  Simulation simulation_;
  Mailbox<int> box_;
  std::string log_;
};

TEST_F(Post, ValuesKeepTheirOrder) {
  for (int i = 0; i < 20; ++i) {
    box_.put(i);
  }
  EXPECT_EQ(box_.size(), 20U);
  simulation_.spawn(receive('a', 20));
  simulation_.run();
  std::string expected;
  for (int i = 0; i < 20; ++i) {
    expected += "a" + std::to_string(i) + " ";
  }
  EXPECT_EQ(log_, expected);
  EXPECT_TRUE(box_.empty());
}

TEST_F(Post, ReceiversAreServedInTheOrderTheyAsked) {
  simulation_.spawn(receive('a', 2));
  simulation_.spawn(receive('b', 1));
  simulation_.after(Seconds(1.0), [&] {
    box_.put(1);
    box_.put(2);
  });
  simulation_.after(Seconds(2.0), [&] { box_.put(3); });
  simulation_.run();
  EXPECT_EQ(log_, "a1 b2 a3 ");
}

TEST_F(Post, AReceiverMayTimeOutAndLosesNothing) {
  simulation_.spawn(receive_within(Seconds(1.0)));
  simulation_.spawn(receive_within(Seconds(3.0)));
  simulation_.after(Seconds(2.0), [&] {
    box_.put(7);
    box_.put(8);
  });
  simulation_.run();
  EXPECT_EQ(log_, "late in time 7 ");
  EXPECT_EQ(box_.size(), 1U);
}

TEST_F(Post, WhatWasDeliveredToAKilledReceiverGoesToTheNext) {
  ProcessHandle first = simulation_.spawn(receive('a', 1));
  simulation_.spawn(receive('b', 2));
  simulation_.after(Seconds(1.0), [&] {
    box_.put(1);
    first.kill();  // before it could continue
    box_.put(2);
  });
  simulation_.run();
  EXPECT_EQ(log_, "b1 b2 ");
}

TEST_F(Post, WhatWasDeliveredToAnInterruptedReceiverReturnsToTheFront) {
  ProcessHandle first = simulation_.spawn(receive('a', 1));
  simulation_.after(Seconds(1.0), [&] {
    box_.put(1);
    box_.put(2);
    first.interrupt("failure");
  });
  EXPECT_THROW(simulation_.run(), SimulationError);
  EXPECT_EQ(box_.size(), 2U);
  simulation_.spawn(receive('b', 2));
  simulation_.run();
  EXPECT_EQ(log_, "b1 b2 ");
}

TEST_F(Post, MayGoBeforeItsReceipts) {
  std::optional<Mailbox<std::unique_ptr<int>>> brief(std::in_place);
  brief->put(std::make_unique<int>(1));
  auto delivered = brief->get();
  auto waiting = brief->get();
  brief.reset();
  EXPECT_TRUE(delivered.delivered());
  EXPECT_FALSE(waiting.delivered());
}

}  // namespace
}  // namespace aifactory::engine
