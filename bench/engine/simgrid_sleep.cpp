// Actors of SimGrid that sleep. Arguments: actors, sleeps in all. Prints sleeps and CPU seconds.
#include <cstdio>
#include <cstdlib>
#include <simgrid/s4u.hpp>
#include <string>

#include "bench/engine/contestant.h"

int main(int argc, char** argv) {
  if (argc != 3) {
    return 2;
  }
  simgrid::s4u::Engine engine(&argc, argv);
  auto* const zone = simgrid::s4u::create_full_zone("zone");
  auto* const host = zone->create_host("host", 1e9);
  zone->seal();
  const long actors = std::atol(argv[1]);
  const long sleeps_each = std::atol(argv[2]) / actors;
  aifactory::bench::Increments increments;
  for (long i = 0; i < actors; ++i) {
    simgrid::s4u::Actor::create("sleeper", host, [&increments, sleeps_each] {
      for (long sleep = 0; sleep < sleeps_each; ++sleep) {
        simgrid::s4u::this_actor::sleep_for(1e-9 * static_cast<double>(increments.next()));
      }
    });
  }
  aifactory::bench::report(static_cast<std::uint64_t>(actors * sleeps_each), [&engine] { engine.run(); });
}
