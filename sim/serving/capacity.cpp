#include "sim/serving/capacity.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "sim/serving/deployment.h"
#include "sim/serving/deployment_run.h"
#include "sim/serving/request_source.h"
#include "sim/serving/steady_state.h"

namespace aifactory {
namespace {

// Loads simulated relative to the capacity the closed form predicts; the search for the knee adds more between them.
constexpr double kShares[] = {0.1, 0.3, 0.55, 0.8, 1.0, 1.2};

double longest_context(const RequestMix& mix, const ServingReplicaSpec& spec) {
  const RequestLengths longest = mix.lengths_at(0.999, 0.999);
  const double limit = spec.model.max_context > 0 ? static_cast<double>(spec.model.max_context) : 1e6;
  double tokens = longest.prompt + longest.output;
  if (mix.trace) {
    for (const TraceRow& row : mix.trace->rows) {
      tokens = std::max(tokens, row.prompt_tokens + row.output_tokens);
    }
  }
  return std::min(limit, tokens);
}

ServingOutcome run_deployment(const DeploymentSpec& deployment, const IterationModel& model, const RequestMix& mix,
                              const Slo& slo, Hertz offered, double residence, const SimulationOptions& options) {
  // Warm-up and measurement both span enough mean residence times for the batch to fill and to be seen.
  const double in_system = offered.value() * residence;
  const auto measured =
      static_cast<std::size_t>(std::max(static_cast<double>(options.requests), options.residences * in_system));
  const auto warm_up = static_cast<std::size_t>(std::max(0.1 * static_cast<double>(measured), 1.5 * in_system));
  RequestSource source(mix, offered, options.seed, warm_up, measured);
  DeploymentRun run(
      deployment, model, mix.cached_fraction, [&source] { return std::optional(source.next()); }, options.seed);
  return run.run(slo, warm_up, measured);
}

}  // namespace

ServingOutcome simulate_deployment(const DeploymentSpec& deployment, const RequestMix& mix, const Slo& slo,
                                   Hertz offered, const SimulationOptions& options) {
  const ServingReplicaSpec& spec = deployment.replica;
  const IterationKernels kernels(spec);
  const IterationModel model(kernels, limits_for(spec, longest_context(mix, spec)));
  const double most = most_sequences(spec, replica_memory(spec), mix);
  const SteadyState full = steady_state(kernels, mix, std::max(1.0, most));
  const double residence = full.ttft.value() + full.tpot.value() * mix.mean_output();
  return run_deployment(deployment, model, mix, slo, offered, residence, options);
}

ServingOutcome simulate_load(const ServingReplicaSpec& spec, const RequestMix& mix, const Slo& slo, Hertz offered,
                             const SimulationOptions& options) {
  DeploymentSpec deployment;
  deployment.replica = spec;
  return simulate_deployment(deployment, mix, slo, offered, options);
}

ServingOutcome replay_trace(const DeploymentSpec& deployment, const Trace& trace, double cached_fraction,
                            const Slo& slo) {
  double longest = 1.0;
  for (const TraceRow& row : trace.rows) {
    longest = std::max(longest, row.prompt_tokens + row.output_tokens);
  }
  const IterationKernels kernels(deployment.replica);
  const IterationModel model(kernels, limits_for(deployment.replica, longest));
  std::size_t next = 0;
  const auto source = [&]() -> std::optional<Request> {
    if (next == trace.rows.size()) {
      return std::nullopt;
    }
    const TraceRow& row = trace.rows[next++];
    Request request;
    request.arrival = row.arrival.value();
    request.prompt = std::max(1.0, row.prompt_tokens);
    request.output = std::max(1.0, row.output_tokens);
    return request;
  };
  DeploymentRun run(deployment, model, cached_fraction, source, 0);
  return run.run(slo, 0, trace.rows.size());
}

CapacityCurve simulate_capacity(const ServingReplicaSpec& spec, const RequestMix& mix, const Slo& slo,
                                const CapacityOptions& options) {
  const ReplicaMemory memory = replica_memory(spec);
  const double most = memory.fits() ? most_sequences(spec, memory, mix) : 0.0;
  if (most < 1.0) {
    return {};
  }
  const IterationKernels kernels(spec);
  const IterationModel model(kernels, limits_for(spec, longest_context(mix, spec)));
  const SteadyState single = steady_state(kernels, mix, 1.0);
  const SteadyState full = steady_state(kernels, mix, most);
  SteadyState knee = best_steady_state(kernels, mix, slo, most);
  if (knee.sequences < 1.0) {
    knee = full;  // no load keeps the promise: show what the replica does all the same
  }
  DeploymentSpec deployment;
  deployment.replica = spec;

  std::map<double, OperatingPoint> points;
  OperatingPoint idle;
  idle.ttft_p50 = idle.ttft_p99 = single.ttft;
  idle.tpot_p50 = idle.tpot_p99 = single.tpot;
  idle.within_slo = slo.met_by(single.ttft, single.tpot) ? 1.0 : 0.0;
  idle.accelerator_power = power_at(spec.system.accelerator, {});
  points[0.0] = idle;
  const auto simulate = [&](double offered) {
    // A replica below its knee holds sequences no longer than at the knee.
    const SteadyState& at = offered > knee.completed.value() ? full : knee;
    const double residence = at.ttft.value() + at.tpot.value() * mix.mean_output();
    const ServingOutcome outcome =
        run_deployment(deployment, model, mix, slo, Hertz(offered), residence, options.simulation);
    points[offered] = outcome.point;
    points[offered].offered = Hertz(offered);  // the same up to rounding
    return points[offered];
  };
  double good = 0.0;
  double bad = 0.0;
  for (const double share : kShares) {
    const double offered = share * knee.completed.value();
    const OperatingPoint point = simulate(offered);
    if (point.within_slo >= slo.share) {
      good = offered;
    } else if (bad <= good) {
      bad = offered;
    }
  }
  // The knee: keep growing by 1.4 beyond the last good load, then halve the gap.
  const auto budget = static_cast<std::size_t>(std::max(2, options.loads)) + 1;
  while (points.size() < budget) {
    const double next = bad > good ? (good + bad) / 2.0 : good * 1.4;
    if (bad > good && bad < good * 1.05) {
      break;
    }
    if (simulate(next).within_slo >= slo.share) {
      good = next;
    } else {
      bad = next;
    }
  }
  std::vector<OperatingPoint> ordered;
  for (const auto& [load, point] : points) {
    ordered.push_back(point);
  }
  return CapacityCurve(spec.layout.accelerators(), std::move(ordered));
}

Grade replica_grade(const ServingReplicaSpec& spec) {
  return IterationKernels(spec).grade();
}

}  // namespace aifactory
