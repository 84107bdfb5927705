#include <algorithm>
#include <array>
#include <cmath>
#include <string>

#include "models/fabric/collective_cost.h"
#include "models/fabric/collective_fit_stages.h"

namespace aifactory::collective_fit {
namespace {

constexpr std::array<double, 3> kEngineExponents = {-1.0, -0.5, 0.0};
constexpr double kNever = 1e12;  // B, above any buffer

std::vector<EngineLaw> first_guesses(const EngineLaw& published, const Samples& rows, double limit, bool eager) {
  std::vector<RegimePoint> points;
  std::vector<double> smallest;
  for (const CollectiveSample* sample : rows) {
    const double n = static_cast<double>(sample->one.ranks);
    if (sample->one.bytes.value() <= limit) {
      // The two shots move different shares; two_shot's is close enough to tell where one gives way to the other.
      points.push_back(point_of(*sample, n - 1.0, 2.0 * (n - 1.0) / n));
      smallest.push_back(sample->measured.value());
    }
  }
  const auto third = smallest.begin() + static_cast<std::ptrdiff_t>(smallest.size() / 3);
  std::nth_element(smallest.begin(), third, smallest.end());
  std::vector<EngineLaw> guesses;
  for (const Regimes& regimes : guess_regimes(points, {published.one_shot, published.two_shot}, kEngineExponents, 2)) {
    EngineLaw law = published;
    std::vector<RegimePoint> one, two;
    for (const CollectiveSample* sample : rows) {
      const double n = static_cast<double>(sample->one.ranks);
      if (sample->one.bytes <= cost::limit(regimes[0], n)) {
        one.push_back(point_of(*sample, n - 1.0, n - 1.0));
      } else if (sample->one.bytes.value() <= limit) {
        two.push_back(point_of(*sample, n - 1.0, 2.0 * (n - 1.0) / n));
      }
    }
    law.one_shot = fit_protocol(one, published.one_shot);
    law.one_shot.up_to = regimes[0].up_to;
    law.one_shot.up_to_exponent = regimes[0].up_to_exponent;
    law.two_shot = fit_protocol(two, published.two_shot);
    law.two_shot.up_to = Bytes(limit);
    if (eager) {
      law.floor = Seconds(*third);
      law.staging = BytesPerSecond(2e12);
    }
    guesses.push_back(std::move(law));
  }
  return guesses;
}

}  // namespace

bool launched_engine(const FitState& state, const CollectiveSample& sample) {
  return !sample.one.engine.empty() &&
         with_engine(state.blank[sample.law], sample.one.engine).scale_up.engine.floor.value() > 0.0;
}

void fit_engines(FitState& state, std::size_t law) {
  for (std::size_t e = 0; e < state.laws[law].engines.size(); ++e) {
    const std::string name = state.laws[law].engines[e].name;
    Samples rows;
    for (const CollectiveSample& sample : state.samples) {
      if (replayed_inside(sample, law) && !sample.one.engine.empty() &&
          with_engine(state.laws[law], sample.one.engine).scale_up.engine.name == name) {
        rows.push_back(&sample);
      }
    }
    if (rows.empty()) {
      continue;
    }
    // Where the engine hands over to the library, and where from one shot to two: tried on a grid.
    std::vector<double> sizes;
    for (const CollectiveSample* sample : rows) {
      sizes.push_back(sample->one.bytes.value());
    }
    std::sort(sizes.begin(), sizes.end());
    sizes.erase(std::unique(sizes.begin(), sizes.end()), sizes.end());
    const EngineLaw published = state.blank[law].engines[e];
    const bool launched = published.floor.value() > 0.0;
    std::vector<std::pair<double, EngineLaw>> guesses;
    for (std::size_t two = 1; two < sizes.size(); ++two) {
      // The last guess: it never hands over.
      const double limit = two + 1 < sizes.size() ? std::sqrt(sizes[two] * sizes[two + 1]) : kNever;
      if (limit > kLibraryFrom && limit < kNever) {
        continue;
      }
      for (const EngineLaw& guess : first_guesses(published, rows, limit, launched)) {
        state.laws[law].engines[e] = guess;
        guesses.emplace_back(loss(state.laws, rows, kFinestRounding), guess);
      }
    }
    std::stable_sort(guesses.begin(), guesses.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
    guesses.resize(std::min(guesses.size(), kStarts - 1));
    std::vector<Start> starts;
    for (const auto& [error, guess] : guesses) {
      starts.push_back([e, law_of_engine = guess](CollectiveLaw& l) { l.engines[e] = law_of_engine; });
    }
    Part part;
    part.laws = {law};
    part.samples = rows;
    const std::function<EngineLaw&(CollectiveLaw&)> engine = [e](CollectiveLaw& l) -> EngineLaw& {
      return l.engines[e];
    };
    for (const auto member : {&EngineLaw::one_shot, &EngineLaw::two_shot}) {
      const ProtocolAt at = [engine, member](CollectiveLaw& l) -> ProtocolLaw& { return engine(l).*member; };
      add_protocol(part.knobs, at, published.*member, true);
      add_limit(part.knobs, at, true);
    }
    if (launched) {
      part.knobs.push_back(knob(engine, &EngineLaw::floor, 1e-6, 1e-3));
      part.knobs.push_back(knob(engine, &EngineLaw::staging, 1e11, 1e13));
    }
    fit_with_pair(
        state, part, starts, [engine](CollectiveLaw& l) -> ProtocolLaw& { return engine(l).two_shot; },
        rows.front()->one.links.scale_up);
  }
}

}  // namespace aifactory::collective_fit
