#include "sim/serving/replica_spec.h"

#include <fmt/format.h>

#include <algorithm>

#include "models/llm/kv_cache.h"
#include "models/llm/memory.h"

namespace aifactory {
namespace {

std::string gigabytes(Bytes bytes) {
  return fmt::format("{:.0f} GB", bytes.value() / 1e9);
}

}  // namespace

double ReplicaMemory::sequences_of(double tokens) const {
  return cache / (cache_per_sequence + cache_per_token * tokens);
}

ReplicaMemory replica_memory(const ServingReplicaSpec& spec) {
  ReplicaMemory memory;
  const std::vector<std::string> problems = serving_layout_problems(spec.model, spec.layout);
  if (!problems.empty()) {
    memory.problem = problems.front();
    return memory;
  }
  const EngineTraits traits = serving_policy(spec.policy).traits();
  const ServingFootprint footprint = serving_footprint(spec.model, spec.layout, spec.formats, 1.0, traits.token_budget);
  memory.weights = footprint.weights;
  memory.workspace = footprint.workspace;
  memory.capacity = spec.system.accelerator.memory_capacity * spec.memory_share;
  // Slope and intercept far out, where windows are full.
  constexpr double kFar = 1 << 20;
  const Precision kv = spec.formats.kv;
  const Bytes far = sequence_cache_bytes_per_rank(spec.model, kFar, kv, spec.layout.tensor);
  const Bytes farther = sequence_cache_bytes_per_rank(spec.model, 2 * kFar, kv, spec.layout.tensor);
  memory.cache_per_token = (farther - far) / kFar;
  memory.cache_per_sequence = max(Bytes{}, far - memory.cache_per_token * kFar);
  memory.cache = max(Bytes{}, memory.capacity - memory.weights - memory.workspace);
  if (memory.cache.value() <= 0.0) {
    memory.problem = "weights of " + gigabytes(memory.weights) + " and workspace of " + gigabytes(memory.workspace) +
                     " per accelerator exceed the " + gigabytes(memory.capacity) + " usable of its " +
                     gigabytes(spec.system.accelerator.memory_capacity);
  }
  return memory;
}

}  // namespace aifactory
