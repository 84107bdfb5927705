#include "sim/serving/layout_choice.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "models/llm/parameters.h"
#include "sim/serving/steady_state.h"

namespace aifactory {
namespace {

// More sequences per attention rank than any engine is configured for by default in published runs (InferenceX sweeps
// stop at 1,024).
constexpr int kMostPerRank = 1024;

std::vector<int> replica_sizes(const LayoutRequest& request) {
  const int domain = std::max(1, request.system.accelerator.scale_up_domain);
  const int most = request.max_accelerators > 0 ? request.max_accelerators : domain;
  std::set<int> sizes{most};
  for (int n = 1; n <= most; n *= 2) {
    sizes.insert(n);
  }
  return {sizes.begin(), sizes.end()};
}

std::vector<ParallelLayout> layouts_of(const LlmArchitecture& model, int accelerators) {
  std::vector<ParallelLayout> layouts;
  std::set<int> tensors{1, 2, 4, 8, 16, accelerators};
  for (const int tensor : tensors) {
    if (accelerators % tensor != 0) {
      continue;
    }
    // Experts spread over every accelerator, or cut by the tensor ranks.
    std::set<int> experts{1};
    if (model.experts > 0) {
      experts.insert(accelerators);
    }
    for (const int expert : experts) {
      ParallelLayout layout;
      layout.tensor = tensor;
      layout.data = accelerators / tensor;
      layout.expert = expert;
      layout.expert_tensor = model.experts > 0 ? accelerators / expert : 1;
      if (serving_layout_problems(model, layout).empty()) {
        layouts.push_back(layout);
      }
    }
  }
  return layouts;
}

bool accelerator_runs(const Accelerator& accelerator, const NumericFormats& formats) {
  const auto runs = [&](GemmFormat format) { return accelerator.supports(math_precision(format)); };
  return runs(formats.dense) && runs(formats.experts) && runs(formats.head);
}

// One evaluation that rules a candidate out. Let C be the sequences with which it would match the best throughput if it
// ran exactly at the TPOT limit. If it misses the limit at C it also does with more, and with fewer it produces less
// than at C, which is less than the best.
bool cannot_beat(const SteadyState& best, const IterationKernels& kernels, const RequestMix& mix, const Slo& slo,
                 double most, SteadyState& state) {
  const double accelerators = static_cast<double>(kernels.spec().layout.accelerators());
  const double matching = best.output_per_accelerator.value() * accelerators * slo.tpot.value();
  state = steady_state(kernels, mix, std::clamp(matching, 1.0, most));
  return matching >= most ? state.output_per_accelerator <= best.output_per_accelerator : state.tpot > slo.tpot;
}

std::string why_nothing_fits(const LayoutRequest& request, const std::vector<LayoutCandidate>& considered,
                             const Slo& slo) {
  const Accelerator& accelerator = request.system.accelerator;
  const LayoutCandidate* fastest = nullptr;
  for (const LayoutCandidate& candidate : considered) {
    if (candidate.state.sequences > 0 && (fastest == nullptr || candidate.state.tpot < fastest->state.tpot)) {
      fastest = &candidate;
    }
  }
  if (fastest != nullptr) {
    return fmt::format(
        "{} on {} cannot keep the promise even for one request alone: TPOT {:.1f} ms (limit {:.1f} ms), TTFT {:.2f} s "
        "(limit {:.2f} s) at its fastest layout",
        request.model.id, request.system.id, fastest->state.tpot.value() * 1e3, slo.tpot.value() * 1e3,
        fastest->state.ttft.value(), slo.ttft.value());
  }
  Bytes least{};
  for (const NumericFormats& formats : request.formats) {
    if (accelerator_runs(accelerator, formats)) {
      const Bytes bytes = weight_bytes(request.model, formats);
      least = least.value() > 0 ? min(least, bytes) : bytes;
    }
  }
  if (least.value() <= 0) {
    return fmt::format("{} has no matrix rate for any of the formats asked for", accelerator.id);
  }
  const int most = replica_sizes(request).back();
  return fmt::format("{}: weights of {:.0f} GB and room for one request do not fit in {} x {:.0f} GB", request.model.id,
                     least.value() / 1e9, most, accelerator.memory_capacity.value() / 1e9);
}

}  // namespace

LayoutChoice choose_layout(const LayoutRequest& request, const RequestMix& mix, const Slo& slo) {
  LayoutChoice choice;
  for (const NumericFormats& formats : request.formats) {
    if (!accelerator_runs(request.system.accelerator, formats)) {
      continue;
    }
    for (const int accelerators : replica_sizes(request)) {
      for (const ParallelLayout& layout : layouts_of(request.model, accelerators)) {
        LayoutCandidate candidate;
        ServingReplicaSpec& spec = candidate.spec;
        spec.model = request.model;
        spec.system = request.system;
        spec.kernels = request.kernels;
        spec.network = request.network;
        spec.layout = layout;
        spec.formats = formats;
        spec.max_batch = kMostPerRank * layout.data;
        spec.drafts = request.drafts;
        spec.policy = request.policy;
        spec.expert_load = request.expert_load;
        spec.memory_share = request.memory_share;
        const ReplicaMemory memory = replica_memory(spec);
        const double most = memory.fits() ? most_sequences(spec, memory, mix) : 0.0;
        if (most < 1.0) {
          candidate.infeasible = memory.fits() ? "no room for one request beside the weights" : memory.problem;
          choice.considered.push_back(candidate);
          continue;
        }
        const IterationKernels kernels(spec);
        if (choice.feasible && cannot_beat(choice.best.state, kernels, mix, slo, most, candidate.state)) {
          candidate.infeasible = "slower than the best";
          choice.considered.push_back(candidate);
          continue;
        }
        const SteadyState best = best_steady_state(kernels, mix, slo, most);
        if (best.sequences < 1.0) {
          candidate.state = steady_state(kernels, mix, 1.0);
          candidate.infeasible = fmt::format("one request alone takes {:.1f} ms per token and {:.2f} s to the first",
                                             candidate.state.tpot.value() * 1e3, candidate.state.ttft.value());
          choice.considered.push_back(candidate);
          continue;
        }
        candidate.state = best;
        if (!choice.feasible || best.output_per_accelerator > choice.best.state.output_per_accelerator) {
          choice.feasible = true;
          choice.best = candidate;
        }
        choice.considered.push_back(candidate);
      }
    }
  }
  if (!choice.feasible) {
    choice.reason = why_nothing_fits(request, choice.considered, slo);
  }
  return choice;
}

}  // namespace aifactory
