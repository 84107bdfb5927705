// Collectives of several jobs at once on the same links.
#include <algorithm>
#include <map>
#include <stdexcept>
#include <string>

#include "sim/fabric/collective_flows.h"
#include "sim/fabric/flows_in_flight.h"
#include "sim/fabric/reduction_tree.h"

namespace aifactory {
namespace {

void check_reduction_trees(std::span<const FabricJob> jobs, const FabricNetwork& network) {
  std::map<VertexId, int> trees;
  for (const FabricJob& job : jobs) {
    if (job.collective == FabricCollective::kInNetworkAllReduce && network.reduction_trees > 0) {
      for (const VertexId vertex : reduction_tree(*network.topology, job.ranks).switches) {
        if (++trees[vertex] > network.reduction_trees) {
          throw std::invalid_argument("more jobs reduce in one switch than the " +
                                      std::to_string(network.reduction_trees) + " it streams at once");
        }
      }
    }
  }
}

// One job's phases one after the other. Repetitions of a phase are one: as many times the bytes and the latency take as
// many times as long, alone exactly so.
class RunningJob {
 public:
  RunningJob(engine::Simulation& simulation, FlowsInFlight& flows, const std::vector<FabricPhase>& phases)
      : simulation_(simulation), flows_(flows), phases_(phases) {}

  void go_on() {
    if (next_ == phases_.size()) {
      end_ = simulation_.now().seconds();
      return;
    }
    const FabricPhase& phase = phases_[next_++];
    left_ = phase.flows.size();
    for (std::size_t f = 0; f < phase.flows.size(); ++f) {
      simulation_.after(Seconds(phase.flows.start[f] * phase.repetitions), [this, f, &phase] {
        flows_.start(
            phase.flows.route(f), Bytes(phase.flows.bytes[f] * phase.repetitions), [this] { arrived(); },
            phase.flows.weight_of(f));
      });
    }
    if (left_ == 0) {
      go_on();
    }
  }
  [[nodiscard]] Seconds end() const { return end_; }

 private:
  void arrived() {
    if (--left_ == 0) {
      go_on();
    }
  }

  engine::Simulation& simulation_;
  FlowsInFlight& flows_;
  const std::vector<FabricPhase>& phases_;
  std::size_t next_ = 0;
  std::size_t left_ = 0;
  Seconds end_{};
};

}  // namespace

std::vector<Seconds> contended_durations(std::span<const FabricJob> jobs, const FabricNetwork& network) {
  check_reduction_trees(jobs, network);
  std::vector<std::vector<FabricPhase>> phases;
  for (const FabricJob& job : jobs) {
    phases.push_back(phases_of(job, network));
  }
  if (jobs.size() == 1) {
    return {duration(phases.front())};
  }
  std::vector<double> capacity;
  for (const std::vector<FabricPhase>& own : phases) {
    capacity = own.empty() ? capacity : own.front().flows.capacity;
  }
  engine::Simulation simulation;
  FlowsInFlight flows(simulation, capacity);
  std::vector<RunningJob> running;
  running.reserve(jobs.size());
  for (const std::vector<FabricPhase>& own : phases) {
    running.emplace_back(simulation, flows, own).go_on();
  }
  simulation.run();
  std::vector<Seconds> durations;
  for (const RunningJob& job : running) {
    durations.push_back(job.end());
  }
  return durations;
}

}  // namespace aifactory
