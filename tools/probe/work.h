// What one launch of a case asks of the device: useful FLOPs and compulsory HBM bytes. Written into the records, and
// used to plan how long a case will take.
#pragma once

#include "tools/probe/case.h"

namespace aifactory::probe {

struct Work {
  double flops = 0.0;
  double bytes = 0.0;
};

// gemm 2mnk; attention 4 d per causal query-key pair and head (MLA: 2 (latent + rope) + 2 latent in decode,
// 2 (d + rope) + 2 d in prefill); layers: the sum of their parts. Throws std::out_of_range when the shape lacks a
// field.
Work work_of(const Case& c);

// Query-key pairs of one sequence and head: causal, each query sees at most `window` keys (0: all).
double causal_pairs(std::int64_t past, std::int64_t fresh, std::int64_t window);

// Seconds of one launch at rates that every data-centre GPU since 2022 reaches; good to a factor of two, for planning.
double planned_seconds(const Case& c);

}  // namespace aifactory::probe
