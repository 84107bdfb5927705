// Constants of collective laws from measurements.
//
// A law is fitted part by part, inside a domain first: per algorithm the sizes each protocol is used for and what it
// costs (a grid, then a pattern search on the law itself), the engines' own kernels on top of the library they fall
// back to, expert exchanges, point to point; then the networks beyond, a network named alike being one thing in every
// law. The loss is the mean absolute logarithm of predicted over measured, with a faint pull towards NCCL's published
// constants where there are too few measurements to tell.
//
// What is not fitted but given, by the laws passed in: their engines and networks, which algorithms and protocols a
// network offers, and rails, direct links, least ranks and fixed bandwidths.
#pragma once

#include <cstdint>
#include <vector>

#include "models/fabric/collective_case.h"
#include "models/fabric/collective_law.h"
#include "models/units/quantity.h"

namespace aifactory {

struct CollectiveSample {
  CollectiveCase one;
  Seconds measured{};
  double weight = 1.0;
  std::size_t law = 0;      // of the vector of laws: the one it is measured on
  std::uint64_t group = 0;  // samples of one group are held out together
};

// What constants that no sample speaks of are: as published, so that a part of the samples tells nothing of the others
// (held-out errors), or as given, so that a few measurements do not take away what many others said.
enum class Unmeasured { kPublished, kAsGiven };

std::vector<CollectiveLaw> fit_collectives(const std::vector<CollectiveLaw>& given,
                                           const std::vector<CollectiveSample>& samples,
                                           Unmeasured unmeasured = Unmeasured::kPublished);

}  // namespace aifactory
