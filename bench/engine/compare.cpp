// Holds the event core against others, in one run: rounds of all contestants in turn, CPU time, medians of the ratios
// of each round. Prints the ratios and what is promised; exit status 1 if one is missed. Contestants that were not
// built (their packages are absent) are named and left out. Argument: rounds, 9 without.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "bench/engine/workloads.h"

namespace aifactory::bench {
namespace {

// Events per CPU second.
using Contestant = std::function<double()>;

template <class Load>
Contestant in_process(std::uint64_t pending, std::uint64_t events) {
  auto load = std::make_shared<Load>(pending);
  load->run(events);  // warm up
  return [load, events] {
    const double start = cpu_seconds();
    load->run(events);
    return static_cast<double>(events) / (cpu_seconds() - start);
  };
}

Contestant program(const std::string& path, std::uint64_t pending, std::uint64_t events) {
  return [command = fmt::format("{} {} {} 2>/dev/null", path, pending, events)] {
    const std::unique_ptr<std::FILE, int (*)(std::FILE*)> pipe(popen(command.c_str(), "r"), pclose);
    double done = 0.0;
    double seconds = 0.0;
    if (!pipe || std::fscanf(pipe.get(), "%lf %lf", &done, &seconds) != 2 || seconds <= 0.0) {
      fmt::print(stderr, "no measurement from: {}\n", command);
      std::exit(1);
    }
    return done / seconds;
  };
}

struct Promise {
  std::string name;
  Contestant ours;
  Contestant theirs;
  double promised;
};

double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

// True if kept.
bool check(const Promise& promise, int rounds) {
  std::vector<double> ours;
  std::vector<double> theirs;
  std::vector<double> ratios;
  for (int round = 0; round < rounds; ++round) {
    ours.push_back(promise.ours());
    theirs.push_back(promise.theirs());
    ratios.push_back(ours.back() / theirs.back());
  }
  const double ratio = median(ratios);
  const bool kept = ratio >= promise.promised;
  fmt::print("{:<52} {:>7.2f} M/s {:>7.2f} M/s {:>7.2f}x  (>= {:g}x) {}\n", promise.name, median(ours) / 1e6,
             median(theirs) / 1e6, ratio, promise.promised, kept ? "kept" : "MISSED");
  return kept;
}

int compare(int rounds) {
  constexpr std::uint64_t kEvents = 1'000'000;
  std::vector<Promise> promises;
  for (const std::uint64_t pending : {1'000, 20'000, 100'000}) {
    promises.push_back({fmt::format("events / bare priority_queue, {} pending", pending),
                        in_process<EngineEvents>(pending, kEvents), in_process<BareQueue>(pending, kEvents), 0.7});
  }
  promises.push_back({"processes / bare priority_queue, 1000 pending", in_process<EngineProcesses>(1'000, kEvents),
                      in_process<BareQueue>(1'000, kEvents), 0.5});
#ifdef AIFACTORY_NS3_HOLD
  promises.push_back({"events / ns-3 scheduler loop, 1000 pending", in_process<EngineEvents>(1'000, kEvents),
                      program(AIFACTORY_NS3_HOLD, 1'000, kEvents), 3.0});
#else
  fmt::print(stderr, "ns-3 is not installed: not compared\n");
#endif
#ifdef AIFACTORY_SIMGRID_SLEEP
  promises.push_back({"processes / sleeping SimGrid actors, 1000 pending", in_process<EngineProcesses>(1'000, kEvents),
                      program(AIFACTORY_SIMGRID_SLEEP, 1'000, kEvents / 5), 10.0});
#else
  fmt::print(stderr, "SimGrid is not installed: not compared\n");
#endif
  fmt::print("{:<52} {:>11} {:>11} {:>8}\n", "medians of " + std::to_string(rounds) + " rounds, CPU time", "ours",
             "theirs", "ratio");
  bool all_kept = true;
  for (const Promise& promise : promises) {
    all_kept = check(promise, rounds) && all_kept;
  }
  return all_kept ? 0 : 1;
}

}  // namespace
}  // namespace aifactory::bench

int main(int argc, char** argv) {
  return aifactory::bench::compare(argc > 1 ? std::max(1, std::atoi(argv[1])) : 9);
}
