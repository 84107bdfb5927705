// Seconds, bytes and FLOPs of an operator call: joins the operator lists with the kernel and collective models.
#pragma once

#include <memory>
#include <vector>

#include "models/fabric/collective.h"
#include "models/hardware/system.h"
#include "models/kernels/kernel_model.h"
#include "models/llm/layout.h"
#include "models/llm/operators.h"

namespace aifactory {

struct OperatorCost {
  Seconds time{};
  Seconds low{}, high{};    // 10-90 % band; collectives have none and repeat their time
  Seconds communication{};  // the part of time that is a collective
  // Seconds the arithmetic units would need at the dense peak of the precision in use, and the memory at peak
  // bandwidth: divided by elapsed time they are the Activity that the power law takes.
  Seconds compute_busy{}, memory_busy{};
  Grade grade = Grade::kMeasured;

  OperatorCost& operator+=(const OperatorCost& other);
};

class OperatorPricer {
 public:
  // A null network means NCCL's published constants for the accelerator's family.
  OperatorPricer(std::shared_ptr<const KernelModel> kernels, const System& system,
                 std::shared_ptr<const CollectiveLaw> network, const ParallelLayout& layout, CollectiveStack stack);

  [[nodiscard]] OperatorCost cost(const OperatorCall& call) const;
  [[nodiscard]] OperatorCost cost(const std::vector<OperatorCall>& calls) const;

  // What lies between the members of a group. Accelerators are numbered tensor first, then context, data and pipeline
  // (Megatron's order); expert ranks are taken in the same order. Members `stride` apart share a scale-up domain of D
  // accelerators D / stride at a time.
  [[nodiscard]] std::vector<NetworkLevel> levels(Group group, int ranks) const;

 private:
  std::shared_ptr<const KernelModel> kernels_;
  System system_;
  std::shared_ptr<const CollectiveLaw> network_;
  ParallelLayout layout_;
  CollectiveStack stack_;
};

}  // namespace aifactory
