// First guess of which sizes a library sends with which protocol, and what each costs there: every pair of limits on a
// grid is tried, with the constants of each protocol by least squares on the sizes it would have.
#pragma once

#include <span>
#include <vector>

#include "models/fabric/collective_law.h"

namespace aifactory {

// One measurement in the terms of the law: seconds = start + steps * step + wire / efficiency.
struct RegimePoint {
  double bytes = 0.0;
  double ranks = 2.0;
  double steps = 0.0;
  double wire = 0.0;  // s at the nominal rate of the link
  double seconds = 0.0;
  double weight = 1.0;
};

// Start, step and efficiency by non-negative least squares of relative errors, reweighted towards absolute ones.
// Protocols the data says nothing about keep what they have.
ProtocolLaw fit_protocol(const std::vector<RegimePoint>& points, const ProtocolLaw& otherwise);

// Guesses of `protocols`, at most three, in their order of size: start, step, efficiency and limits (up_to *
// ranks^up_to_exponent; the last has none). Best first, at most `most`, each with a limit apart from those of better
// ones.
using Regimes = std::vector<ProtocolLaw>;
std::vector<Regimes> guess_regimes(const std::vector<RegimePoint>& points, const Regimes& protocols,
                                   std::span<const double> exponents, std::size_t most);

}  // namespace aifactory
