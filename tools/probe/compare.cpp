#include "tools/probe/compare.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

#include "tools/probe/host_random.h"

namespace aifactory::probe {

double relative_error(const std::vector<double>& got, const std::vector<double>& want) {
  double squares = 0.0;
  double most = 0.0;
  for (std::size_t i = 0; i < want.size(); ++i) {
    if (!std::isfinite(got[i]) || !std::isfinite(want[i])) {
      return std::numeric_limits<double>::infinity();
    }
    squares += want[i] * want[i];
    most = std::max(most, std::abs(got[i] - want[i]));
  }
  const double rms = want.empty() ? 0.0 : std::sqrt(squares / static_cast<double>(want.size()));
  return rms > 0.0 ? most / rms : most;
}

double bf16_value(std::uint16_t bits) {
  const std::uint32_t wide = std::uint32_t{bits} << 16U;
  float value = 0.0F;
  std::memcpy(&value, &wide, sizeof value);
  return static_cast<double>(value);
}

std::vector<std::int64_t> sample_indices(std::int64_t below, int count, std::uint64_t seed) {
  HostRandom random(seed);
  std::vector<std::int64_t> chosen;
  for (int i = 0; i < count; ++i) {
    const std::int64_t drawn = static_cast<std::int64_t>(random.below(static_cast<std::size_t>(below)));
    chosen.push_back(i == 0 ? 0 : i == 1 ? below - 1 : drawn);
  }
  return chosen;
}

}  // namespace aifactory::probe
