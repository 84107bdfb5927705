// The numbers of collective laws that a fit turns, and the search for the best of them in parts: a part is one
// algorithm, engine or network of one law, or of several that share it.
#pragma once

#include <functional>
#include <vector>

#include "models/fabric/collective_fit.h"

namespace aifactory::collective_fit {

using Laws = std::vector<CollectiveLaw>;
using Samples = std::vector<const CollectiveSample*>;
using ProtocolAt = std::function<ProtocolLaw&(CollectiveLaw&)>;
using AlgorithmAt = std::function<AlgorithmLaw&(CollectiveLaw&)>;
using Start = std::function<void(CollectiveLaw&)>;  // sets a first guess

inline constexpr double kPull = 0.02;  // towards published constants, per squared e-fold, over the number of samples
inline constexpr double kPullOfShape = 0.005;  // of exponents and overlaps towards none
inline constexpr std::size_t kStarts = 4;      // of a search

struct Knob {
  std::function<double(CollectiveLaw&)> get;
  std::function<void(CollectiveLaw&, double)> set;
  double least = 0.0, most = 0.0;
  bool logarithmic = true;
  double pulled_to = 0.0;  // of logarithmic ones, zero: nowhere
  double pull = 0.0;       // over samples for logarithmic knobs, absolute for others
};

template <class Owner, class Member>
Knob knob(std::function<Owner&(CollectiveLaw&)> owner, Member Owner::*member, double least, double most) {
  const auto raw = [](const auto& value) {
    if constexpr (std::is_same_v<std::decay_t<decltype(value)>, double>) {
      return value;
    } else {
      return value.value();
    }
  };
  Knob result;
  result.get = [=](CollectiveLaw& law) { return raw(owner(law).*member); };
  result.set = [=](CollectiveLaw& law, double value) { owner(law).*member = Member(value); };
  result.least = least;
  result.most = most;
  return result;
}

// Start, step, efficiency and perhaps overlap of a protocol.
void add_protocol(std::vector<Knob>& knobs, const ProtocolAt& at, const ProtocolLaw& published, bool with_overlap);
// The size up to which it is used.
void add_limit(std::vector<Knob>& knobs, const ProtocolAt& at, bool with_exponent);

// What it reaches towards one peer.
void add_pair(std::vector<Knob>& knobs, const ProtocolAt& at);

struct Part {
  std::vector<std::size_t> laws;  // all take the same value of every knob
  Samples samples;
  std::vector<Knob> knobs;
};

// Mean of |ln(predicted / measured)|, smooth below `rounding`.
double loss(const Laws& laws, const Samples& samples, double rounding);
inline constexpr double kFinestRounding = 0.01;

// Turns the knobs of a part to the best values near where they are; returns the loss with what pulls on them.
double fit(Laws& laws, const Part& part);
// The best of searches from several first guesses, and its loss.
double fit_from(Laws& laws, const std::vector<Start>& starts, const Part& part);

}  // namespace aifactory::collective_fit
