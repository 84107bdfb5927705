// A container of a continuous amount: joules in a battery, litres in a tank, bytes of memory, megawatts of headroom.
//
//   auto charge = battery.put(amount);
//   co_await charge;                                              // waits while it does not fit
//   auto draw = battery.get(amount);
//   if (co_await any_of(draw, delay(patience)) == 1) { ... }      // waits while there is not enough
#pragma once

#include <boost/intrusive/list.hpp>
#include <cstddef>

#include "sim/engine/signal.h"

namespace aifactory::engine {

class Level;

// An amount on its way into or out of a level: waiting, or done. Going out of scope it stops waiting; what is done
// stays.
class Transfer : public boost::intrusive::list_base_hook<AutoUnlink> {
 public:
  Transfer(const Transfer&) = delete;
  Transfer& operator=(const Transfer&) = delete;
  ~Transfer();

  [[nodiscard]] bool done() const { return done_.triggered(); }

  auto operator co_await() & { return WaitFor<Signal&>(1, done_); }
  bool arm(WaitNode& waiter) { return done_.arm(waiter); }

 private:
  friend class Level;
  using Queue = boost::intrusive::list<Transfer, boost::intrusive::constant_time_size<false>>;
  Transfer(Level& level, double amount, Queue& queue);

  Level* level_;  // only while it waits in one of its queues, which end with it
  double amount_;
  Signal done_;
};

// 0 <= amount <= capacity, in the unit its owner chooses. Puts are served in order among themselves, gets likewise, and
// all or nothing; the first of each is never overtaken.
class Level {
 public:
  // Throws std::invalid_argument unless 0 <= initial <= capacity.
  Level(double capacity, double initial);
  Level(const Level&) = delete;
  Level& operator=(const Level&) = delete;

  // Throw std::invalid_argument for amounts that are negative, not finite or larger than the capacity.
  [[nodiscard]] Transfer put(double amount);
  [[nodiscard]] Transfer get(double amount);

  [[nodiscard]] double amount() const { return amount_; }
  [[nodiscard]] double capacity() const { return capacity_; }

 private:
  friend class Transfer;
  void serve();

  double capacity_;
  double amount_;
  Transfer::Queue puts_;
  Transfer::Queue gets_;
};

}  // namespace aifactory::engine
