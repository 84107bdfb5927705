// How well founded a fact or a result is. Every number that leaves the simulator carries one of these.
#pragma once

#include <array>
#include <cstddef>
#include <string_view>

namespace aifactory {

// Where a catalogue fact comes from.
enum class Evidence { kMeasured, kDatasheet, kClaim, kEstimate, kProjection };
inline constexpr std::array<std::string_view, 5> kEvidenceNames = {"measured", "datasheet", "claim", "estimate",
                                                                   "projection"};
constexpr std::string_view name(Evidence e) { return kEvidenceNames[static_cast<std::size_t>(e)]; }

enum class Confidence { kHigh, kMedium, kLow };
inline constexpr std::array<std::string_view, 3> kConfidenceNames = {"high", "medium", "low"};
constexpr std::string_view name(Confidence c) { return kConfidenceNames[static_cast<std::size_t>(c)]; }

// How far a result may be trusted; ordered, the weakest input decides.
//   measured     the quantity itself was measured on this hardware, or follows from measured facts by arithmetic
//   held_out     predicted by a model whose error on held-out measurements of this hardware is published
//   transferred  predicted with parameters carried over from related hardware, or from datasheets and measured laws
//   claimed      rests on a vendor claim, an estimate or a projection
enum class Grade { kMeasured, kHeldOut, kTransferred, kClaimed };
inline constexpr std::array<std::string_view, 4> kGradeNames = {"measured", "held_out", "transferred", "claimed"};
constexpr std::string_view name(Grade g) { return kGradeNames[static_cast<std::size_t>(g)]; }
constexpr Grade weakest(Grade a, Grade b) { return a < b ? b : a; }

}  // namespace aifactory
