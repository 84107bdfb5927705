// What all contestants share: the increments of simulated time and the measure of work.
#pragma once

#include <cstdint>
#include <cstdio>
#include <ctime>

namespace aifactory::bench {

// Marsaglia's xorshift64: increments for all contestants, at a cost that does not matter.
class Increments {
 public:
  // Uniform over 1 .. 2^20 ns.
  std::int64_t next() {
    state_ ^= state_ << 13;
    state_ ^= state_ >> 7;
    state_ ^= state_ << 17;
    return 1 + static_cast<std::int64_t>(state_ >> 44);
  }

 private:
  std::uint64_t state_ = 88172645463325252U;
};

// CPU time, because the machine may be shared.
inline double cpu_seconds() {
  timespec time{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

// For contestants that are programs of their own: one line on stdout.
template <class Run>
void report(std::uint64_t events, Run&& run) {
  const double start = cpu_seconds();
  run();
  std::printf("%llu %.9f\n", static_cast<unsigned long long>(events), cpu_seconds() - start);
}

}  // namespace aifactory::bench
