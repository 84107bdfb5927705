#include "models/fabric/collective_knobs.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <utility>

#include "models/fabric/pattern_search.h"
#include "models/units/pinned_math.h"

namespace aifactory::collective_fit {
namespace {

// Errors below this count little, so that the loss is smooth there; searches begin with the smoothest.
constexpr std::array<double, 3> kRoundings = {0.2, 0.05, kFinestRounding};

// Samples over the same levels, which are made once per law tried.
struct Span {
  const CollectiveSample* first;
  Samples samples;
};

bool same_levels(const CollectiveSample& a, const CollectiveSample& b) {
  return a.law == b.law && a.one.ranks == b.one.ranks && a.one.links.domain == b.one.links.domain &&
         a.one.links.scale_up == b.one.links.scale_up && a.one.links.scale_out == b.one.links.scale_out &&
         a.one.links.in_network_reduction == b.one.links.in_network_reduction && a.one.engine == b.one.engine &&
         a.one.network == b.one.network;
}

std::vector<Span> spans_of(const Samples& samples) {
  std::vector<Span> spans;
  for (const CollectiveSample* sample : samples) {
    const auto found =
        std::find_if(spans.begin(), spans.end(), [&](const Span& span) { return same_levels(*span.first, *sample); });
    if (found == spans.end()) {
      spans.push_back({sample, {sample}});
    } else {
      found->samples.push_back(sample);
    }
  }
  return spans;
}

double loss(const Laws& laws, const std::vector<Span>& spans, double rounding) {
  double sum = 0.0;
  double weights = 0.0;
  for (const Span& span : spans) {
    const CollectiveLaw& law = laws[span.first->law];
    const std::vector<NetworkLevel> levels = levels_of(span.first->one, law);
    for (const CollectiveSample* sample : span.samples) {
      const Seconds time = case_time(sample->one, levels, law.launch);
      const double miss = time.value() > 0.0 ? pinned::log(time / sample->measured) : 10.0;
      sum += sample->weight * (std::sqrt(miss * miss + rounding * rounding) - rounding);
      weights += sample->weight;
    }
  }
  return sum / weights;
}

}  // namespace

void add_protocol(std::vector<Knob>& knobs, const ProtocolAt& at, const ProtocolLaw& published, bool with_overlap) {
  const std::size_t first = knobs.size();
  knobs.push_back(knob(at, &ProtocolLaw::start, 1e-8, 5e-3));
  knobs.push_back(knob(at, &ProtocolLaw::step, 1e-9, 1e-3));
  knobs.push_back(knob(at, &ProtocolLaw::efficiency, 1e-3, 2.0));
  const double towards[] = {published.start.value(), published.step.value(), published.efficiency};
  for (std::size_t k = 0; k < 3; ++k) {
    knobs[first + k].pulled_to = towards[k];
    knobs[first + k].pull = kPull;
  }
  if (with_overlap) {
    knobs.push_back(knob(at, &ProtocolLaw::overlap, 0.5, 6.0));
    knobs.back().pulled_to = 1.0;
    knobs.back().pull = kPullOfShape;
  }
}

void add_limit(std::vector<Knob>& knobs, const ProtocolAt& at, bool with_exponent) {
  knobs.push_back(knob(at, &ProtocolLaw::up_to, 64.0, 1e11));
  if (with_exponent) {
    Knob exponent = knob(at, &ProtocolLaw::up_to_exponent, -1.5, 1.5);
    exponent.logarithmic = false;
    exponent.pull = kPullOfShape;
    knobs.push_back(std::move(exponent));
  }
}

void add_pair(std::vector<Knob>& knobs, const ProtocolAt& at) {
  knobs.push_back(knob(at, &ProtocolLaw::pair, 1e9, 1e13));
}

double loss(const Laws& laws, const Samples& samples, double rounding) {
  return loss(laws, spans_of(samples), rounding);
}

double fit(Laws& laws, const Part& part) {
  if (part.samples.empty() || part.knobs.empty()) {
    return 0.0;
  }
  const std::vector<Span> spans = spans_of(part.samples);
  const auto apply = [&](const std::vector<double>& x) {
    for (const std::size_t law : part.laws) {
      for (std::size_t k = 0; k < x.size(); ++k) {
        part.knobs[k].set(laws[law], x[k]);
      }
    }
  };
  std::vector<SearchParameter> parameters;
  for (const Knob& k : part.knobs) {
    parameters.push_back({k.get(laws[part.laws.front()]), k.least, k.most, k.logarithmic});
  }
  const double n = static_cast<double>(part.samples.size());
  double rounding = kRoundings.front();
  const auto objective = [&](const std::vector<double>& x) {
    apply(x);
    double total = loss(laws, spans, rounding);
    for (std::size_t k = 0; k < x.size(); ++k) {
      const Knob& knob = part.knobs[k];
      if (!knob.logarithmic) {
        total += knob.pull * x[k] * x[k];
      } else if (knob.pulled_to > 0.0) {
        const double away = pinned::log(x[k] / knob.pulled_to);
        total += (knob.pull == kPull ? kPull / n : knob.pull) * away * away;
      }
    }
    return total;
  };
  std::vector<double> best;
  for (const double width : kRoundings) {
    rounding = width;
    best = pattern_search(parameters, objective);
    for (std::size_t k = 0; k < best.size(); ++k) {
      parameters[k].start = best[k];
    }
  }
  apply(best);
  return objective(best);
}

double fit_from(Laws& laws, const std::vector<Start>& starts, const Part& part) {
  const Laws before = laws;
  Laws found = laws;
  double best = std::numeric_limits<double>::infinity();
  for (const auto& start : starts) {
    laws = before;
    for (const std::size_t law : part.laws) {
      start(laws[law]);
    }
    const double now = fit(laws, part);
    if (now < best) {
      best = now;
      found = laws;
    }
  }
  laws = std::move(found);
  return best;
}
}  // namespace aifactory::collective_fit
