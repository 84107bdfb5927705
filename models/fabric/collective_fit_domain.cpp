#include <algorithm>

#include "models/fabric/collective_fit_stages.h"

namespace aifactory::collective_fit {
namespace {

constexpr double kFirstPair = 0.25;  // of the links
constexpr double kClearlyLess = 0.85;
constexpr double kHostMatters = 16.0 * 1048576.0;  // a launch is lost in the time of more

// Messages to all peers of a domain leave at once: no step, but a pair of ranks may not fill the links. Beyond, each
// peer costs a step.
void exchange(FitState& state, std::size_t law, const Samples& rows, const ProtocolAt& at, bool beyond) {
  Part part;
  part.laws = {law};
  part.samples = rows;
  CollectiveLaw published = state.blank[law];
  at(state.laws[law]) = at(published);
  add_protocol(part.knobs, at, at(published), rows.size() >= 8);
  if (beyond) {
    fit(state.laws, part);
    return;
  }
  part.knobs.erase(part.knobs.begin() + 1);
  fit_with_pair(state, part, {[](CollectiveLaw&) {}}, at, rows.front()->one.links.scale_up);
}

bool wide(const FitState& state, const CollectiveSample& sample) {
  return sample.one.ranks > state.laws[sample.law].scale_up.observed_ranks;
}

}  // namespace

void fit_with_pair(FitState& state, Part part, const std::vector<Start>& starts, const ProtocolAt& at,
                   BytesPerSecond links) {
  const Laws before = state.laws;
  const double without = fit_from(state.laws, starts, part);
  const Laws unlimited = state.laws;
  state.laws = before;
  add_pair(part.knobs, at);
  std::vector<Start> limited;
  for (const Start& start : starts) {
    limited.push_back([=](CollectiveLaw& l) {
      start(l);
      at(l).pair = links * kFirstPair;
    });
  }
  const double with = fit_from(state.laws, limited, part);
  CollectiveLaw& law = state.laws[part.laws.front()];
  if (with > kClearlyLess * without || at(law).pair >= links * at(law).efficiency) {
    state.laws = unlimited;
  }
}

void fit_exchanges(FitState& state, std::size_t law) {
  for (const bool combine : {false, true}) {
    for (const bool beyond : {false, true}) {
      Samples rows;
      for (const CollectiveSample& sample : state.samples) {
        if (sample.law == law && sample.one.exchange && sample.one.exchange->combine == combine &&
            sample.one.beyond_domain() == beyond) {
          rows.push_back(&sample);
        }
      }
      if (!rows.empty()) {
        const ProtocolAt at = [combine, beyond](CollectiveLaw& l) -> ProtocolLaw& {
          LevelLaw& level = beyond ? l.scale_out : l.scale_up;
          return combine ? level.combine : level.dispatch;
        };
        exchange(state, law, rows, at, beyond);
      }
    }
  }
}

void fit_wide_domain(FitState& state, std::size_t law) {
  Samples rows;
  for (const CollectiveSample& sample : state.samples) {
    if (sample.law == law && !sample.one.beyond_domain() && wide(state, sample) &&
        sample.one.operation == Collective::kAllReduce && !sample.one.exchange) {
      rows.push_back(&sample);
    }
  }
  if (rows.empty()) {
    return;
  }
  std::vector<RegimePoint> points;
  for (const CollectiveSample* sample : rows) {
    const double n = static_cast<double>(sample->one.ranks);
    points.push_back(point_of(*sample, n - 1.0, 2.0 * (n - 1.0) / n));
  }
  Part part;
  part.laws = {law};
  part.samples = rows;
  add_protocol(
      part.knobs, [](CollectiveLaw& l) -> ProtocolLaw& { return l.scale_up.nvls; }, state.laws[law].scale_up.nvls,
      false);
  state.laws[law].scale_up.nvls = fit_protocol(points, state.laws[law].scale_up.nvls);
  fit(state.laws, part);
}

void fit_launch(FitState& state, std::size_t law) {
  Part part;
  part.laws = {law};
  for (const CollectiveSample& sample : state.samples) {
    if (sample.law == law && sample.one.launched && !sample.one.beyond_domain() && !wide(state, sample) &&
        sample.one.bytes.value() <= kHostMatters) {
      part.samples.push_back(&sample);
    }
  }
  Knob host;
  host.get = [](CollectiveLaw& l) { return l.launch.value(); };
  host.set = [](CollectiveLaw& l, double value) { l.launch = Seconds(value); };
  host.least = 1e-7;
  host.most = 1e-4;
  part.knobs = {host};
  if (!part.samples.empty()) {
    state.laws[law].launch = Seconds(1e-5);
    fit(state.laws, part);
  }
}

}  // namespace aifactory::collective_fit
