// A serving replica over time, request by request, and the capacity curve that the site and the fleet build on.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "models/capacity/capacity_curve.h"
#include "models/demand/request_mix.h"
#include "models/hardware/evidence.h"
#include "sim/serving/replica_spec.h"

namespace aifactory {

// What happened to the requests of one simulation. Latencies are over measured requests (warm-up discarded).
struct ServingOutcome {
  std::int64_t offered = 0;  // arrived in the whole run
  std::int64_t completed = 0;
  std::int64_t rejected = 0;   // longer than the KV cache or the context window can ever hold
  std::int64_t in_flight = 0;  // at the end; offered = completed + rejected + in_flight
  std::int64_t preemptions = 0;
  double output_tokens = 0;  // generated, of all requests
  double prompt_tokens = 0;  // computed, recomputation after preemption included
  double cached_tokens = 0;
  double peak_kv_share = 0;  // of KV capacity, 0..1
  Seconds ttft_mean{}, ttft_p50{}, ttft_p90{}, ttft_p99{};
  Seconds tpot_mean{}, tpot_p50{}, tpot_p90{}, tpot_p99{};
  Seconds elapsed{};
  OperatingPoint point;  // rates over the measurement window
};

struct SimulationOptions {
  std::uint64_t seed = 1;
  int requests = 1000;  // measured per load; raised to `residences` mean residence times when concurrency is high
  double residences = 2.0;
};

// A replica under its mix at one offered load.
ServingOutcome simulate_load(const ServingReplicaSpec& spec, const RequestMix& mix, const Slo& slo, Hertz offered,
                             const SimulationOptions& options);

// Closed form at a steady number of sequences decoding together: t = t_decode(C) + prefill interference, and the load
// this sustains. The rung above simulate_load; a test holds the two together.
struct SteadyState {
  double sequences = 0;  // decoding together, over the replica
  Seconds tpot{};
  Seconds ttft{};     // without queueing
  Hertz completed{};  // requests per second
  TokensPerSecond output{};
  TokensPerSecond output_per_accelerator{};
  Activity activity;
};
SteadyState steady_state(const ServingReplicaSpec& spec, const RequestMix& mix, double sequences);

// Idle, loads up to the capacity under the SLO, and beyond it: `loads` simulated points around the knee that the
// closed form predicts. The same random numbers at every load.
struct CapacityOptions {
  SimulationOptions simulation;
  int loads = 8;
};
CapacityCurve simulate_capacity(const ServingReplicaSpec& spec, const RequestMix& mix, const Slo& slo,
                                const CapacityOptions& options);

// Evidence of the kernels behind a replica.
Grade replica_grade(const ServingReplicaSpec& spec);

}  // namespace aifactory
