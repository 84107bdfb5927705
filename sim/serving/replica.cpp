#include "sim/serving/replica.h"

#include <algorithm>
#include <cmath>

namespace aifactory {

Replica::Replica(engine::Simulation& simulation, const ServingReplicaSpec& spec, const ReplicaMemory& memory,
                 const IterationModel& model, double cached_fraction, std::vector<Request>& requests,
                 ReplicaListener& listener)
    : simulation_(simulation),
      spec_(spec),
      model_(model),
      policy_(serving_policy(spec.policy)),
      traits_(policy_.traits()),
      memory_(memory),
      cached_fraction_(cached_fraction),
      requests_(requests),
      listener_(listener),
      tokens_per_step_(1.0 + spec.drafts.accepted),
      cache_capacity_(memory.cache.value() * static_cast<double>(spec.layout.data)) {}

double Replica::cache_of(double sequences, double tokens) const {
  return memory_.cache_per_sequence.value() * sequences + memory_.cache_per_token.value() * tokens;
}

double Replica::reservation(const Request& request) const {
  return cache_of(1.0, request.prompt + std::max(request.generated, traits_.output_reserve * request.output));
}

bool Replica::can_admit(const Request& request) const {
  const std::size_t running = prefilling_.size() + decoding_count_;
  if (running == 0) {
    return true;  // submit() refused what can never fit
  }
  return running < static_cast<std::size_t>(spec_.max_batch) &&
         std::max(cache_reserved_, cache_used_) + reservation(request) <= cache_capacity_;
}

void Replica::submit(std::size_t index) {
  Request& request = requests_[index];
  // A sequence lives on one attention rank and must fit there and in the model's context when it is complete.
  const double longest = static_cast<double>(spec_.model.max_context);
  const double tokens = request.prompt + request.output;
  if (cache_of(1.0, tokens) > memory_.cache.value() || (longest > 0 && tokens > longest)) {
    leave(index, RequestState::kRejected);
    return;
  }
  request.state = RequestState::kWaiting;
  request.to_prefill = std::max(1.0, request.prompt * (1.0 - cached_fraction_));
  waiting_.push_back(index);
  if (!busy_) {
    start();
  } else if (decode_run_ && waiting_.size() == 1 && can_admit(request)) {
    cut_decode_run();
  }
}

void Replica::admit() {
  while (!waiting_.empty() && can_admit(requests_[waiting_.front()])) {
    const std::size_t index = waiting_.front();
    waiting_.pop_front();
    Request& request = requests_[index];
    request.state = RequestState::kPrefilling;
    request.reserved = reservation(request);
    cache_reserved_ += request.reserved;
    cache_used_ += cache_of(1.0, request.prompt + request.generated + 1.0);  // its next token included
    prefill_tokens_ += request.to_prefill;
    prefilling_.push_back(index);
  }
}

// The youngest sequences give way, lose their cache and wait to be recomputed, ahead of requests never started.
void Replica::preempt_until_it_fits(double growth) {
  while (cache_used_ + growth * static_cast<double>(decoding_count_) > cache_capacity_ &&
         decoding_count_ + prefilling_.size() > 1 && decoding_count_ > 0) {
    const Finish youngest = decoding_order_.back();
    decoding_order_.pop_back();
    Request& request = requests_[youngest.request];
    if (request.epoch != youngest.epoch || request.state != RequestState::kDecoding) {
      continue;
    }
    const double steps = static_cast<double>(step_ - request.joined);
    const double context = request.prompt + request.generated + steps * tokens_per_step_;
    context_tokens_ -= context;
    cache_used_ -= cache_of(1.0, context);
    cache_reserved_ -= request.reserved;
    request.generated += steps * tokens_per_step_;
    request.to_prefill = std::max(1.0, request.prompt * (1.0 - cached_fraction_)) + request.generated;
    request.state = RequestState::kWaiting;
    ++request.epoch;
    --decoding_count_;
    ++preemptions_;
    waiting_.push_front(youngest.request);
  }
}

void Replica::start() {
  admit();
  if (decoding_count_ == 0 && prefilling_.empty()) {
    busy_ = false;
    return;
  }
  busy_ = true;
  const double ranks = static_cast<double>(spec_.layout.data);
  const double step = 1.0 + static_cast<double>(spec_.drafts.drafts);
  const IterationPlan plan =
      policy_.plan({static_cast<double>(decoding_count_) * step / ranks, prefill_tokens_ / ranks});
  if (plan.prefill_tokens > 0) {
    start_mixed(plan.decode, plan.prefill_tokens, plan.whole_prompts);
  } else {
    start_decode_run();
  }
}

double Replica::mean_context() const {
  return decoding_count_ > 0 ? context_tokens_ / static_cast<double>(decoding_count_) : 0.0;
}

void Replica::start_mixed(bool decode, double rank_tokens, bool whole_prompts) {
  decode_run_ = false;
  if (decode) {
    preempt_until_it_fits(memory_.cache_per_token.value() * tokens_per_step_);
  }
  mixed_decodes_ = decode && decoding_count_ > 0;
  const double ranks = static_cast<double>(spec_.layout.data);
  IterationLoad load;
  load.decoding = mixed_decodes_ ? static_cast<double>(decoding_count_) : 0.0;
  load.context = mean_context();
  chunks_.clear();
  IterationCost attention_sum;
  double slowest = 0;
  for (const std::size_t index : prefilling_) {
    const Request& request = requests_[index];
    double tokens = std::min({request.to_prefill, rank_tokens, rank_tokens * ranks - load.prefill_total});
    if (whole_prompts && tokens < request.to_prefill) {
      if (!chunks_.empty()) {
        break;
      }
      tokens = request.to_prefill;
    }
    if (tokens <= 0) {
      break;
    }
    chunks_.push_back({index, tokens});
    load.prefill_total += tokens;
    load.prefill_rank = std::max(load.prefill_rank, tokens);
    load.prompts_done += tokens >= request.to_prefill ? 1.0 : 0.0;
    const double past = request.prompt + request.generated - request.to_prefill;
    const IterationCost attention = model_.prefill_attention(tokens, std::max(0.0, past));
    attention_sum += attention;
    slowest = std::max(slowest, attention.time);
  }
  load.prefill_rank = std::max(load.prefill_rank, load.prefill_total / ranks);
  load.prefill_attention = attention_sum * (1.0 / ranks);
  load.prefill_attention.time = std::max(load.prefill_attention.time, slowest);
  mixed_cost_ = iteration_cost(model_, spec_, traits_.host_time, load);
  end_event_ = simulation_.after(
      Seconds(mixed_cost_.time), [this] { finish_iteration(); }, engine::Priority::kCompletion);
}

void Replica::start_decode_run() {
  const double growth = memory_.cache_per_token.value() * tokens_per_step_;
  preempt_until_it_fits(growth);
  decode_run_ = true;
  while (requests_[finishing_.top().request].epoch != finishing_.top().epoch) {
    finishing_.pop();
  }
  run_steps_ = finishing_.top().step - step_;
  const double count = static_cast<double>(decoding_count_);
  if (growth > 0) {
    const double room = (cache_capacity_ - cache_used_) / (growth * count);
    if (room < static_cast<double>(run_steps_)) {
      run_steps_ = std::max<std::int64_t>(1, static_cast<std::int64_t>(room));
    }
  }
  IterationLoad load;
  load.decoding = count;
  load.context = mean_context();
  first_step_ = iteration_cost(model_, spec_, traits_.host_time, load);
  load.context += tokens_per_step_ * static_cast<double>(run_steps_ - 1);
  last_step_ = run_steps_ > 1 ? iteration_cost(model_, spec_, traits_.host_time, load) : first_step_;
  run_slope_ = run_steps_ > 1 ? (last_step_.time - first_step_.time) / static_cast<double>(run_steps_ - 1) : 0.0;
  run_start_ = now();
  end_event_ = simulation_.after(
      Seconds(run_time(run_steps_)), [this] { finish_iteration(); }, engine::Priority::kCompletion);
}

// Of the first `steps` steps of the run: an arithmetic series, because a step's time is linear in the context.
double Replica::run_time(std::int64_t steps) const {
  const double n = static_cast<double>(steps);
  return n * first_step_.time + run_slope_ * n * (n - 1.0) / 2.0;
}

// An arrival can join at the next boundary between iterations.
void Replica::cut_decode_run() {
  const double elapsed = now() - run_start_;
  std::int64_t low = 1;
  std::int64_t high = run_steps_;
  while (low < high) {
    const std::int64_t middle = low + (high - low) / 2;
    if (run_time(middle) >= elapsed) {
      high = middle;
    } else {
      low = middle + 1;
    }
  }
  if (low == run_steps_) {
    return;
  }
  const double share = static_cast<double>(low - 1) / static_cast<double>(run_steps_ - 1);
  last_step_ = first_step_ * (1.0 - share) + last_step_ * share;
  run_steps_ = low;
  simulation_.cancel(end_event_);
  const engine::SimTime end(Seconds(run_start_ + run_time(low)));
  end_event_ = simulation_.at(
      std::max(end, simulation_.now()), [this] { finish_iteration(); }, engine::Priority::kCompletion);
}

void Replica::take_steps(std::int64_t steps) {
  step_ += steps;
  const double tokens = static_cast<double>(decoding_count_) * tokens_per_step_ * static_cast<double>(steps);
  context_tokens_ += tokens;
  cache_used_ += memory_.cache_per_token.value() * tokens;
  peak_cache_ = std::max(peak_cache_, cache_used_);
  activity_.output_tokens += tokens;
  while (!finishing_.empty() && finishing_.top().step <= step_) {
    const Finish finish = finishing_.top();
    finishing_.pop();
    Request& request = requests_[finish.request];
    if (request.epoch != finish.epoch) {
      continue;
    }
    const double taken = static_cast<double>(step_ - request.joined) * tokens_per_step_;
    const double context = request.prompt + request.generated + taken;
    context_tokens_ -= context;
    cache_used_ -= cache_of(1.0, context);
    cache_reserved_ -= request.reserved;
    activity_.output_tokens -= request.generated + taken - request.output;  // drafts beyond the end are dropped
    request.generated = request.output;
    --decoding_count_;
    leave(finish.request, RequestState::kCompleted);
  }
}

void Replica::finish_iteration() {
  if (decode_run_) {
    const IterationCost total = (first_step_ + last_step_) * (0.5 * static_cast<double>(run_steps_));
    activity_.compute_busy += total.compute;
    activity_.memory_busy += total.memory;
    take_steps(run_steps_);
    start();
    return;
  }
  activity_.compute_busy += mixed_cost_.compute;
  activity_.memory_busy += mixed_cost_.memory;
  if (mixed_decodes_) {
    take_steps(1);
  }
  // chunks_ follow the order of prefilling_ from its front; prompts cut short keep their place.
  for (std::size_t i = 0; i < chunks_.size(); ++i) {
    prefilling_.pop_front();
  }
  for (std::size_t i = chunks_.size(); i-- > 0;) {
    Request& request = requests_[chunks_[i].request];
    request.to_prefill -= chunks_[i].tokens;
    if (request.to_prefill > 0) {
      prefilling_.push_front(chunks_[i].request);
    }
  }
  for (const Chunk& chunk : chunks_) {
    activity_.prompt_tokens += chunk.tokens;
    prefill_tokens_ -= chunk.tokens;
    Request& request = requests_[chunk.request];
    if (request.to_prefill > 0) {
      continue;
    }
    if (request.generated <= 0) {
      request.first_token = now() + traits_.frontend_time.value();
    }
    request.generated += 1.0;
    activity_.output_tokens += 1.0;
    if (request.generated >= request.output) {
      activity_.output_tokens -= request.generated - request.output;
      cache_used_ -= cache_of(1.0, request.prompt + request.generated);
      cache_reserved_ -= request.reserved;
      request.generated = request.output;
      leave(chunk.request, RequestState::kCompleted);
      continue;
    }
    const double context = request.prompt + request.generated;
    context_tokens_ += context;
    request.state = RequestState::kDecoding;
    request.joined = step_;
    const double steps = std::ceil((request.output - request.generated) / tokens_per_step_);
    const Finish finish{step_ + static_cast<std::int64_t>(steps), chunk.request, request.epoch};
    finishing_.push(finish);
    decoding_order_.push_back(finish);
    ++decoding_count_;
  }
  if (decoding_order_.size() > 4 * decoding_count_ + 64) {
    std::erase_if(decoding_order_, [this](const Finish& entry) {
      return requests_[entry.request].epoch != entry.epoch || requests_[entry.request].state != RequestState::kDecoding;
    });
  }
  peak_cache_ = std::max(peak_cache_, cache_used_);
  start();
}

void Replica::leave(std::size_t index, RequestState state) {
  Request& request = requests_[index];
  request.state = state;
  request.finish = now() + traits_.frontend_time.value();
  listener_.left(index);
}

}  // namespace aifactory
