#include "models/llm/operator_cost.h"

#include <algorithm>
#include <utility>
#include <variant>

#include "models/llm/formats.h"

namespace aifactory {
namespace {

template <class... Visitors>
struct Overloaded : Visitors... {
  using Visitors::operator()...;
};
template <class... Visitors>
Overloaded(Visitors...) -> Overloaded<Visitors...>;

int group_stride(const ParallelLayout& layout, Group group) {
  switch (group) {
    case Group::kTensor:
    case Group::kExpertTensor:
      return 1;
    case Group::kContext:
      return layout.tensor;
    case Group::kExpert:
      return layout.expert_tensor;
    case Group::kExpertData:
      return layout.expert_tensor * layout.expert;
    case Group::kData:
      return layout.tensor * layout.context;
    case Group::kPipeline:
      return layout.tensor * layout.context * layout.data;
  }
  return 1;
}

}  // namespace

OperatorCost& OperatorCost::operator+=(const OperatorCost& other) {
  time += other.time;
  low += other.low;
  high += other.high;
  communication += other.communication;
  compute_busy += other.compute_busy;
  memory_busy += other.memory_busy;
  grade = weakest(grade, other.grade);
  return *this;
}

OperatorPricer::OperatorPricer(std::shared_ptr<const KernelModel> kernels, const System& system,
                               std::shared_ptr<const CollectiveLaw> network, const ParallelLayout& layout,
                               CollectiveStack stack)
    : kernels_(std::move(kernels)), system_(system), network_(std::move(network)), layout_(layout), stack_(stack) {}

std::vector<NetworkLevel> OperatorPricer::levels(Group group, int ranks) const {
  const int stride = group_stride(layout_, group);
  const int domain = std::max(1, system_.accelerator.scale_up_domain);
  const int inside = std::clamp(domain / stride, 1, std::max(1, ranks));
  std::vector<NetworkLevel> levels =
      network_ ? levels_for(system_, ranks * stride, *network_) : levels_for(system_, ranks * stride);
  levels.front().ranks = inside;
  if (levels.size() > 1) {
    levels.back().ranks = (ranks + inside - 1) / inside;
  }
  return levels;
}

OperatorCost OperatorPricer::cost(const OperatorCall& call) const {
  const KernelModel& kernels = *kernels_;
  const auto kernel = [&](const KernelEstimate& estimate, Precision precision) {
    const Activity activity = kernels.activity(estimate, precision);
    OperatorCost cost;
    cost.time = estimate.time;
    cost.low = estimate.low;
    cost.high = estimate.high;
    cost.compute_busy = estimate.time * activity.compute;
    cost.memory_busy = estimate.time * activity.memory;
    cost.grade = estimate.grade;
    return cost;
  };
  OperatorCost cost = std::visit(
      Overloaded{[&](const GemmShape& s) { return kernel(kernels.gemm(s), math_precision(s.format)); },
                 [&](const GroupedGemmShape& s) { return kernel(kernels.grouped_gemm(s), math_precision(s.format)); },
                 [&](const AttentionShape& s) { return kernel(kernels.attention(s), s.math); },
                 [&](const LatentAttentionShape& s) { return kernel(kernels.latent_attention(s), Precision::kBf16); },
                 [&](const StreamCall& s) { return kernel(kernels.stream(s.kind, s.bytes), Precision::kBf16); },
                 [&](const CollectiveCall& s) {
                   OperatorCost c;
                   c.time = collective_time(s.operation, s.bytes, levels(s.group, s.ranks), stack_);
                   c.low = c.high = c.communication = c.time;
                   return c;
                 }},
      call.shape);
  const double n = call.repetitions;
  cost.time *= n;
  cost.low *= n;
  cost.high *= n;
  cost.communication *= n;
  cost.compute_busy *= n;
  cost.memory_busy *= n;
  return cost;
}

OperatorCost OperatorPricer::cost(const std::vector<OperatorCall>& calls) const {
  OperatorCost total;
  for (const OperatorCall& call : calls) {
    total += cost(call);
  }
  return total;
}

}  // namespace aifactory
