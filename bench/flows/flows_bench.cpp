// Absolute times of building topologies, generating patterns and solving them.
#include <benchmark/benchmark.h>

#include "models/fabric/collective.h"
#include "models/fabric/topology.h"
#include "sim/study/flows.h"

namespace aifactory {
namespace {

FlowRequest request(FlowPattern pattern, std::uint32_t hosts) {
  FlowRequest result;
  result.pattern = pattern;
  result.topology.shape = "clos3";
  result.topology.hosts = hosts;
  return result;
}

void BuildFatTree(benchmark::State& state) {
  TopologySpec spec;
  spec.shape = "clos3";
  spec.hosts = static_cast<std::uint32_t>(state.range(0));
  for (auto _ : state) {
    benchmark::DoNotOptimize(make_topology(spec));
  }
}
BENCHMARK(BuildFatTree)->Arg(1024)->Arg(8192)->Arg(65536)->Unit(benchmark::kMillisecond);

void SolvePattern(benchmark::State& state) {
  const FlowCase flows =
      generate_flow_case(request(static_cast<FlowPattern>(state.range(0)), static_cast<std::uint32_t>(state.range(1))));
  FlowTimes times;
  for (auto _ : state) {
    times = solve_flow_case(flows);
  }
  state.counters["flows"] = static_cast<double>(flows.ids.size());
  state.counters["levels_per_event"] = static_cast<double>(times.levels_solved) / static_cast<double>(times.events);
}
BENCHMARK(SolvePattern)
    ->ArgNames({"pattern", "hosts"})
    ->Args({0, 1024})
    ->Args({0, 8192})
    ->Args({0, 65536})
    ->Args({0, 524288})
    ->Args({1, 1024})
    ->Args({1, 8192})
    ->Args({2, 32})
    ->Args({2, 54})
    ->Unit(benchmark::kMillisecond);

void PriceRingAllReduce(benchmark::State& state) {
  System system;
  system.accelerator.family = "hopper";
  system.accelerator.scale_up_bandwidth = BytesPerSecond(450e9);
  system.accelerator.scale_up_domain = 8;
  system.accelerator.scale_out_bandwidth = BytesPerSecond(50e9);
  for (auto _ : state) {
    benchmark::DoNotOptimize(
        collective_time(Collective::kAllReduce, Bytes(0x1p30), levels_for(system, static_cast<int>(state.range(0)))));
  }
}
BENCHMARK(PriceRingAllReduce)->Arg(4096)->Arg(500000)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace aifactory

BENCHMARK_MAIN();
