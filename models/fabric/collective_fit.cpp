#include "models/fabric/collective_fit.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <limits>
#include <string>
#include <utility>

#include "models/fabric/collective_cost.h"
#include "models/fabric/pattern_search.h"
#include "models/fabric/protocol_regimes.h"
#include "models/units/pinned_math.h"

namespace aifactory {
namespace {

using Laws = std::vector<CollectiveLaw>;
using Samples = std::vector<const CollectiveSample*>;
using ProtocolAt = std::function<ProtocolLaw&(CollectiveLaw&)>;
using AlgorithmAt = std::function<AlgorithmLaw&(CollectiveLaw&)>;

// Engines hand buffers above this to the library: what they measure there is the library's.
constexpr double kLibraryFrom = 192.0 * 1048576.0;
constexpr double kHostMatters = 16.0 * 1048576.0;  // a launch is lost in the time of more
constexpr double kPull = 0.02;          // towards published constants, per squared e-fold, over the number of samples
constexpr double kPullOfShape = 0.005;  // of exponents and overlaps towards none
constexpr std::size_t kStarts = 4;      // of a search
constexpr std::array<double, 3> kLibraryExponents = {-0.5, 0.0, 0.5};
constexpr std::array<double, 3> kEngineExponents = {-1.0, -0.5, 0.0};
// First guesses of the size from which the library reduces in the switches.
constexpr std::array<double, 4> kReducedFrom = {6.0 * 1048576.0, 24.0 * 1048576.0, 48.0 * 1048576.0, 96.0 * 1048576.0};
constexpr double kHidden = 1.7;  // a second first guess of the overlap
// Errors below this count little, so that the loss is smooth there; searches begin with the smoothest.
constexpr std::array<double, 3> kRoundings = {0.2, 0.05, 0.01};

// ---- one number of a law --------------------------------------------------------------------------------------------

double raw(double value) {
  return value;
}
template <int... E>
double raw(Quantity<E...> value) {
  return value.value();
}

struct Knob {
  std::function<double(CollectiveLaw&)> get;
  std::function<void(CollectiveLaw&, double)> set;
  double least = 0.0, most = 0.0;
  bool logarithmic = true;
  double pulled_to = 0.0;  // zero: nowhere
  double pull = 0.0;       // over samples for logarithmic knobs, absolute for others
};

template <class Owner, class Member>
Knob knob(std::function<Owner&(CollectiveLaw&)> owner, Member Owner::*member, double least, double most) {
  Knob result;
  result.get = [=](CollectiveLaw& law) { return raw(owner(law).*member); };
  result.set = [=](CollectiveLaw& law, double value) { owner(law).*member = Member(value); };
  result.least = least;
  result.most = most;
  return result;
}

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

// ---- one part of one law, or of several that share it ---------------------------------------------------------------

struct Part {
  std::vector<std::size_t> laws;  // all take the same value of every knob
  Samples samples;
  std::vector<Knob> knobs;
};

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

// ---- first guesses --------------------------------------------------------------------------------------------------

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

std::vector<RegimePoint> points_of(const Samples& samples) {
  std::vector<RegimePoint> points;
  for (const CollectiveSample* sample : samples) {
    const auto [steps, share] = shape_of(sample->one.operation, static_cast<double>(sample->one.ranks));
    points.push_back(point_of(*sample, steps, share));
  }
  return points;
}

// ---- the parts ------------------------------------------------------------------------------------------------------

bool replayed_inside(const CollectiveSample& sample, std::size_t law) {
  return sample.law == law && !sample.one.beyond_domain() && !sample.one.launched && !sample.one.exchange;
}

bool is_eager(const std::string& engine) {
  constexpr std::string_view kEager = "_eager";
  return engine.size() >= kEager.size() && engine.compare(engine.size() - kEager.size(), kEager.size(), kEager) == 0;
}

class Fit {
 public:
  Fit(const Laws& given, const std::vector<CollectiveSample>& samples) : samples_(samples) {
    for (const CollectiveLaw& law : given) {
      laws_.push_back(blank(law));
    }
  }

  Laws run() {
    for (std::size_t law = 0; law < laws_.size(); ++law) {
      inside(law);
      engines(law);
      exchanges(law);
      launch(law);
      wide_domain(law);
    }
    beyond();
    for (CollectiveLaw& law : laws_) {
      law.scale_up.engine = law.engines.front();
    }
    return laws_;
  }

 private:
  // What is given stays; every constant is as published.
  static LevelLaw blank(const LevelLaw& given, const LevelLaw& published) {
    LevelLaw level = given;
    for (const auto member : kAlgorithms) {
      const AlgorithmLaw& from = (published.*member).offered() ? published.*member : published.all_reduce;
      for (std::size_t p = 0; p < kProtocolCount; ++p) {
        ProtocolLaw& protocol = (level.*member).protocols[p];
        if (protocol.offered()) {
          const bool limited = protocol.up_to.value() > 0.0;
          protocol = from.protocols[p].offered() ? from.protocols[p] : published.all_reduce.protocols[p];
          protocol.up_to = Bytes(limited ? 1048576.0 : 0.0);
        }
      }
    }
    for (const auto member : {&LevelLaw::nvls, &LevelLaw::pat, &LevelLaw::dispatch, &LevelLaw::combine}) {
      level.*member = published.*member;
      (level.*member).up_to = (given.*member).up_to;
    }
    level.passes = 1.5;
    level.send_credit = Bytes(given.send_credit.value() > 0.0 ? 524288.0 : 0.0);
    return level;
  }
  static CollectiveLaw blank(const CollectiveLaw& given) {
    const CollectiveLaw published = published_collective_law(given.family);
    CollectiveLaw law = given;
    law.scale_up = blank(given.scale_up, published.scale_up);
    law.scale_out = blank(given.scale_out, published.scale_out);
    law.launch = Seconds(0.0);
    for (NamedNetwork& network : law.networks) {
      network.level = blank(network.level, published.scale_out);
    }
    for (EngineLaw& engine : law.engines) {
      const std::string name = engine.name;
      engine = published.engines.front();
      engine.name = name;
    }
    return law;
  }

  void inside(std::size_t law) {
    for (const auto& [operation, member] : {std::pair(Collective::kAllReduce, &LevelLaw::all_reduce),
                                            std::pair(Collective::kAllGather, &LevelLaw::all_gather),
                                            std::pair(Collective::kReduceScatter, &LevelLaw::reduce_scatter),
                                            std::pair(Collective::kAllToAll, &LevelLaw::direct),
                                            std::pair(Collective::kSendRecv, &LevelLaw::send_recv)}) {
      Part part;
      part.laws = {law};
      const int reducing = laws_[law].scale_up.nvls.offered() && operation == Collective::kAllReduce
                               ? laws_[law].scale_up.nvls_least_ranks
                               : std::numeric_limits<int>::max();
      for (const CollectiveSample& sample : samples_) {
        const bool engine_beyond =
            !sample.one.engine.empty() && !is_eager(sample.one.engine) && sample.one.bytes.value() > kLibraryFrom;
        if (!replayed_inside(sample, law) || sample.one.operation != operation ||
            !(sample.one.engine.empty() || engine_beyond)) {
          continue;
        }
        part.samples.push_back(&sample);
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
      const AlgorithmLaw published = at(laws_[law]);
      algorithm(part, at, published, regimes);
      const ProtocolAt reduction = [](CollectiveLaw& l) -> ProtocolLaw& { return l.scale_up.nvls; };
      const ProtocolLaw published_reduction = reduction(laws_[law]);
      const bool reduces = !reduced_from(kReducedFrom.front()).empty();
      if (reduces) {
        add_protocol(part.knobs, reduction, published_reduction, true);
        add_limit(part.knobs, reduction, false);
      }
      if (!regimes) {
        fit(laws_, part);
        continue;
      }
      std::vector<std::function<void(CollectiveLaw&)>> starts;
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
             guess_regimes(points_of(ring), offered(published), kLibraryExponents, reduces ? 2 : kStarts)) {
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
      fit_from(starts, part);
    }
  }

  static Regimes offered(const AlgorithmLaw& law) {
    Regimes protocols;
    for (const ProtocolLaw& protocol : law.protocols) {
      if (protocol.offered()) {
        protocols.push_back(protocol);
      }
    }
    return protocols;
  }

  // The best of searches from several first guesses.
  void fit_from(const std::vector<std::function<void(CollectiveLaw&)>>& starts, const Part& part) {
    const Laws before = laws_;
    Laws found = laws_;
    double best = std::numeric_limits<double>::infinity();
    for (const auto& start : starts) {
      laws_ = before;
      for (const std::size_t law : part.laws) {
        start(laws_[law]);
      }
      const double now = fit(laws_, part);
      if (now < best) {
        best = now;
        found = laws_;
      }
    }
    laws_ = std::move(found);
  }

  static void algorithm(Part& part, const AlgorithmAt& at, const AlgorithmLaw& published, bool regimes) {
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
      if (regimes && p != last) {
        add_limit(part.knobs, protocol, true);
      }
    }
    if (regimes) {
      part.knobs.push_back(knob(at, &AlgorithmLaw::own_share, 1e-3, 1.0));
    }
  }

  void engines(std::size_t law) {
    for (std::size_t e = 0; e < laws_[law].engines.size(); ++e) {
      const std::string name = laws_[law].engines[e].name;
      Samples rows;
      for (const CollectiveSample& sample : samples_) {
        if (replayed_inside(sample, law) && !sample.one.engine.empty() &&
            with_engine(laws_[law], sample.one.engine).scale_up.engine.name == name) {
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
      const EngineLaw published = laws_[law].engines[e];
      const std::vector<Span> spans = spans_of(rows);
      std::vector<std::pair<double, EngineLaw>> guesses;
      for (std::size_t two = 1; two + 1 < sizes.size(); ++two) {
        const double limit = std::sqrt(sizes[two] * sizes[two + 1]);
        if (limit > kLibraryFrom) {
          break;
        }
        for (const EngineLaw& guess : first_guesses(published, rows, limit, is_eager(name))) {
          laws_[law].engines[e] = guess;
          guesses.emplace_back(loss(laws_, spans, kRoundings.back()), guess);
        }
      }
      std::stable_sort(guesses.begin(), guesses.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
      guesses.resize(std::min(guesses.size(), kStarts));
      std::vector<std::function<void(CollectiveLaw&)>> starts;
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
      if (is_eager(name)) {
        part.knobs.push_back(knob(engine, &EngineLaw::floor, 1e-6, 1e-3));
        part.knobs.push_back(knob(engine, &EngineLaw::staging, 1e11, 1e13));
      }
      fit_from(starts, part);
    }
  }

  static std::vector<EngineLaw> first_guesses(const EngineLaw& published, const Samples& rows, double limit,
                                              bool eager) {
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
    for (const Regimes& regimes :
         guess_regimes(points, {published.one_shot, published.two_shot}, kEngineExponents, 2)) {
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

  // Protocols of one algorithm beside the library's own limits.
  void single(std::size_t law, const Samples& rows, const ProtocolAt& at) {
    Part part;
    part.laws = {law};
    part.samples = rows;
    add_protocol(part.knobs, at, at(laws_[law]), rows.size() >= 8);
    fit(laws_, part);
  }

  void exchanges(std::size_t law) {
    for (const bool combine : {false, true}) {
      for (const bool beyond : {false, true}) {
        Samples rows;
        for (const CollectiveSample& sample : samples_) {
          if (sample.law == law && sample.one.exchange && sample.one.exchange->combine == combine &&
              sample.one.beyond_domain() == beyond) {
            rows.push_back(&sample);
          }
        }
        if (!rows.empty()) {
          single(law, rows, [combine, beyond](CollectiveLaw& l) -> ProtocolLaw& {
            LevelLaw& level = beyond ? l.scale_out : l.scale_up;
            return combine ? level.combine : level.dispatch;
          });
        }
      }
    }
  }

  bool wide(const CollectiveSample& sample) const {
    return sample.one.ranks > laws_[sample.law].scale_up.observed_ranks;
  }

  // Reduction in the switches of a domain wider than any group whose protocols were observed.
  void wide_domain(std::size_t law) {
    Samples rows;
    for (const CollectiveSample& sample : samples_) {
      if (sample.law == law && !sample.one.beyond_domain() && wide(sample) &&
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
        part.knobs, [](CollectiveLaw& l) -> ProtocolLaw& { return l.scale_up.nvls; }, laws_[law].scale_up.nvls, false);
    laws_[law].scale_up.nvls = fit_protocol(points, laws_[law].scale_up.nvls);
    fit(laws_, part);
  }

  void launch(std::size_t law) {
    Part part;
    part.laws = {law};
    for (const CollectiveSample& sample : samples_) {
      if (sample.law == law && sample.one.launched && !sample.one.beyond_domain() && !wide(sample) &&
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
      laws_[law].launch = Seconds(1e-5);
      fit(laws_, part);
    }
  }

  // ---- networks: one thing in all laws that name it
  static LevelLaw* level_of(CollectiveLaw& law, const std::string& network) {
    if (network.empty()) {
      return &law.scale_out;
    }
    for (NamedNetwork& candidate : law.networks) {
      if (candidate.name == network) {
        return &candidate.level;
      }
    }
    return nullptr;
  }

  void beyond() {
    std::vector<std::string> names = {""};
    for (const CollectiveLaw& law : laws_) {
      for (const NamedNetwork& network : law.networks) {
        if (std::find(names.begin(), names.end(), network.name) == names.end()) {
          names.push_back(network.name);
        }
      }
    }
    for (const std::string& name : names) {
      for (const Collective operation : {Collective::kAllReduce, Collective::kSendRecv}) {
        Part shared;
        std::vector<Part> own;  // of laws whose groups are joined by trees over in-network groups
        for (std::size_t law = 0; law < laws_.size(); ++law) {
          const LevelLaw* level = level_of(laws_[law], name);
          if (level == nullptr) {
            continue;
          }
          Part part;
          part.laws = {law};
          for (const CollectiveSample& sample : samples_) {
            if (sample.law == law && sample.one.beyond_domain() && !sample.one.exchange && sample.one.network == name &&
                sample.one.operation == operation) {
              part.samples.push_back(&sample);
            }
          }
          if (level->nvls.up_to.value() > 0.0) {
            own.push_back(part);
          } else {
            shared.samples.insert(shared.samples.end(), part.samples.begin(), part.samples.end());
          }
          shared.laws.push_back(law);
        }
        if (!shared.samples.empty()) {
          network(shared, name, operation);
        }
        for (Part& part : own) {
          if (!part.samples.empty() && operation == Collective::kAllReduce) {
            in_network_trees(part, name);
          }
        }
      }
    }
  }

  void in_network_trees(Part& part, const std::string& name) {
    const std::function<LevelLaw&(CollectiveLaw&)> level = [name](CollectiveLaw& l) -> LevelLaw& {
      return *level_of(l, name);
    };
    const ProtocolAt at = [=](CollectiveLaw& l) -> ProtocolLaw& { return level(l).nvls; };
    add_protocol(part.knobs, at, at(laws_[part.laws.front()]), false);
    part.knobs.push_back(knob(level, &LevelLaw::passes, 1.0, 3.0));
    fit(laws_, part);
  }

  void network(Part& part, const std::string& name, Collective operation) {
    const auto level = [name](CollectiveLaw& l) -> LevelLaw& { return *level_of(l, name); };
    const auto member = operation == Collective::kAllReduce ? &LevelLaw::all_reduce : &LevelLaw::send_recv;
    LevelLaw& first = level(laws_[part.laws.front()]);
    // Where the network, not the pattern, sets the pace, the entry gives trees the protocols of rings.
    bool trees_too = operation == Collective::kAllReduce;
    for (std::size_t p = 0; p < kProtocolCount; ++p) {
      trees_too =
          trees_too && first.tree.protocols[p].offered() == first.all_reduce.protocols[p].offered() && !name.empty();
    }
    Knob* limit = nullptr;
    part.knobs.reserve(32);
    for (std::size_t p = 0; p < kProtocolCount; ++p) {
      if (!(first.*member).protocols[p].offered()) {
        continue;
      }
      const ProtocolAt at = [=](CollectiveLaw& l) -> ProtocolLaw& { return (level(l).*member).protocols[p]; };
      const std::size_t knobs = part.knobs.size();
      add_protocol(part.knobs, at, at(laws_[part.laws.front()]), false);
      if (trees_too) {
        for (std::size_t k = knobs; k < part.knobs.size(); ++k) {
          part.knobs[k].set = [=, ring = part.knobs[k].set](CollectiveLaw& l, double value) {
            ring(l, value);
            level(l).tree.protocols[p] = (level(l).*member).protocols[p];
          };
        }
      }
      if (at(laws_[part.laws.front()]).up_to.value() > 0.0) {
        add_limit(part.knobs, at, false);
        limit = &part.knobs.back();
      }
    }
    if (operation == Collective::kSendRecv && first.send_credit.value() > 0.0) {
      const std::function<LevelLaw&(CollectiveLaw&)> owner = level;
      part.knobs.push_back(knob(owner, &LevelLaw::send_credit, 1e4, 1e8));
    }
    if (limit == nullptr) {
      fit(laws_, part);
      return;
    }
    // A limit moves samples from one protocol to another at once; a search finds it only from nearby.
    double best = std::numeric_limits<double>::infinity();
    Laws found;
    const Laws before = laws_;
    for (double bytes = 1048576.0; bytes <= 2e9; bytes *= 2.0) {
      laws_ = before;
      for (const std::size_t law : part.laws) {
        limit->set(laws_[law], bytes);
      }
      const double now = fit(laws_, part);
      if (now < best) {
        best = now;
        found = laws_;
      }
    }
    laws_ = found;
  }

  const std::vector<CollectiveSample>& samples_;
  Laws laws_;
};

}  // namespace

std::vector<CollectiveLaw> fit_collectives(const std::vector<CollectiveLaw>& given,
                                           const std::vector<CollectiveSample>& samples) {
  return Fit(given, samples).run();
}

}  // namespace aifactory
