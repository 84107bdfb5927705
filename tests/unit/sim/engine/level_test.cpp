#include "sim/engine/level.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>

#include "sim/engine/process.h"

namespace aifactory::engine {
namespace {

class Tank : public ::testing::Test {
 public:
  Simulation& simulation() { return simulation_; }

 protected:
  Process get(char name, double amount) {
    auto draw = tank_.get(amount);
    co_await draw;
    log_ += name;
  }
  Process put(char name, double amount) {
    auto fill = tank_.put(amount);
    co_await fill;
    log_ += name;
  }
  Process get_within(double amount, Seconds patience) {
    auto draw = tank_.get(amount);
    co_await any_of(draw, delay(patience));
    log_ += draw.done() ? '+' : '-';
  }

  Simulation simulation_;
  Level tank_{10.0, 4.0};
  std::string log_;
};

TEST_F(Tank, GetsWaitForEnoughAndAreNotOvertaken) {
  simulation_.spawn(get('a', 6.0));
  simulation_.spawn(get('b', 1.0));
  simulation_.run();
  EXPECT_EQ(log_, "");
  simulation_.spawn(put('+', 3.0));
  simulation_.run();
  EXPECT_EQ(tank_.amount(), 0.0);
  EXPECT_EQ(log_, "+ab");
}

TEST_F(Tank, PutsWaitForRoom) {
  simulation_.spawn(put('x', 8.0));
  simulation_.spawn(put('y', 1.0));
  simulation_.run();
  EXPECT_EQ(log_, "");
  simulation_.spawn(get('-', 3.0));
  simulation_.run();
  EXPECT_EQ(tank_.amount(), 10.0);
  EXPECT_EQ(log_.size(), 3U);
}

TEST_F(Tank, GivingUpLetsTheNextIn) {
  simulation_.spawn(get_within(9.0, Seconds(1.0)));
  simulation_.spawn(get('b', 4.0));
  simulation_.run();
  EXPECT_EQ(log_, "-b");
  EXPECT_EQ(tank_.amount(), 0.0);
}

TEST_F(Tank, RefusesWhatCanNeverBe) {
  EXPECT_THROW(static_cast<void>(tank_.get(11.0)), std::invalid_argument);
  EXPECT_THROW(static_cast<void>(tank_.put(-1.0)), std::invalid_argument);
  EXPECT_THROW(Level(1.0, 2.0), std::invalid_argument);
}

TEST_F(Tank, MayGoBeforeItsTransfers) {
  std::optional<Level> brief(std::in_place, 1.0, 0.0);
  auto waiting = brief->get(1.0);
  brief.reset();
  EXPECT_FALSE(waiting.done());
}

}  // namespace
}  // namespace aifactory::engine
