#include "sim/serving/steady_state.h"

#include <algorithm>
#include <cmath>

namespace aifactory {

SteadyState steady_state(const IterationKernels& kernels, const RequestMix& mix, double sequences) {
  const ServingReplicaSpec& spec = kernels.spec();
  const ServingPolicy& policy = serving_policy(spec.policy);
  const EngineTraits traits = policy.traits();
  const double ranks = static_cast<double>(spec.layout.data);
  const double step = 1.0 + static_cast<double>(spec.drafts.drafts);
  const double accepted = 1.0 + spec.drafts.accepted;
  const double output = std::max(1.0, mix.mean_output());
  const double prompt = mix.computed_prompt(mix.mean_prompt());
  const double past = mix.mean_prompt() - prompt;

  IterationLoad decode;
  decode.decoding = sequences;
  decode.context = mix.mean_decode_context();
  const IterationCost alone = iteration_cost(kernels, spec, traits.host_time, decode);

  // One prompt at a time on its rank, as much of it per iteration as the policy lets in.
  const IterationPlan plan = policy.plan({sequences * step / ranks, prompt / ranks});
  const double chunk = plan.whole_prompts ? prompt : std::min(prompt, plan.prefill_tokens);
  const double chunks_per_prompt = prompt / chunk;
  IterationLoad mixed;
  if (plan.decode) {
    mixed = decode;
  }
  const double prompts_per_step = sequences * accepted / output;
  const double chunks_per_step = prompts_per_step * chunks_per_prompt;
  // More chunks than iterations: several ride together, shared by the ranks, up to the budget.
  const double together =
      plan.decode ? std::clamp(chunks_per_step, 1.0, ranks * std::max(1.0, plan.prefill_tokens / chunk)) : 1.0;
  mixed.prefill_total = chunk * together;
  mixed.prefill_rank = std::max(chunk, mixed.prefill_total / ranks);
  const IterationCost attention =
      kernels.prefill_attention(prompt, past) * (1.0 / chunks_per_prompt);  // of one chunk, mean over the prompt
  mixed.prefill_attention = attention * (together / ranks);
  mixed.prefill_attention.time = std::max(attention.time, mixed.prefill_attention.time);
  mixed.prompts_done = together / chunks_per_prompt;
  const IterationCost with_prompt = iteration_cost(kernels, spec, traits.host_time, mixed);

  // Iterations with prompts per decode step, and the mean time between decode steps.
  const double prompt_iterations = chunks_per_step / together;
  IterationCost between;
  if (plan.decode) {
    const double share = std::min(1.0, prompt_iterations);
    between = alone * (1.0 - share) + with_prompt * share;
  } else {
    between = alone + with_prompt * prompt_iterations;
  }
  // When prompts cannot keep up, decoding starves and fewer sequences run than asked for.
  const double kept = plan.decode ? 1.0 / std::max(1.0, prompt_iterations) : 1.0;

  SteadyState state;
  state.sequences = sequences;
  state.tpot = Seconds(between.time / accepted);
  state.ttft = traits.frontend_time + Seconds(0.5 * between.time + chunks_per_prompt * with_prompt.time);
  state.completed = Hertz(kept * sequences * accepted / (output * between.time));
  state.output = TokensPerSecond(state.completed.value() * output);
  state.output_per_accelerator = state.output / static_cast<double>(spec.layout.accelerators());
  state.activity.compute = std::min(1.0, between.compute / between.time);
  state.activity.memory = std::min(1.0, between.memory / between.time);
  return state;
}

SteadyState steady_state(const ServingReplicaSpec& spec, const RequestMix& mix, double sequences) {
  return steady_state(IterationKernels(spec), mix, sequences);
}

double most_sequences(const ServingReplicaSpec& spec, const ReplicaMemory& memory, const RequestMix& mix) {
  // A running sequence holds its prompt and, on average over its life, half its output; longer ones live longer.
  const double reserve = std::max(0.5, serving_policy(spec.policy).traits().output_reserve);
  const double generated = mix.mean_decode_context() - mix.mean_prompt();
  const double tokens = mix.mean_prompt() + 2.0 * reserve * std::max(0.0, generated);
  const double cached = memory.sequences_of(tokens) * static_cast<double>(spec.layout.data);
  return std::max(0.0, std::min(static_cast<double>(spec.max_batch), cached));
}

SteadyState best_steady_state(const IterationKernels& kernels, const RequestMix& mix, const Slo& slo, double most) {
  if (most < 1.0) {
    return {};
  }
  const auto keeps = [&slo](const SteadyState& state) { return slo.met_by(state.ttft, state.tpot); };
  SteadyState best = steady_state(kernels, mix, 1.0);
  if (!keeps(best)) {
    return {};
  }
  const SteadyState full = steady_state(kernels, mix, most);
  if (keeps(full)) {
    return full;
  }
  // Latency grows with the batch: bisect on its logarithm to one part in fifty.
  double low = 1.0;
  double high = most;
  while (high > low * 1.02) {
    const double middle = std::sqrt(low * high);
    const SteadyState state = steady_state(kernels, mix, middle);
    if (keeps(state)) {
      best = state;
      low = middle;
    } else {
      high = middle;
    }
  }
  return best;
}

}  // namespace aifactory
