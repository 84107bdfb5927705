// Closed form of a replica at a steady number of sequences: the rung below the event-driven replica.
//
// Every sequence that finishes makes room for another, whose prompt must be computed; so with C sequences decoding, a
// iterations per output token and R ranks, an iteration brings C / (E[output] a) prompts. Prompts that join decode
// steps lengthen the share of iterations they ride in; prompts that run alone pause decoding. Arrivals are taken as
// independent (Poisson).
#pragma once

#include "sim/serving/capacity.h"
#include "sim/serving/iteration_model.h"

namespace aifactory {

// As steady_state() of capacity.h, with kernels that the caller has built.
SteadyState steady_state(const IterationKernels& kernels, const RequestMix& mix, double sequences);

// Sequences that the batch limit and the cache allow under a mix, over the replica.
double most_sequences(const ServingReplicaSpec& spec, const ReplicaMemory& memory, const RequestMix& mix);

// Mean time to first token of `requests` prompts that arrive together at an idle replica: they are computed in arrival
// order, as many at a time as the policy's token budget admits.
Seconds burst_ttft(const IterationKernels& kernels, const RequestMix& mix, double requests);

// The steady state of highest load whose TPOT and unqueued TTFT keep the SLO, up to most_sequences; sequences = 0 if
// even one sequence does not.
SteadyState best_steady_state(const IterationKernels& kernels, const RequestMix& mix, const Slo& slo,
                              double most_sequences);

}  // namespace aifactory
