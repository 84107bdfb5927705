#include "sim/serving/steady_state.h"

#include <algorithm>
#include <cmath>

#include "models/units/pinned_math.h"

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
  const double chunks = prompt / chunk;
  const IterationCost attention = kernels.prefill_attention(prompt, past) * (1.0 / chunks);  // of a mean chunk
  const auto prompt_iteration = [&](double together) {
    IterationLoad mixed = plan.decode ? decode : IterationLoad{};
    mixed.prefill_total = chunk * together;
    mixed.prefill_rank = std::max(chunk, mixed.prefill_total / ranks);
    mixed.prefill_attention = attention * (together / ranks);
    mixed.prefill_attention.time = std::max(attention.time, mixed.prefill_attention.time);
    mixed.prompts_done = together / chunks;
    return iteration_cost(kernels, spec, traits.host_time, mixed);
  };
  const double prompts = sequences * accepted / output;  // per decode step
  const double most_together = ranks * std::max(1.0, plan.prefill_tokens / chunk);

  // Prompts that arrive during one iteration ride in the next together, shared by the ranks, up to the budget; arrivals
  // are independent (Poisson). `prompt_iterations` counts iterations with prompts per decode step.
  double prompt_iterations = 0;
  IterationCost with_prompt;
  IterationCost between;  // decode steps
  double kept = 1.0;      // of the decode steps asked for; prompts that cannot keep up starve decoding
  if (plan.decode) {
    const double share = -pinned::expm1(-prompts * chunks);
    const double together = std::min(most_together, prompts * chunks / share);
    prompt_iterations = prompts * chunks / together;
    with_prompt = prompt_iteration(together);
    const double mixed_share = std::min(1.0, prompt_iterations);
    between = alone * (1.0 - mixed_share) + with_prompt * mixed_share;
    kept = 1.0 / std::max(1.0, prompt_iterations);
  } else {
    // Prompts that arrive while others are computed go next, before decoding resumes: a busy period.
    const double single = prompt_iteration(1.0).time * chunks;
    double groups = prompts;
    for (int i = 0; i < 20; ++i) {
      const double rate = prompts / (alone.time + groups * single);
      groups = std::min(prompts, -pinned::expm1(-rate * alone.time) * pinned::exp(rate * single));
    }
    groups = std::max(groups, prompts / most_together);
    with_prompt = prompt_iteration(prompts / groups);
    prompt_iterations = groups * chunks;
    between = alone + with_prompt * prompt_iterations;
  }

  SteadyState state;
  state.sequences = sequences;
  state.tpot = Seconds(between.time / accepted);
  state.ttft = traits.frontend_time + Seconds(0.5 * between.time + chunks * with_prompt.time);
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

Seconds burst_ttft(const IterationKernels& kernels, const RequestMix& mix, double requests) {
  const ServingReplicaSpec& spec = kernels.spec();
  const EngineTraits traits = serving_policy(spec.policy).traits();
  const double ranks = static_cast<double>(spec.layout.data);
  const double prompt = mix.computed_prompt(mix.mean_prompt());
  const double past = mix.mean_prompt() - prompt;
  const double total = std::max(1.0, requests / ranks) * prompt;  // tokens of the fullest rank
  const double together = std::min(total, traits.token_budget);
  IterationLoad load;
  load.prefill_rank = together;
  load.prefill_total = std::min(requests * prompt, together * ranks);
  load.prefill_attention = kernels.prefill_attention(prompt, past) * (together / prompt);
  load.prompts_done = load.prefill_total / prompt;
  const double iterations = std::max(1.0, total / together);
  const Seconds each(iteration_cost(kernels, spec, traits.host_time, load).time);
  return traits.frontend_time + each * (0.5 * (iterations + 1.0));
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
