#include "models/demand/request_mix.h"

#include <algorithm>
#include <cstddef>

namespace aifactory {

RequestLengths RequestMix::lengths_at(double u_prompt, double u_output) const {
  if (trace) {
    const auto index = static_cast<std::size_t>(u_prompt * static_cast<double>(trace->rows.size()));
    const TraceRow& row = trace->rows[std::min(index, trace->rows.size() - 1)];
    return {std::max(1.0, row.prompt_tokens), std::max(1.0, row.output_tokens)};
  }
  return {prompt.tokens_at(u_prompt), output.tokens_at(u_output)};
}

double RequestMix::mean_prompt() const { return trace ? trace->mean_prompt() : prompt.mean(); }

double RequestMix::mean_output() const { return trace ? trace->mean_output() : output.mean(); }

double RequestMix::mean_decode_context() const {
  if (!trace) {
    return prompt.mean() + output.mean_square() / (2.0 * output.mean());
  }
  double tokens = 0.0;
  double weighted = 0.0;
  for (const TraceRow& row : trace->rows) {
    tokens += row.output_tokens;
    weighted += row.output_tokens * (row.prompt_tokens + row.output_tokens / 2.0);
  }
  return tokens > 0.0 ? weighted / tokens : trace->mean_prompt();
}

double RequestMix::computed_prompt(double prompt_tokens) const {
  return std::max(1.0, prompt_tokens * (1.0 - cached_fraction));
}

}  // namespace aifactory
