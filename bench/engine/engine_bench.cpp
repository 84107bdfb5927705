// Rates of the event core alone, for profiling; compare.cpp holds it against others.
#include <benchmark/benchmark.h>

#include "bench/engine/workloads.h"

namespace aifactory::bench {
namespace {

template <class Load>
void hold(benchmark::State& state) {
  constexpr std::uint64_t kBatch = 100'000;
  Load load(static_cast<std::uint64_t>(state.range(0)));
  for (auto _ : state) {
    load.run(kBatch);
  }
  benchmark::DoNotOptimize(load.checksum());
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(kBatch));
}
BENCHMARK(hold<BareQueue>)->Arg(1'000)->Arg(20'000)->Arg(100'000);
BENCHMARK(hold<EngineEvents>)->Arg(1'000)->Arg(20'000)->Arg(100'000);
BENCHMARK(hold<EngineProcesses>)->Arg(1'000)->Arg(20'000)->Arg(100'000);

// A timeout set and cancelled per event: the common fate of timeouts.
void cancelled_timeouts(benchmark::State& state) {
  engine::Simulation simulation;
  Increments increments;
  for (auto _ : state) {
    const auto timeout = simulation.after(Seconds(1.0), [] {});
    simulation.after(engine::SimTime::from_nanoseconds(increments.next()), [] {});
    simulation.cancel(timeout);
    simulation.run();
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(cancelled_timeouts);

void process_life(benchmark::State& state) {
  struct Life {
    static engine::Process brief(engine::Simulation&) { co_await engine::delay(Seconds(1e-6)); }
  };
  engine::Simulation simulation;
  for (auto _ : state) {
    simulation.spawn(Life::brief(simulation));
    simulation.run();
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(process_life);

void draw_exponential(benchmark::State& state) {
  engine::RandomStream random(1, "bench", "draws");
  for (auto _ : state) {
    benchmark::DoNotOptimize(random.exponential(1.0));
  }
}
BENCHMARK(draw_exponential);

void draw_normal(benchmark::State& state) {
  engine::RandomStream random(1, "bench", "draws");
  for (auto _ : state) {
    benchmark::DoNotOptimize(random.normal(0.0, 1.0));
  }
}
BENCHMARK(draw_normal);

}  // namespace
}  // namespace aifactory::bench

BENCHMARK_MAIN();
