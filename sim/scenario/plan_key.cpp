#include <fmt/format.h>

#include <iterator>

#include "sim/scenario/plans.h"

namespace aifactory {

namespace {

class Key {
 public:
  Key& operator<<(double value) {
    fmt::format_to(std::back_inserter(text_), "{};", value);
    return *this;
  }
  Key& operator<<(const std::string& value) {
    fmt::format_to(std::back_inserter(text_), "{};", value);
    return *this;
  }
  template <int... E>
  Key& operator<<(Quantity<E...> value) {
    return *this << value.value();
  }
  [[nodiscard]] std::string text() const { return text_; }

 private:
  std::string text_;
};

void add(Key& key, const Accelerator& a) {
  key << a.id << a.family;
  for (const FlopsPerSecond peak : a.dense_peak) {
    key << peak;
  }
  key << a.sustained_clock_fraction << a.matmul_efficiency << a.memory_efficiency << a.kernel_latency
      << a.memory_capacity << a.memory_bandwidth << a.l2_capacity << a.multiprocessors << a.clock
      << a.scale_up_bandwidth << a.scale_up_domain << a.in_network_reduction << a.scale_out_bandwidth << a.tdp;
  key << a.power.idle_fraction << a.power.memory_weight << a.power.compute_weight << a.power.compute_exponent
      << a.power.cap_exponent;
}

void add(Key& key, const ParallelLayout& layout) {
  key << layout.tensor << layout.pipeline << layout.virtual_pipeline << layout.context << layout.data << layout.expert
      << layout.expert_tensor << layout.micro_batch << layout.global_batch << layout.sequence_parallel
      << static_cast<double>(layout.zero) << static_cast<double>(layout.recompute);
}

void add(Key& key, const LengthSpec& length) {
  key << static_cast<double>(length.kind) << length.tokens << length.low << length.high << length.mean << length.p95;
}

void add(Key& key, const ServingWorkload& serving) {
  add(key, serving.prompt);
  add(key, serving.output);
  key << serving.cached_fraction << static_cast<double>(serving.arrivals.kind) << serving.arrivals.gap_variation
      << serving.trace << serving.slo.ttft << serving.slo.tpot << serving.slo.share
      << static_cast<double>(serving.policy) << serving.draft_tokens << serving.accepted_drafts;
}

void add(Key& key, const TrainingWorkload& training) {
  key << training.sequence << training.global_batch << training.tokens.value_or(Tokens{})
      << training.accelerators_per_run.value_or(0.0);
}

}  // namespace

std::string plan_key(const ResolvedFleet& fleet, const ResolvedWorkload& workload, std::int64_t accelerators,
                     Seconds horizon, std::uint64_t seed, KernelBand kernels, const ServingPlan* serving_design,
                     const TrainingPlan* training_design) {
  Key key;
  add(key, fleet.system.accelerator);
  key << fleet.system.id << fleet.system.accelerators_per_node << fleet.system.accelerators_per_rack
      << fleet.system.nics_per_accelerator << fleet.system.nic.bandwidth << fleet.kernels_hash << fleet.network_hash;
  key << fleet.system.oversubscription << static_cast<double>(fleet.system.scale_out_routing)
      << fleet.system.leaf_uplinks << fleet.system.scale_out_reduction << fleet.system.scale_out_switch.ports
      << fleet.system.scale_out_switch.reduction_bandwidth << fleet.system.scale_out_switch.latency;
  key << fleet.failures.id << fleet.failures.rate << fleet.failures.restart << fleet.failures.checkpoint_bandwidth
      << fleet.failures.availability;
  key << workload.model_hash << static_cast<double>(workload.spec.kind) << static_cast<double>(workload.spec.precision)
      << workload.replayed;
  add(key, workload.spec.serving);
  add(key, workload.spec.training);
  key << static_cast<double>(accelerators) << horizon << static_cast<double>(seed) << static_cast<double>(kernels);
  if (serving_design != nullptr) {
    key << "kept" << serving_design->replica.max_batch;
    add(key, serving_design->replica.layout);
  }
  if (training_design != nullptr) {
    key << "kept" << training_design->accelerators;
    add(key, training_design->spec.layout);
  }
  return key.text();
}

}  // namespace aifactory
