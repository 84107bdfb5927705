// A countable thing that processes take and give back: repairers, GPUs of a pool, slots of a batch, ports of a link.
//
//   auto lease = pool.request(8);
//   co_await lease;  // or any_of(lease, delay(patience)), and then look at lease.granted()
//   ...              // lease.release(), or leave the scope
#pragma once

#include <boost/intrusive/list.hpp>
#include <boost/intrusive/set.hpp>
#include <cstdint>

#include "sim/engine/signal.h"

namespace aifactory::engine {

class Resource;

// A request of some units of a resource: waiting, granted or released. Give it a name: it releases when it goes out of
// scope, granted or not. It may outlive its resource; it then holds nothing and is never granted.
class Lease : public boost::intrusive::set_base_hook<>, public boost::intrusive::list_base_hook<> {
  using QueueHook = boost::intrusive::set_base_hook<>;
  using HolderHook = boost::intrusive::list_base_hook<>;

 public:
  Lease(const Lease&) = delete;
  Lease& operator=(const Lease&) = delete;
  ~Lease() { release(); }

  [[nodiscard]] bool granted() const { return granted_.triggered(); }
  // Gives the units back, or leaves the queue. More than once is the same as once.
  void release();

  auto operator co_await() & { return WaitFor<Signal&>(1, granted_); }
  bool arm(WaitNode& waiter) { return granted_.arm(waiter); }

 private:
  friend class Resource;
  Lease(Resource& resource, std::uint64_t units, int rank);

  struct ByRank {
    using type = int;
    int operator()(const Lease& lease) const { return lease.rank_; }
  };

  Resource* resource_;  // only while linked into one of its lists, which end with it
  std::uint64_t units_;
  int rank_;
  Signal granted_;
};

// Leases are granted by rank, smaller first, and in order of request within a rank. The first in the queue is never
// overtaken, even where a smaller request behind it would fit: no starvation.
class Resource {
 public:
  explicit Resource(std::uint64_t capacity) : capacity_(capacity) {}
  Resource(const Resource&) = delete;
  Resource& operator=(const Resource&) = delete;

  [[nodiscard]] Lease request(std::uint64_t units = 1, int rank = 0) { return Lease(*this, units, rank); }

  // May shrink below what is in use (failed parts): nothing is taken away, but nothing is granted until enough is back.
  void set_capacity(std::uint64_t capacity);

  [[nodiscard]] std::uint64_t capacity() const { return capacity_; }
  [[nodiscard]] std::uint64_t in_use() const { return in_use_; }
  [[nodiscard]] std::uint64_t queued() const { return queue_.size(); }  // leases that wait

 private:
  friend class Lease;
  void serve();

  std::uint64_t capacity_;
  std::uint64_t in_use_ = 0;
  boost::intrusive::multiset<Lease, boost::intrusive::key_of_value<Lease::ByRank>> queue_;
  boost::intrusive::list<Lease, boost::intrusive::constant_time_size<false>> holders_;
};

}  // namespace aifactory::engine
