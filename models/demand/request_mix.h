// What a deployment is asked to serve: when requests arrive, how long they are, how much of them is already cached.
#pragma once

#include <limits>
#include <memory>

#include "models/demand/lengths.h"
#include "models/demand/trace.h"
#include "models/units/quantity.h"

namespace aifactory {

enum class ArrivalKind {
  kDeterministic,  // equal gaps
  kPoisson,        // independent users
  kGamma,          // gamma-distributed gaps: burstier than Poisson when the coefficient of variation exceeds 1
};

struct ArrivalProcess {
  ArrivalKind kind = ArrivalKind::kPoisson;
  double gap_variation = 1.0;  // standard deviation of gaps over their mean, kGamma only
};

struct RequestLengths {
  double prompt = 1.0;  // tokens, the cached part included
  double output = 1.0;  // tokens generated, reasoning included
};

struct RequestMix {
  ArrivalProcess arrivals;
  LengthDistribution prompt;
  LengthDistribution output;
  double cached_fraction = 0.0;  // of prompt tokens found in the prefix cache, 0..1

  // When set, requests are rows of it: lengths are drawn as pairs, so their correlation survives.
  std::shared_ptr<const Trace> trace;

  // Lengths of the request at quantiles (u_prompt, u_output); with a trace u_prompt picks the row.
  [[nodiscard]] RequestLengths lengths_at(double u_prompt, double u_output) const;
  [[nodiscard]] double mean_prompt() const;
  [[nodiscard]] double mean_output() const;
  // Mean context of a generated token: E[prompt + output / 2] weighted by output, in tokens.
  [[nodiscard]] double mean_decode_context() const;
  // Prompt tokens that must be computed for a prompt of this many tokens; at least one.
  [[nodiscard]] double computed_prompt(double prompt) const;
};

// The latency promise. A request meets it when both of its own values do; the promise holds when at least `share` of
// requests do. Infinite values promise nothing.
struct Slo {
  Seconds ttft{std::numeric_limits<double>::infinity()};
  Seconds tpot{std::numeric_limits<double>::infinity()};  // mean time between output tokens after the first
  double share = 0.9;

  [[nodiscard]] bool met_by(Seconds request_ttft, Seconds request_tpot) const {
    return request_ttft <= ttft && request_tpot <= tpot;
  }
};

}  // namespace aifactory
