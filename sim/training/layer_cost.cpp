#include "sim/training/layer_cost.h"

#include <variant>

namespace aifactory {
namespace {

PassCost pass_cost(const OperatorPricer& pricer, const std::vector<OperatorCall>& calls) {
  PassCost pass;
  for (const OperatorCall& call : calls) {
    const OperatorCost cost = pricer.cost(call);
    if (const auto* collective = std::get_if<CollectiveCall>(&call.shape)) {
      switch (collective->group) {
        case Group::kExpert:
        case Group::kExpertTensor:
          pass.expert += cost.time;
          break;
        case Group::kContext:
          pass.context += cost.time;
          break;
        default:
          pass.tensor += cost.time;
      }
      continue;
    }
    pass.kernels += cost.time;
    pass.low += cost.low;
    pass.high += cost.high;
    pass.compute_busy += cost.compute_busy;
    pass.memory_busy += cost.memory_busy;
    pass.grade = weakest(pass.grade, cost.grade);
  }
  return pass;
}

}  // namespace

PassCost& PassCost::operator+=(const PassCost& other) {
  kernels += other.kernels;
  low += other.low;
  high += other.high;
  tensor += other.tensor;
  context += other.context;
  expert += other.expert;
  compute_busy += other.compute_busy;
  memory_busy += other.memory_busy;
  grade = weakest(grade, other.grade);
  return *this;
}

PassCost PassCost::times(double factor) const {
  PassCost scaled = *this;
  for (Seconds* part : {&scaled.kernels, &scaled.low, &scaled.high, &scaled.tensor, &scaled.context, &scaled.expert,
                        &scaled.compute_busy, &scaled.memory_busy}) {
    *part *= factor;
  }
  return scaled;
}

Seconds PassCost::visible(const StepOverlap& overlap) const {
  return kernels + tensor * overlap.tensor_exposed + context * overlap.context_exposed +
         expert * overlap.expert_exposed;
}

LayerCosts layer_costs(const TrainingSpec& spec) {
  const OperatorPricer pricer(spec.kernels, spec.system, spec.network, spec.layout, CollectiveStack::kLibrary);
  LayerCosts costs;
  costs.layers = static_cast<double>(spec.model.layer_count());
  for (const LayerGroup& group : spec.model.layers) {
    const TrainingOperators operators =
        training_layer_operators(spec.model, group, spec.layout, spec.formats, spec.sequence_length, spec.expert_load);
    const double share = static_cast<double>(group.count) / costs.layers;
    costs.forward += pass_cost(pricer, operators.forward).times(share);
    costs.backward += pass_cost(pricer, operators.backward).times(share);
    costs.backward += pass_cost(pricer, operators.recompute).times(share);
  }
  const TrainingOperators ends =
      training_embedding_operators(spec.model, spec.layout, spec.formats, spec.sequence_length);
  costs.head_forward = pass_cost(pricer, ends.forward);
  costs.head_backward = pass_cost(pricer, ends.backward);
  return costs;
}

}  // namespace aifactory
