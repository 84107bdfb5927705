// A recorded sequence of requests. Reading the public formats is models/catalog/trace_reader.h.
#pragma once

#include <string>
#include <vector>

#include "models/units/quantity.h"

namespace aifactory {

struct TraceRow {
  Seconds arrival{};  // since the first request
  double prompt_tokens = 0;
  double output_tokens = 0;
};

// Rows in order of arrival, the first at zero.
struct Trace {
  std::string id;  // for messages and provenance
  std::vector<TraceRow> rows;

  [[nodiscard]] Seconds duration() const;  // first to last arrival
  [[nodiscard]] Hertz mean_rate() const;   // gaps per duration; zero for fewer than two rows
  [[nodiscard]] double mean_prompt() const;
  [[nodiscard]] double mean_output() const;

  // The same requests arriving `factor` times as fast.
  [[nodiscard]] Trace compressed(double factor) const;
};

}  // namespace aifactory
