// The stages of a fit of collective laws, in the order they build on each other: the library inside a domain, the
// engines that fall back to it, expert exchanges, what a launch costs, the networks beyond.
#pragma once

#include <utility>
#include <vector>

#include "models/fabric/collective_knobs.h"
#include "models/fabric/protocol_regimes.h"

namespace aifactory::collective_fit {

struct FitState {
  Laws laws;         // fitted so far
  const Laws blank;  // constants as published: where the fit of a part that has samples starts
  const std::vector<CollectiveSample>& samples;
};

// Of one law.
void fit_library(FitState& state, std::size_t law);
void fit_engines(FitState& state, std::size_t law);
void fit_exchanges(FitState& state, std::size_t law);
void fit_launch(FitState& state, std::size_t law);
// Reduction in the switches of a domain wider than any group whose protocols were observed.
void fit_wide_domain(FitState& state, std::size_t law);
// Of all laws: a network is one thing in every law that names it.
void fit_networks(FitState& state);

// Engines hand buffers above this to the library: what they measure there is the library's.
inline constexpr double kLibraryFrom = 192.0 * 1048576.0;

// Inside the domain, from a captured graph, no exchange.
bool replayed_inside(const CollectiveSample& sample, std::size_t law);
// By an engine that the host launches call by call: its entry has a floor.
bool launched_engine(const FitState& state, const CollectiveSample& sample);
// Fits a part without and with a limit towards one peer; the limit stays where it leaves clearly less of the loss.
void fit_with_pair(FitState& state, Part part, const std::vector<Start>& starts, const ProtocolAt& at,
                   BytesPerSecond links);
RegimePoint point_of(const CollectiveSample& sample, double steps, double share);

}  // namespace aifactory::collective_fit
