#include <algorithm>
#include <cmath>
#include <cstdint>
#include <stdexcept>
#include <vector>

#include "models/kernels/work.h"
#include "models/units/pinned_math.h"

namespace aifactory {
namespace {

void check(const GroupedGemmShape& shape) {
  require_positive(shape.tokens, "tokens");
  require_positive(shape.hidden, "hidden");
  require_positive(shape.intermediate, "intermediate");
  require_positive(shape.experts, "experts");
  require_positive(shape.experts_per_token, "experts_per_token");
  require_positive(shape.expert_parallel, "expert_parallel");
  require_positive(shape.tensor_parallel, "tensor_parallel");
  if (!(shape.imbalance >= 1.0) || !std::isfinite(shape.imbalance)) {
    throw std::invalid_argument("imbalance must be at least 1");
  }
  constexpr int kMostExperts = 1'000'000;
  if (shape.experts > kMostExperts) {
    throw std::invalid_argument("experts exceeds a million");
  }
  if (shape.experts_per_token > shape.experts) {
    throw std::invalid_argument("experts_per_token exceeds experts");
  }
  if (shape.expert_parallel > shape.experts) {
    throw std::invalid_argument("expert_parallel exceeds experts");
  }
}

// Tokens of every expert at the quantiles (i + 1/2) / E of the bounded power law, ascending, scaled to n k choices. No
// expert receives more than every token; what the most popular cannot take goes to the others by their popularity.
std::vector<double> power_law_loads(double tokens, int experts, int per_token, double exponent) {
  const double choices = tokens * per_token;
  const bool sparse = choices <= experts;
  const double low = sparse ? 0.01 : 1.0;
  const double high = sparse ? 2.0 : std::max(0.8 * tokens, 1.0 + 1e-9);
  std::vector<double> loads(static_cast<std::size_t>(experts));
  double sum = 0.0;
  const double power = 1.0 - exponent;
  for (std::size_t i = 0; i < loads.size(); ++i) {
    const double u = (static_cast<double>(i) + 0.5) / experts;
    loads[i] = std::abs(power) < 1e-9
                   ? low * pinned::pow(high / low, u)
                   : pinned::pow(pinned::pow(low, power) * (1.0 - u) + pinned::pow(high, power) * u, 1.0 / power);
    sum += loads[i];
  }
  double left = choices;
  for (std::size_t i = loads.size(); i-- > 0;) {
    const double popularity = loads[i];
    loads[i] = std::min(tokens, popularity * left / std::max(sum, popularity));  // rounding leaves sum a little off
    left -= loads[i];
    sum -= popularity;
  }
  return loads;
}

// A fixed permutation for each placement: multiplicative hashing of the position (Knuth, TAOCP 3, 6.4).
std::uint32_t mixed(std::uint32_t position, std::uint32_t placement) {
  std::uint32_t h = (position + 1U) * 2654435769U + placement * 2246822519U;
  h ^= h >> 15U;
  h *= 2246822519U;
  return h ^ (h >> 13U);
}

RankLoad most_loaded_rank(const std::vector<double>& loads, int ranks) {
  constexpr std::uint32_t kPlacements = 16;
  const std::size_t experts = loads.size();
  std::vector<std::pair<std::uint32_t, std::size_t>> order(experts);
  RankLoad mean;
  for (std::uint32_t placement = 0; placement < kPlacements; ++placement) {
    for (std::size_t i = 0; i < experts; ++i) {
      order[i] = {mixed(static_cast<std::uint32_t>(i), placement), i};
    }
    std::sort(order.begin(), order.end());
    RankLoad worst;
    for (int rank = 0; rank < ranks; ++rank) {
      const std::size_t begin = experts * static_cast<std::size_t>(rank) / static_cast<std::size_t>(ranks);
      const std::size_t end = experts * (static_cast<std::size_t>(rank) + 1) / static_cast<std::size_t>(ranks);
      RankLoad load;
      for (std::size_t j = begin; j < end; ++j) {
        const double tokens = loads[order[j].second];
        load.rows += tokens;
        load.activated += std::min(1.0, tokens);
      }
      if (load.rows > worst.rows) {
        worst = load;
      }
    }
    mean.rows += worst.rows / kPlacements;
    mean.activated += worst.activated / kPlacements;
    if (ranks == 1) {
      return worst;
    }
  }
  return mean;
}

}  // namespace

RankLoad rank_load(const GroupedGemmShape& shape) {
  check(shape);
  const double experts = shape.experts;
  const double local = experts / shape.expert_parallel;
  const double choices = shape.tokens * shape.experts_per_token;
  const double mean = choices / shape.expert_parallel;
  RankLoad load;
  switch (shape.routing) {
    case ExpertRouting::kUniform:
      load = {mean, experts > 1.0 ? local * (1.0 - pinned::exp(choices * pinned::log1p(-1.0 / experts))) : 1.0};
      break;
    case ExpertRouting::kBalanced:
      load = {mean, std::min(local, mean)};
      break;
    case ExpertRouting::kPowerLaw:
      require_positive(shape.routing_exponent, "routing_exponent");
      load = most_loaded_rank(
          power_law_loads(shape.tokens, shape.experts, shape.experts_per_token, shape.routing_exponent),
          shape.expert_parallel);
      break;
  }
  // A rank receives at most every token at each of its experts that one token may choose.
  const double most = shape.tokens * std::min(local, static_cast<double>(shape.experts_per_token));
  load.rows = std::min(load.rows * shape.imbalance, most);
  load.activated = std::min(load.activated, load.rows);
  return load;
}

KernelWork grouped_gemm_work(const GroupedGemmShape& shape) {
  const RankLoad load = rank_load(shape);
  const FormatTraits format = traits(shape.format);
  const double matrices = shape.gated ? 3.0 : 2.0;
  const double width = shape.intermediate / shape.tensor_parallel;
  KernelWork work;
  work.flops = 2.0 * matrices * load.rows * shape.hidden * width;
  work.compute_flops = work.flops;
  work.bytes = load.activated * matrices * shape.hidden * width * format.weight_bytes +
               load.rows * (shape.hidden * (format.activation_bytes + 2.0) + width * (2.0 + format.activation_bytes));
  work.items = load.activated;
  work.rows = shape.tokens;
  if (shape.exchanged) {
    const double share = std::min(1.0, load.rows / (shape.tokens * shape.experts_per_token));
    work.rows *= share < 1.0 ? 1.0 - pinned::exp(shape.experts_per_token * pinned::log1p(-share)) : 1.0;
  }
  work.coordinates = {pinned::coarse_log2(load.rows / load.activated),
                      pinned::coarse_log2(std::max(load.activated, 1.0)),
                      pinned::coarse_log2(shape.hidden),
                      pinned::coarse_log2(width),
                      pinned::coarse_log2(shape.tokens),
                      pinned::coarse_log2(static_cast<double>(shape.experts_per_token))};
  return work;
}

}  // namespace aifactory
