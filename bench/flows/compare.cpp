// One case through both solvers: flows_compare FILE, or flows_compare PATTERN HOSTS [TOPOLOGY [FLOWS [FAN_IN]]]. Prints
// CPU seconds of each (SimGrid's platform apart), their ratio, and how far the completion times are apart.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <ctime>
#include <exception>
#include <string>

#include "bench/flows/simgrid_flows.h"
#include "sim/study/flows.h"

namespace {

using namespace aifactory;

FlowCase case_of(int argc, char** argv) {
  if (argc == 2) {
    return read_flow_case(argv[1]);
  }
  FlowRequest request;
  const auto& names = flow_pattern_names();
  const auto pattern = std::find(names.begin(), names.end(), argv[1]);
  request.pattern = static_cast<FlowPattern>(pattern - names.begin());
  request.topology.hosts = static_cast<std::uint32_t>(std::atoi(argv[2]));
  request.topology.shape = argc > 3 ? argv[3] : "clos3";
  request.topology.switch_latency = Seconds(0.0);
  request.flows = argc > 4 ? static_cast<std::uint32_t>(std::atoi(argv[4])) : 0;
  request.fan_in = argc > 5 ? static_cast<std::uint32_t>(std::atoi(argv[5])) : request.fan_in;
  return generate_flow_case(request);
}

double cpu_seconds() {
  return static_cast<double>(std::clock()) / CLOCKS_PER_SEC;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    fmt::print(stderr, "usage: flows_compare FILE | PATTERN HOSTS [TOPOLOGY [FLOWS [FAN_IN]]]\n");
    return 2;
  }
  try {
    const FlowCase flows = case_of(argc, argv);
    // Repeated until the clock's resolution does not matter.
    int repetitions = 0;
    FlowTimes times;
    const double start = cpu_seconds();
    do {
      times = solve(flows.flows);
      ++repetitions;
    } while (cpu_seconds() - start < 0.2);
    const double ours = (cpu_seconds() - start) / repetitions;
    const bench::SimgridRun theirs = bench::run_simgrid(flows.flows);
    double worst = 0.0;
    double absolute = 0.0;
    for (std::size_t f = 0; f < times.finish.size(); ++f) {
      absolute = std::max(absolute, std::abs(times.finish[f] - theirs.finish[f]));
      worst = std::max(worst, std::abs(times.finish[f] / theirs.finish[f] - 1.0));
    }
    fmt::print(
        "flows {} ours {:.6f} s simgrid {:.3f} s (platform {:.3f} s) ratio {:.1f} difference {:.1e} relative, {:.1e} "
        "s\n",
        flows.ids.size(), ours, theirs.run_cpu_s, theirs.build_cpu_s, theirs.run_cpu_s / ours, worst, absolute);
  } catch (const std::exception& error) {
    fmt::print(stderr, "{}\n", error.what());
    return 1;
  }
  return 0;
}
