#include "sim/engine/level.h"

#include <stdexcept>

namespace aifactory::engine {

Transfer::Transfer(Level& level, double amount, Queue& queue) : level_(&level), amount_(amount) {
  if (!(amount >= 0.0 && amount <= level.capacity())) {
    throw std::invalid_argument("an amount moved into or out of a level lies between 0 and its capacity");
  }
  queue.push_back(*this);
  level.serve();
}

Transfer::~Transfer() {
  if (is_linked()) {
    unlink();
    level_->serve();
  }
}

Level::Level(double capacity, double initial) : capacity_(capacity), amount_(initial) {
  if (!(initial >= 0.0 && initial <= capacity)) {
    throw std::invalid_argument("a level starts between 0 and its capacity");
  }
}

Transfer Level::put(double amount) {
  return {*this, amount, puts_};
}
Transfer Level::get(double amount) {
  return {*this, amount, gets_};
}

void Level::serve() {
  const auto finish_first = [](Transfer::Queue& queue) {
    Transfer& first = queue.front();
    queue.pop_front();
    first.done_.trigger();
  };
  for (bool moved = true; moved;) {
    moved = false;
    if (!puts_.empty() && amount_ + puts_.front().amount_ <= capacity_) {
      amount_ += puts_.front().amount_;
      finish_first(puts_);
      moved = true;
    }
    if (!gets_.empty() && gets_.front().amount_ <= amount_) {
      amount_ -= gets_.front().amount_;
      finish_first(gets_);
      moved = true;
    }
  }
}

}  // namespace aifactory::engine
