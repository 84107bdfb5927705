#include "sim/study/tactic_state.h"

#include <algorithm>
#include <map>

namespace aifactory {
namespace {

constexpr double kSlower = 1.4;  // beyond what tile effects and routing luck make of neighbours
constexpr double kShare = 0.5;

// Both were described by grouped_gemm_work: its coordinates are logarithms of what is compared here.
bool at_least_as_much(const KernelWork& a, const KernelWork& b) {
  const auto rows = [](const KernelWork& work) { return work.coordinates[0] + work.coordinates[1]; };
  constexpr double kSame = 1e-6;
  if (rows(a) < rows(b) - kSame) {
    return false;
  }
  for (std::size_t i = 1; i < a.coordinates.size(); ++i) {  // experts, hidden, width, tokens, choices
    if (a.coordinates[i] < b.coordinates[i] - kSame) {
      return false;
    }
  }
  return true;
}

struct Count {
  std::size_t rows = 0;
  std::size_t dominated = 0;

  [[nodiscard]] bool beyond_share() const {
    return static_cast<double>(dominated) > kShare * static_cast<double>(rows);
  }
};

}  // namespace

std::vector<bool> fell_back(const std::vector<TimedWork>& rows) {
  std::vector<bool> dominated(rows.size());
  std::map<std::uint64_t, Count> sweeps;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    dominated[i] = std::any_of(rows.begin(), rows.end(), [&](const TimedWork& other) {
      return other.sweep != rows[i].sweep && other.seconds * kSlower < rows[i].seconds &&
             at_least_as_much(*other.work, *rows[i].work);
    });
    Count& sweep = sweeps[rows[i].sweep];
    ++sweep.rows;
    sweep.dominated += dominated[i] ? 1U : 0U;
  }
  std::vector<bool> states(rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    Count others = sweeps[rows[i].sweep];
    --others.rows;
    others.dominated -= dominated[i] ? 1U : 0U;
    states[i] = others.beyond_share();
  }
  return states;
}

}  // namespace aifactory
