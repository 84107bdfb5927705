// One request as the simulation follows it.
#pragma once

#include <cstdint>
#include <limits>

namespace aifactory {

enum class RequestState : std::uint8_t { kNotArrived, kWaiting, kPrefilling, kDecoding, kCompleted, kRejected };

struct Request {
  double arrival = 0;       // s
  double first_token = 0;   // s, at the client; frontend included
  double finish = 0;        // s
  double prompt = 1;        // tokens
  double output = 1;        // tokens
  double to_prefill = 0;    // tokens that remain to be computed before the next output token
  double generated = 0;     // output tokens so far
  double reserved = 0;      // bytes of cache promised to it at admission
  std::int64_t joined = 0;  // decode step at which it started decoding
  std::uint32_t epoch = 0;  // grows when it is preempted: older entries of the finish queue are void
  RequestState state = RequestState::kNotArrived;

  [[nodiscard]] double ttft() const { return first_token - arrival; }
  // Mean time between output tokens after the first; a single token has none.
  [[nodiscard]] double tpot() const { return output > 1.0 ? (finish - first_token) / (output - 1.0) : 0.0; }
};

}  // namespace aifactory
