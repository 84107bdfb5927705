#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <optional>

#include "models/fabric/collective_cost.h"
#include "models/fabric/collective_fit_stages.h"

namespace aifactory::collective_fit {
namespace {

// A ring's latency and its chunks both go with ranks: protocols of rings change at a size per rank, others earlier.
constexpr std::array<double, 4> kLibraryExponents = {-0.5, 0.0, 0.5, 1.0};
// First guesses of the size from which the library reduces in the switches.
constexpr std::array<double, 5> kReducedFrom = {6.0 * 1048576.0, 12.0 * 1048576.0, 24.0 * 1048576.0, 48.0 * 1048576.0,
                                                96.0 * 1048576.0};
constexpr double kSlowestStep = 4.0;  // times the published one: rings over networks pay it once per rank
constexpr double kAsGood = 1.02;      // of the loss
constexpr double kHidden = 1.7;       // a second first guess of the overlap

// Steps and share of the buffer of one level's algorithm (collective_cost.h).
std::pair<double, double> shape_of(Collective operation, double n) {
  switch (operation) {
    case Collective::kAllReduce:
      return {2.0 * (n - 1.0), 2.0 * (n - 1.0) / n};
    case Collective::kSendRecv:
      return {1.0, 1.0};
    case Collective::kBroadcast:
      return {n - 1.0, 1.0};
    default:
      return {n - 1.0, (n - 1.0) / n};
  }
}

std::vector<RegimePoint> points_of(const Samples& samples) {
  std::vector<RegimePoint> points;
  for (const CollectiveSample* sample : samples) {
    const auto [steps, share] = shape_of(sample->one.operation, static_cast<double>(sample->one.ranks));
    points.push_back(point_of(*sample, steps, share));
  }
  return points;
}

Regimes offered(const AlgorithmLaw& law) {
  Regimes protocols;
  for (const ProtocolLaw& protocol : law.protocols) {
    if (protocol.offered()) {
      protocols.push_back(protocol);
    }
  }
  return protocols;
}

void algorithm(Part& part, const AlgorithmAt& at, const AlgorithmLaw& published, bool regimes) {
  std::size_t last = 0;
  for (std::size_t p = 0; p < kProtocolCount; ++p) {
    last = published.protocols[p].offered() ? p : last;
  }
  for (std::size_t p = 0; p < kProtocolCount; ++p) {
    if (!published.protocols[p].offered()) {
      continue;
    }
    const ProtocolAt protocol = [at, p](CollectiveLaw& l) -> ProtocolLaw& { return at(l).protocols[p]; };
    add_protocol(part.knobs, protocol, published.protocols[p], regimes);
    part.knobs[part.knobs.size() - (regimes ? 3 : 2)].most = kSlowestStep * published.protocols[p].step.value();
    if (regimes && p != last) {
      add_limit(part.knobs, protocol, true);
    }
  }
  if (regimes) {
    part.knobs.push_back(knob(at, &AlgorithmLaw::own_share, 1e-3, 1.0));
  }
}

// An engine that takes a quarter longer than another for so large a buffer keeps it to itself.
bool handed_over(const FitState& state, const CollectiveSample& one) {
  if (one.one.bytes.value() <= kLibraryFrom || launched_engine(state, one)) {
    return false;
  }
  return std::none_of(state.samples.begin(), state.samples.end(), [&](const CollectiveSample& other) {
    return other.law == one.law && other.one.ranks == one.one.ranks && other.one.bytes == one.one.bytes &&
           !other.one.engine.empty() && !other.one.beyond_domain() && other.measured * 1.25 < one.measured &&
           !launched_engine(state, other);
  });
}

// The middle, by ratio, of the samples on both sides of a size; nothing where one side is empty.
std::optional<double> middle(const Samples& samples, const ProtocolLaw& law) {
  double below = 0.0;
  double above = std::numeric_limits<double>::infinity();
  for (const CollectiveSample* sample : samples) {
    const double ranks = static_cast<double>(sample->one.ranks);
    const double size = sample->one.bytes.value() * law.up_to.value() / cost::limit(law, ranks).value();
    (size <= law.up_to.value() ? below : above) =
        size <= law.up_to.value() ? std::max(below, size) : std::min(above, size);
  }
  if (below <= 0.0 || std::isinf(above)) {
    return std::nullopt;
  }
  return std::sqrt(below * above);
}

// Anywhere between two samples a limit fits them alike; the middle is right most often for sizes in between.
void centre(FitState& state, const Part& part, const Samples& decisive, const ProtocolAt& at) {
  CollectiveLaw& law = state.laws[part.laws.front()];
  const Bytes before = at(law).up_to;
  if (before.value() <= 0.0) {
    return;
  }
  const double loss_before = loss(state.laws, part.samples, kFinestRounding);
  if (const auto size = middle(decisive, at(law))) {
    at(law).up_to = Bytes(*size);
    if (loss(state.laws, part.samples, kFinestRounding) > loss_before * kAsGood) {
      at(law).up_to = before;
    }
  }
}

}  // namespace

RegimePoint point_of(const CollectiveSample& sample, double steps, double share) {
  RegimePoint point;
  point.bytes = sample.one.bytes.value();
  point.ranks = static_cast<double>(sample.one.ranks);
  point.steps = steps;
  point.wire = point.bytes * share / sample.one.links.scale_up.value();
  point.seconds = sample.measured.value();
  point.weight = sample.weight;
  return point;
}

bool replayed_inside(const CollectiveSample& sample, std::size_t law) {
  return sample.law == law && !sample.one.beyond_domain() && !sample.one.launched && !sample.one.exchange;
}

void fit_library(FitState& state, std::size_t law) {
  for (const auto& [operation, member] :
       {std::pair(Collective::kAllReduce, &LevelLaw::all_reduce),
        std::pair(Collective::kAllGather, &LevelLaw::all_gather),
        std::pair(Collective::kReduceScatter, &LevelLaw::reduce_scatter),
        std::pair(Collective::kAllToAll, &LevelLaw::direct), std::pair(Collective::kSendRecv, &LevelLaw::send_recv)}) {
    Part part;
    part.laws = {law};
    const int reducing = state.laws[law].scale_up.nvls.offered() && operation == Collective::kAllReduce
                             ? state.laws[law].scale_up.nvls_least_ranks
                             : std::numeric_limits<int>::max();
    for (const CollectiveSample& sample : state.samples) {
      if (replayed_inside(sample, law) && sample.one.operation == operation &&
          (sample.one.engine.empty() || handed_over(state, sample))) {
        part.samples.push_back(&sample);
      }
    }
    const auto reduced_from = [&](double from) {
      Samples rows;
      for (const CollectiveSample* sample : part.samples) {
        if (sample->one.links.in_network_reduction && sample->one.ranks >= reducing &&
            sample->one.bytes.value() > from) {
          rows.push_back(sample);
        }
      }
      return rows;
    };
    if (part.samples.empty()) {
      continue;
    }
    const AlgorithmAt at = [member = member](CollectiveLaw& l) -> AlgorithmLaw& { return l.scale_up.*member; };
    const bool regimes = part.samples.size() > 20;
    const AlgorithmLaw published = state.blank[law].scale_up.*member;
    at(state.laws[law]) = published;
    algorithm(part, at, published, regimes);
    const ProtocolAt reduction = [](CollectiveLaw& l) -> ProtocolLaw& { return l.scale_up.nvls; };
    const ProtocolLaw published_reduction = state.blank[law].scale_up.nvls;
    const bool reduces = !reduced_from(kReducedFrom.front()).empty();
    if (reduces) {
      reduction(state.laws[law]) = published_reduction;
      add_protocol(part.knobs, reduction, published_reduction, true);
      add_limit(part.knobs, reduction, false);
    }
    if (!regimes) {
      fit(state.laws, part);
      continue;
    }
    std::vector<Start> starts;
    const std::size_t froms = reduces ? kReducedFrom.size() : 1;
    for (std::size_t f = 0; f < froms; ++f) {
      const Samples reduced = reduces ? reduced_from(kReducedFrom[f]) : Samples();
      Samples ring;
      for (const CollectiveSample* sample : part.samples) {
        if (std::find(reduced.begin(), reduced.end(), sample) == reduced.end()) {
          ring.push_back(sample);
        }
      }
      ProtocolLaw switches = fit_protocol(points_of(reduced), published_reduction);
      switches.up_to = Bytes(reduces ? kReducedFrom[f] : 0.0);
      for (const Regimes& guess :
           guess_regimes(points_of(ring), offered(published), kLibraryExponents, reduces ? 3 : kStarts)) {
        for (const double overlap : {1.0, kHidden}) {
          starts.push_back([=](CollectiveLaw& l) {
            std::size_t next = 0;
            for (ProtocolLaw& protocol : at(l).protocols) {
              if (protocol.offered()) {
                protocol = guess[next++];
                protocol.overlap = next == guess.size() ? overlap : 1.0;
              }
            }
            at(l).own_share = 0.1;
            if (reduces) {
              reduction(l) = switches;
            }
          });
        }
      }
    }
    fit_from(state.laws, starts, part);
    const Bytes from = reduction(state.laws[law]).up_to;
    const Samples reduced = reduces ? reduced_from(from.value()) : Samples();
    Samples ring;
    for (const CollectiveSample* sample : part.samples) {
      if (std::find(reduced.begin(), reduced.end(), sample) == reduced.end()) {
        ring.push_back(sample);
      }
    }
    for (std::size_t p = 0; p < kProtocolCount; ++p) {
      centre(state, part, ring, [at, p](CollectiveLaw& l) -> ProtocolLaw& { return at(l).protocols[p]; });
    }
    if (reduces) {
      centre(state, part, reduced_from(0.0), reduction);
    }
  }
}

}  // namespace aifactory::collective_fit
