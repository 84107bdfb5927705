// A queue of values between processes: requests to a replica, work to a pool, results to their owner.
//
//   mailbox.put(value);                       // never waits
//   Value value = co_await mailbox.get();     // waits while the mailbox is empty
//
//   auto receipt = mailbox.get();             // with a time-out
//   if (co_await any_of(receipt, delay(patience)) == 0) { use(receipt.take()); }
#pragma once

#include <boost/circular_buffer.hpp>
#include <boost/intrusive/list.hpp>
#include <cstddef>
#include <optional>
#include <utility>

#include "sim/engine/signal.h"

namespace aifactory::engine {

template <class T>
class Mailbox;

// The wish for one value. A value that was delivered to it but not taken when it goes out of scope (its process was
// killed or interrupted, or gave up) returns to the front of the mailbox.
template <class T>
class [[nodiscard]] Receipt : public boost::intrusive::list_base_hook<AutoUnlink> {
 public:
  Receipt(const Receipt&) = delete;
  Receipt& operator=(const Receipt&) = delete;
  ~Receipt() {
    if (value_ && this->is_linked()) {
      mailbox_->put_back(std::move(*value_));
    }
  }

  [[nodiscard]] bool delivered() const { return value_.has_value(); }
  // Requires delivered().
  T take() {
    this->unlink();
    return *std::exchange(value_, std::nullopt);
  }

  auto operator co_await() {
    struct Taking : WaitFor<Signal&> {
      explicit Taking(Receipt& from) : WaitFor<Signal&>(1, from.delivered_), receipt(from) {}
      T await_resume() {
        WaitFor<Signal&>::await_resume();
        return receipt.take();
      }
      Receipt& receipt;
    };
    return Taking(*this);
  }
  bool arm(WaitNode& waiter) { return delivered_.arm(waiter); }

 private:
  friend class Mailbox<T>;
  explicit Receipt(Mailbox<T>& mailbox) : mailbox_(&mailbox) { mailbox.serve(*this); }

  Mailbox<T>* mailbox_;  // only while linked into one of its lists, which end with it
  std::optional<T> value_;
  Signal delivered_;
};

// Values come out in the order they were put in, to receivers in the order they asked.
template <class T>
class Mailbox {
 public:
  Mailbox() = default;
  Mailbox(const Mailbox&) = delete;
  Mailbox& operator=(const Mailbox&) = delete;

  void put(T value) {
    if (!receivers_.empty()) {
      deliver(receivers_.front(), std::move(value));
    } else {
      make_room();
      values_.push_back(std::move(value));
    }
  }
  Receipt<T> get() { return Receipt<T>(*this); }

  [[nodiscard]] std::size_t size() const { return values_.size(); }
  [[nodiscard]] bool empty() const { return values_.empty(); }
  [[nodiscard]] std::size_t waiting() const { return receivers_.size(); }

 private:
  friend class Receipt<T>;

  void serve(Receipt<T>& receipt) {
    if (values_.empty()) {
      receivers_.push_back(receipt);
    } else {
      deliver(receipt, std::move(values_.front()));
      values_.pop_front();
    }
  }
  void deliver(Receipt<T>& receipt, T&& value) {
    receipt.unlink();
    delivered_.push_back(receipt);
    receipt.value_.emplace(std::move(value));
    receipt.delivered_.trigger();
  }
  void put_back(T&& value) {
    if (!receivers_.empty()) {
      deliver(receivers_.front(), std::move(value));
    } else {
      make_room();
      values_.push_front(std::move(value));
    }
  }
  void make_room() {
    if (values_.full()) {
      values_.set_capacity(values_.capacity() == 0 ? 8 : 2 * values_.capacity());
    }
  }

  using Receipts = boost::intrusive::list<Receipt<T>, boost::intrusive::constant_time_size<false>>;

  boost::circular_buffer<T> values_;
  Receipts receivers_;  // in order of asking
  Receipts delivered_;  // but not taken yet
};

}  // namespace aifactory::engine
