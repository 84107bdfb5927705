#include "models/demand/trace.h"

namespace aifactory {

Seconds Trace::duration() const { return rows.empty() ? Seconds{} : rows.back().arrival - rows.front().arrival; }

Hertz Trace::mean_rate() const {
  const Seconds span = duration();
  return span > Seconds{} ? static_cast<double>(rows.size() - 1) / span : Hertz{};
}

double Trace::mean_prompt() const {
  double sum = 0.0;
  for (const TraceRow& row : rows) {
    sum += row.prompt_tokens;
  }
  return rows.empty() ? 0.0 : sum / static_cast<double>(rows.size());
}

double Trace::mean_output() const {
  double sum = 0.0;
  for (const TraceRow& row : rows) {
    sum += row.output_tokens;
  }
  return rows.empty() ? 0.0 : sum / static_cast<double>(rows.size());
}

Trace Trace::compressed(double factor) const {
  Trace result = *this;
  for (TraceRow& row : result.rows) {
    row.arrival /= factor;
  }
  return result;
}

}  // namespace aifactory
