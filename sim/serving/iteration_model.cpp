#include "sim/serving/iteration_model.h"

namespace aifactory {
namespace {

// Cost that grows with a sequence's context rather than with the tokens of the step.
bool is_attention(Role role) {
  return role == Role::kAttention || role == Role::kIndexer || role == Role::kLinearMixer;
}

bool is_expert(Role role) {
  return role == Role::kExperts || role == Role::kExpertCommunication;
}

bool is_head(Role role) {
  return role == Role::kHead || role == Role::kSampling;
}

}  // namespace

IterationKernels::IterationKernels(const ServingReplicaSpec& spec)
    : spec_(spec), pricer_(spec.kernels, spec.system, spec.network, spec.layout, CollectiveStack::kEngine) {}

OperatorCost IterationKernels::price(const StepWork& work, Part part) const {
  OperatorCost total;
  for (const OperatorCall& call : step_operators(spec_.model, spec_.layout, spec_.formats, work, spec_.expert_load)) {
    const Part of = is_attention(call.role) ? Part::kAttention
                    : is_expert(call.role)  ? Part::kExperts
                    : is_head(call.role)    ? Part::kHead
                                            : Part::kDense;
    if (of == part) {
      total += pricer_.cost(call);
    }
  }
  return total;
}

IterationCost IterationKernels::part_cost(const StepWork& work, Part part) const {
  const OperatorCost cost = price(work, part);
  const Seconds time = spec_.band == KernelBand::kLow    ? cost.low
                       : spec_.band == KernelBand::kHigh ? cost.high
                                                         : cost.time;
  return {time.value(), cost.compute_busy.value(), cost.memory_busy.value()};
}

IterationCost IterationKernels::dense(double tokens) const {
  StepWork work;
  work.prefill_sequences = 1;
  work.prefill_tokens = tokens;
  return part_cost(work, Part::kDense);
}

IterationCost IterationKernels::experts(double mean_tokens) const {
  StepWork work;
  work.prefill_sequences = 1;
  work.prefill_tokens = mean_tokens;
  return part_cost(work, Part::kExperts);
}

IterationCost IterationKernels::head(double sampled) const {
  StepWork work;
  work.prefill_sequences = 1;
  work.prefill_tokens = sampled;
  work.logit_rows = sampled;
  return part_cost(work, Part::kHead);
}

IterationCost IterationKernels::decode_attention(double sequences, double context) const {
  StepWork work;
  work.decode_sequences = sequences;
  work.decode_context = context;
  work.decode_tokens = 1.0 + static_cast<double>(spec_.drafts.drafts);
  return part_cost(work, Part::kAttention);
}

IterationCost IterationKernels::prefill_attention(double new_tokens, double past_tokens) const {
  StepWork work;
  work.prefill_sequences = 1;
  work.prefill_tokens = new_tokens;
  work.prefill_past = past_tokens;
  return part_cost(work, Part::kAttention);
}

Grade IterationKernels::grade() const {
  StepWork work;
  work.prefill_sequences = 1;
  work.prefill_tokens = 1024;
  work.decode_sequences = 8;
  work.decode_context = 1024;
  return pricer_.cost(step_operators(spec_.model, spec_.layout, spec_.formats, work, spec_.expert_load)).grade;
}

IterationModel::IterationModel(const IterationKernels& kernels, const IterationLimits& limits)
    : dense_(limits.tokens, [&](double tokens) { return kernels.dense(tokens); }),
      experts_(limits.tokens, [&](double tokens) { return kernels.experts(tokens); }),
      head_(limits.sequences * (1.0 + kernels.spec().drafts.drafts), [&](double rows) { return kernels.head(rows); }),
      decode_(limits.sequences, limits.context,
              [&](double sequences, double context) { return kernels.decode_attention(sequences, context); }),
      prefill_(limits.tokens, 1.0 + limits.context / kPastUnit, [&](double tokens, double past) {
        return kernels.prefill_attention(tokens, (past - 1.0) * kPastUnit) * (1.0 / tokens);
      }) {}

}  // namespace aifactory
