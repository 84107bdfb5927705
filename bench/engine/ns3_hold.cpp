// The hold model on ns-3's default scheduler. Arguments: pending events, events. Prints events and CPU seconds.
#include <ns3/nstime.h>
#include <ns3/simulator.h>

#include <cstdio>
#include <cstdlib>

#include "bench/engine/contestant.h"

namespace {
aifactory::bench::Increments increments;
std::uint64_t events_left = 0;

void schedule() {
  if (events_left > 0 && --events_left == 0) {
    ns3::Simulator::Stop();
  }
  ns3::Simulator::Schedule(ns3::NanoSeconds(increments.next()), &schedule);
}
}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    return 2;
  }
  for (long i = std::atol(argv[1]); i > 0; --i) {
    schedule();
  }
  events_left = static_cast<std::uint64_t>(std::atoll(argv[2]));
  aifactory::bench::report(events_left, [] { ns3::Simulator::Run(); });
  ns3::Simulator::Destroy();
}
