// One replica in simulated time: continuous batching at the granularity of iterations, on sim/engine.
//
// Requests wait, are admitted when the batch and the KV cache have room, are prefilled in chunks as the policy says,
// then decode one step per iteration. A run of iterations in which nothing changes but the growing context is one event
// (its length is the closed sum of a linear law), cut short when an arrival can join; so cost grows with requests, not
// with tokens. When the cache overflows the youngest sequence is preempted and later recomputed.
//
// Attention ranks are alike: the batch is shared evenly between them, and a prompt occupies one of them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <queue>
#include <vector>

#include "models/demand/request_mix.h"
#include "sim/engine/simulation.h"
#include "sim/serving/iteration_model.h"
#include "sim/serving/replica_spec.h"
#include "sim/serving/request.h"

namespace aifactory {

// What a replica did between two instants.
struct ReplicaActivity {
  double compute_busy = 0;  // seconds at peak of one accelerator
  double memory_busy = 0;
  double output_tokens = 0;
  double prompt_tokens = 0;  // computed, recomputation included
  ReplicaActivity& operator+=(const ReplicaActivity& other) {
    compute_busy += other.compute_busy;
    memory_busy += other.memory_busy;
    output_tokens += other.output_tokens;
    prompt_tokens += other.prompt_tokens;
    return *this;
  }
};

// Told when a request leaves the replica (completed or rejected).
class ReplicaListener {
 public:
  virtual ~ReplicaListener() = default;
  virtual void left(std::size_t request) = 0;
};

class Replica {
 public:
  // `requests` outlives the replica and is shared by all replicas of a deployment.
  Replica(engine::Simulation& simulation, const ServingReplicaSpec& spec, const ReplicaMemory& memory,
          const IterationModel& model, double cached_fraction, std::vector<Request>& requests,
          ReplicaListener& listener);

  // The request at this index has arrived.
  void submit(std::size_t request);

  [[nodiscard]] std::size_t in_flight() const { return waiting_.size() + prefilling_.size() + decoding_count_; }
  [[nodiscard]] std::size_t waiting() const { return waiting_.size(); }
  [[nodiscard]] std::int64_t preemptions() const { return preemptions_; }
  [[nodiscard]] double peak_cache_share() const { return peak_cache_ / cache_capacity_; }
  // Totals up to the last finished iteration.
  [[nodiscard]] const ReplicaActivity& activity() const { return activity_; }

 private:
  struct Finish {
    std::int64_t step;
    std::size_t request;
    std::uint32_t epoch;
    bool operator>(const Finish& other) const {
      return step != other.step ? step > other.step : request > other.request;
    }
  };
  struct Chunk {
    std::size_t request;
    double tokens;
  };

  [[nodiscard]] double cache_of(double sequences, double tokens) const;
  [[nodiscard]] double reservation(const Request& request) const;
  [[nodiscard]] bool can_admit(const Request& request) const;
  void admit();
  void preempt_until_it_fits(double growth);
  void start();
  void start_mixed(bool decode, double prefill_tokens, bool whole_prompts);
  void start_decode_run();
  void finish_iteration();
  void take_steps(std::int64_t steps);
  void cut_decode_run();
  void leave(std::size_t request, RequestState state);
  [[nodiscard]] double now() const { return simulation_.now().seconds().value(); }
  [[nodiscard]] double mean_context() const;
  [[nodiscard]] double run_time(std::int64_t steps) const;

  engine::Simulation& simulation_;
  const ServingReplicaSpec& spec_;
  const IterationModel& model_;
  const ServingPolicy& policy_;
  EngineTraits traits_;
  ReplicaMemory memory_;
  double cached_fraction_;
  std::vector<Request>& requests_;
  ReplicaListener& listener_;
  double tokens_per_step_;  // of one sequence: 1 + accepted drafts
  double cache_capacity_;   // bytes over the attention ranks

  std::deque<std::size_t> waiting_;
  std::deque<std::size_t> prefilling_;
  double prefill_tokens_ = 0;  // uncomputed, of all in prefilling_
  std::priority_queue<Finish, std::vector<Finish>, std::greater<>> finishing_;
  std::vector<Finish> decoding_order_;  // in the order of joining; entries of requests that left are skipped
  std::size_t decoding_count_ = 0;
  double context_tokens_ = 0;  // behind all decoding sequences
  double cache_used_ = 0;      // bytes, decoding and prefilling sequences
  double cache_reserved_ = 0;  // bytes promised at admission
  double peak_cache_ = 0;
  std::int64_t step_ = 0;  // decode steps taken
  std::int64_t preemptions_ = 0;
  ReplicaActivity activity_;

  // The iteration (or run of decode iterations) under way.
  bool busy_ = false;
  bool decode_run_ = false;
  engine::EventId end_event_;
  double run_start_ = 0;
  std::int64_t run_steps_ = 0;
  IterationCost first_step_, last_step_;  // of a decode run; linear between
  double run_slope_ = 0;                  // seconds that each step takes longer than the one before
  IterationCost mixed_cost_;
  bool mixed_decodes_ = false;
  std::vector<Chunk> chunks_;
};

}  // namespace aifactory
