// The event-driven run of a deployment: arrivals, router, replicas, measurement window, books.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "sim/engine/simulation.h"
#include "sim/serving/deployment.h"
#include "sim/serving/replica.h"
#include "sim/serving/router.h"

namespace aifactory {

class DeploymentRun final : public ReplicaListener {
 public:
  // The next request in order of arrival, or nothing when there are no more.
  using Source = std::function<std::optional<Request>()>;

  DeploymentRun(const DeploymentSpec& deployment, const IterationModel& model, double cached_fraction, Source source,
                std::uint64_t seed);

  // Requests [first, first + count) are measured; arrivals go on until all of those have left.
  ServingOutcome run(const Slo& slo, std::size_t first, std::size_t count);

 private:
  void left(std::size_t request) override;
  void next_arrival();
  void arrive();
  [[nodiscard]] ReplicaActivity activity() const;
  [[nodiscard]] std::size_t waiting() const;
  [[nodiscard]] ServingOutcome outcome(const Slo& slo) const;

  const DeploymentSpec& deployment_;
  ReplicaMemory memory_;
  Source source_;
  engine::Simulation simulation_;
  std::vector<Request> requests_;
  std::vector<std::unique_ptr<Replica>> replicas_;
  std::unique_ptr<Router> router_;
  std::optional<Request> upcoming_;

  std::size_t first_ = 0, end_ = 0;  // measured
  std::size_t measured_left_ = 0;
  // At the arrival of the first measured request and when the last one has arrived.
  double window_start_ = 0, window_end_ = 0;
  ReplicaActivity at_start_, at_end_;
  std::size_t waiting_at_start_ = 0, waiting_at_end_ = 0;
  double cached_fraction_;
};

// Table limits that a mix can reach.
IterationLimits limits_for(const ServingReplicaSpec& spec, double longest_context);

}  // namespace aifactory
