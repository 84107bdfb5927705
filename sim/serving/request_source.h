// Turns a request mix into requests: arrival times and lengths from streams of their own, so that the n-th request has
// the same length and the same unit gap at every load (common random numbers). Gaps are scaled so that those of the
// requests to be measured average exactly to the nominal rate: a Poisson process given its number of arrivals.
#pragma once

#include <cstddef>
#include <cstdint>

#include "models/demand/request_mix.h"
#include "sim/engine/random_stream.h"
#include "sim/serving/request.h"

namespace aifactory {

class RequestSource {
 public:
  // The measured requests are [first, first + count).
  RequestSource(const RequestMix& mix, Hertz rate, std::uint64_t seed, std::size_t first, std::size_t count);
  Request next();

 private:
  double unit_gap();

  const RequestMix& mix_;
  double mean_gap_;
  engine::RandomStream gaps_, prompts_, outputs_;
  double clock_ = 0;
};

}  // namespace aifactory
