// Time of one engine iteration as the sum of its kernels: the rung between a kernel and a replica over time.
//
//   t = host + linear(tokens) + decode_attention(batch, context) + sum over chunks of prefill_attention(new, past)
//
// linear() holds everything that depends only on how many tokens pass through the layers (projections, feed-forward,
// experts, norms, collectives, head). Each part is tabulated once on a geometric grid and read back by linear
// interpolation, so an iteration costs tens of nanoseconds; the tables agree with the kernel model within 2 % (test).
#pragma once

#include <vector>

#include "models/units/quantity.h"
#include "sim/serving/replica_spec.h"

namespace aifactory {

// Seconds of the slowest accelerator, and seconds its arithmetic and its memory would need at peak.
struct IterationCost {
  double time = 0.0;
  double compute = 0.0;
  double memory = 0.0;
  IterationCost& operator+=(const IterationCost& other) {
    time += other.time;
    compute += other.compute;
    memory += other.memory;
    return *this;
  }
  friend IterationCost operator+(IterationCost a, const IterationCost& b) { return a += b; }
  friend IterationCost operator*(IterationCost a, double f) { return {a.time * f, a.compute * f, a.memory * f}; }
};

// Exact sums of kernels, for one attention rank of a replica whose ranks are alike. Shapes as in kernel_model.h.
class IterationKernels {
 public:
  explicit IterationKernels(const ServingReplicaSpec& spec);
  // `tokens` per attention rank pass through every layer; `sampled` of them need the head.
  [[nodiscard]] IterationCost linear(double tokens) const;
  [[nodiscard]] IterationCost head(double sampled) const;
  // `sequences` per attention rank take a step with `context` tokens behind each.
  [[nodiscard]] IterationCost decode_attention(double sequences, double context) const;
  [[nodiscard]] IterationCost prefill_attention(double new_tokens, double past_tokens) const;
  [[nodiscard]] Grade grade() const { return grade_; }

 private:
  ServingReplicaSpec spec_;
  std::vector<NetworkLevel> tensor_levels_;
  std::vector<NetworkLevel> expert_levels_;
  Grade grade_ = Grade::kMeasured;
};

// The same costs read from tables; immutable after construction.
class IterationModel {
 public:
  explicit IterationModel(const IterationKernels& kernels, double max_tokens, double max_sequences, double max_context);
  [[nodiscard]] IterationCost linear(double tokens) const;
  [[nodiscard]] IterationCost head(double sampled) const;
  [[nodiscard]] IterationCost decode_attention(double sequences, double context) const;
  [[nodiscard]] IterationCost prefill_attention(double new_tokens, double past_tokens) const;

 private:
  std::vector<double> token_grid_, sequence_grid_, context_grid_;
  std::vector<IterationCost> linear_, head_, decode_, prefill_;
};

}  // namespace aifactory
