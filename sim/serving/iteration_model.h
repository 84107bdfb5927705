// Time of one engine iteration as the sum of its kernels: the rung between a kernel and a replica over time.
//
//   t = host + dense(tokens of the fullest rank) + experts(mean tokens per rank) + head(sampled)
//     + decode_attention(sequences, context) + sum over chunks of prefill_attention(new, past)
//
// dense() holds what depends only on how many tokens a rank passes through the layers (projections, dense feed-forward,
// norms, tensor-parallel collectives); experts() the routed experts and their all-to-all, which all ranks share. Each
// part is tabulated once on a grid of two points per octave and read back by linear interpolation, so that an iteration
// costs tens of nanoseconds; the tables agree with the kernels within 2 %, prefill attention within 5 % (test).
#pragma once

#include <algorithm>
#include <memory>
#include <vector>

#include "models/hardware/evidence.h"
#include "models/llm/operator_cost.h"
#include "sim/serving/octave_table.h"
#include "sim/serving/replica_spec.h"

namespace aifactory {

// Exact sums of kernels for one attention rank of a replica whose ranks are alike. All arguments are per rank.
class IterationKernels {
 public:
  explicit IterationKernels(const ServingReplicaSpec& spec);

  [[nodiscard]] IterationCost dense(double tokens) const;
  [[nodiscard]] IterationCost experts(double mean_tokens) const;
  [[nodiscard]] IterationCost head(double sampled) const;
  // Sequences that take a step of 1 + drafts tokens with `context` tokens behind each.
  [[nodiscard]] IterationCost decode_attention(double sequences, double context) const;
  [[nodiscard]] IterationCost prefill_attention(double new_tokens, double past_tokens) const;

  [[nodiscard]] const ServingReplicaSpec& spec() const { return spec_; }
  // Weakest evidence among the kernels of a decode step and of a prefill.
  [[nodiscard]] Grade grade() const;

 private:
  enum class Part { kDense, kExperts, kHead, kAttention };
  [[nodiscard]] OperatorCost price(const StepWork& work, Part part) const;
  [[nodiscard]] IterationCost part_cost(const StepWork& work, Part part) const;

  ServingReplicaSpec spec_;
  OperatorPricer pricer_;
};

// The same costs from tables; immutable after construction. Arguments beyond the limits are extrapolated linearly.
struct IterationLimits {
  double tokens = 8192;    // per rank and iteration
  double sequences = 256;  // per rank
  double context = 32768;  // per sequence
};

class IterationModel {
 public:
  IterationModel(const IterationKernels& kernels, const IterationLimits& limits);

  [[nodiscard]] IterationCost dense(double tokens) const { return dense_.at(tokens); }
  [[nodiscard]] IterationCost experts(double mean_tokens) const { return experts_.at(mean_tokens); }
  [[nodiscard]] IterationCost head(double sampled) const { return head_.at(sampled); }
  [[nodiscard]] IterationCost decode_attention(double sequences, double context) const {
    return decode_.at(sequences, context);
  }
  [[nodiscard]] IterationCost prefill_attention(double new_tokens, double past_tokens) const {
    return prefill_.at(new_tokens, 1.0 + past_tokens / kPastUnit) * new_tokens;
  }

 private:
  static constexpr double kPastUnit = 64.0;  // resolution of the past: the table's second axis is 1 + past / unit

  OctaveTable dense_, experts_, head_;
  OctaveTable2 decode_, prefill_;  // prefill per new token, because attention grows with its square
};

// One iteration of a replica: what its ranks carry.
struct IterationLoad {
  double decoding = 0;              // sequences over the replica
  double context = 0;               // mean tokens behind each
  double prefill_total = 0;         // prompt tokens over the replica
  double prefill_rank = 0;          // of the fullest rank
  IterationCost prefill_attention;  // time of the fullest rank, busy seconds of the mean rank
  double prompts_done = 0;          // that need their first token sampled
};

// Either of the two above as `costs`.
template <class Costs>
IterationCost iteration_cost(const Costs& costs, const ServingReplicaSpec& spec, Seconds host,
                             const IterationLoad& load) {
  const double ranks = static_cast<double>(spec.layout.data);
  const double sequences = load.decoding > 0 ? std::max(1.0, load.decoding / ranks) : 0.0;
  const double step = 1.0 + static_cast<double>(spec.drafts.drafts);
  const double fullest = sequences * step + load.prefill_rank;
  const double mean = std::max(1.0, sequences * step + load.prefill_total / ranks);
  IterationCost dense = costs.dense(fullest);
  if (fullest > mean) {  // the other ranks wait, less busy, for the fullest
    const IterationCost typical = costs.dense(mean);
    dense.compute = typical.compute;
    dense.memory = typical.memory;
  }
  IterationCost cost = dense + costs.experts(mean) + load.prefill_attention;
  const double prompts = load.prompts_done > 0 ? std::max(1.0, load.prompts_done / ranks) : 0.0;
  cost += costs.head(std::max(1.0, sequences * step + prompts));
  if (sequences > 0) {
    const IterationCost attention = costs.decode_attention(sequences, load.context);
    cost += attention;
    // A drafter is one more layer and one more head per drafted token (Gloeckle et al. 2024; DeepSeek-V3 report).
    const double layers = static_cast<double>(spec.model.layer_count());
    const IterationCost layer =
        (costs.dense(sequences) + costs.experts(std::max(1.0, sequences)) + attention) * (1.0 / layers);
    cost += (layer + costs.head(sequences)) * static_cast<double>(spec.drafts.drafts);
  }
  cost.time += host.value();
  return cost;
}

}  // namespace aifactory
