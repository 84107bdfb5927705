// Which layout, precision and batch limit serve a mix best under its SLO, by closed form over an explicit enumeration.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "models/demand/request_mix.h"
#include "sim/serving/capacity.h"
#include "sim/serving/replica_spec.h"

namespace aifactory {

struct LayoutRequest {
  LlmArchitecture model;
  System system;
  std::shared_ptr<const KernelModel> kernels;
  std::shared_ptr<const CollectiveLaw> network;
  std::vector<NumericFormats> formats;  // acceptable; those the accelerator has no rate for are skipped
  ServingPolicyKind policy = ServingPolicyKind::kDecodeFirst;
  DraftOptions drafts;
  ExpertLoad expert_load;
  int max_accelerators = 0;  // per replica; 0 = the scale-up domain, more spans several
  double memory_share = 0.95;
};

struct LayoutCandidate {
  ServingReplicaSpec spec;
  SteadyState state;       // at the best batch that meets the SLO; where it was ruled out, if it was
  std::string infeasible;  // why it was ruled out, empty when it keeps the SLO
};

struct LayoutChoice {
  bool feasible = false;
  std::string reason;    // of infeasibility, in one sentence with the numbers that decide it
  LayoutCandidate best;  // valid when feasible
  std::vector<LayoutCandidate> considered;
};

// Highest output tokens per second and accelerator with TPOT (closed form) within the SLO. Candidates: replicas of
// 1, 2, 4... accelerators up to the scale-up domain (and the domain itself), tensor widths that divide the heads,
// attention data parallelism over the rest, experts spread over all accelerators or cut within them.
LayoutChoice choose_layout(const LayoutRequest& request, const RequestMix& mix, const Slo& slo);

}  // namespace aifactory
