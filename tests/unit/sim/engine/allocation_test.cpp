// No allocation per event: the global operator new of this program counts.
#include <gtest/gtest.h>

#include <cstdlib>
#include <new>

#include "sim/engine/level.h"
#include "sim/engine/mailbox.h"
#include "sim/engine/process.h"
#include "sim/engine/resource.h"

namespace {
std::uint64_t allocations = 0;
}  // namespace

// Not inlined, because then GCC takes malloc and free for a mismatch.
[[gnu::noinline]] void* operator new(std::size_t bytes) {
  ++allocations;
  if (void* const block = std::malloc(bytes)) {
    return block;
  }
  throw std::bad_alloc();
}
[[gnu::noinline]] void operator delete(void* block) noexcept {
  std::free(block);
}
[[gnu::noinline]] void operator delete(void* block, std::size_t) noexcept {
  std::free(block);
}

namespace aifactory::engine {
namespace {

// A little of everything: each job is a process of its own that queues, works, may give up, sends and receives.
class Shop {
 public:
  Simulation& simulation() { return simulation_; }

  Process clerk() {
    for (;;) {
      const int job = co_await jobs_.get();
      auto fuel = tank_.get(1.0);
      co_await fuel;
      simulation_.spawn(work(job));
    }
  }
  Process work(int job) {
    auto lease = machines_.request(1, job % 3);
    if (co_await any_of(lease, delay(Seconds(0.5))) == 0) {
      co_await delay(Seconds(random_.exponential(0.2)));
    }
    done_.pulse();
  }
  Process observer() {
    for (;;) {
      co_await done_;
      ++finished_;
      auto fuel = tank_.put(1.0);
      co_await fuel;
    }
  }
  void arrive() {
    jobs_.put(++arrived_);
    const std::array<double, 12> payload{};  // too large for a slot
    simulation_.after(Seconds(random_.exponential(0.1)), [this, payload] {
      finished_ += static_cast<int>(payload[0]);
      arrive();
    });
  }

  Simulation simulation_;
  RandomStream random_ = simulation_.stream("shop", "times");
  Resource machines_{2};
  Mailbox<int> jobs_;
  Level tank_{100.0, 50.0};
  Signal done_;
  int arrived_ = 0;
  int finished_ = 0;
};

TEST(Allocation, NoneInSteadyState) {
  Shop shop;
  shop.simulation_.spawn(shop.clerk());
  shop.simulation_.spawn(shop.observer());
  shop.arrive();
  shop.simulation_.run_until(Seconds(1000.0));
  const std::uint64_t events = shop.simulation_.events_executed();
  const std::uint64_t before = allocations;
  shop.simulation_.run_until(Seconds(2000.0));
  EXPECT_EQ(allocations - before, 0U);
  EXPECT_GT(shop.simulation_.events_executed() - events, 40'000U);
  EXPECT_GT(shop.finished_, 5'000);
}

TEST(Allocation, TheCounterCounts) {
  const std::uint64_t before = allocations;
  ::operator delete(::operator new(8));  // called, not a new-expression, which a compiler may leave out
  EXPECT_EQ(allocations - before, 1U);
}

}  // namespace
}  // namespace aifactory::engine
