#include "sim/serving/request_source.h"

namespace aifactory {

RequestSource::RequestSource(const RequestMix& mix, Hertz rate, std::uint64_t seed, std::size_t first,
                             std::size_t count)
    : mix_(mix),
      mean_gap_(1.0 / rate.value()),
      gaps_(seed, "serving/requests", "gap"),
      prompts_(seed, "serving/requests", "prompt"),
      outputs_(seed, "serving/requests", "output") {
  const engine::RandomStream start = gaps_;
  double sum = 0.0;
  for (std::size_t i = 0; i < first + count; ++i) {
    const double gap = unit_gap();
    sum += i > first ? gap : 0.0;  // the window opens with the arrival of the first
  }
  gaps_ = start;
  if (count > 1) {
    mean_gap_ *= static_cast<double>(count - 1) / sum;
  }
}

double RequestSource::unit_gap() {
  switch (mix_.arrivals.kind) {
    case ArrivalKind::kDeterministic:
      return 1.0;
    case ArrivalKind::kPoisson:
      return gaps_.exponential(1.0);
    case ArrivalKind::kGamma: {
      const double variance = mix_.arrivals.gap_variation * mix_.arrivals.gap_variation;
      return variance > 0 ? gaps_.gamma(1.0 / variance, variance) : 1.0;
    }
  }
  return 1.0;
}

Request RequestSource::next() {
  clock_ += unit_gap() * mean_gap_;
  const double u_prompt = prompts_.uniform();
  const RequestLengths lengths = mix_.lengths_at(u_prompt, outputs_.uniform());
  Request request;
  request.arrival = clock_;
  request.prompt = lengths.prompt;
  request.output = lengths.output;
  return request;
}

}  // namespace aifactory
