#include "tools/probe/expert_routing.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <numeric>
#include <stdexcept>
#include <utility>

#include "tools/probe/host_random.h"

namespace aifactory::probe {
namespace {

constexpr std::uint64_t kSeed = 0x6d6f65;
constexpr double kPopularityReach = 0.8;  // of all tokens

std::vector<std::int64_t> balanced(std::int64_t pairs, std::int64_t experts) {
  std::vector<std::int64_t> rows(static_cast<std::size_t>(experts), pairs / experts);
  for (std::int64_t i = 0; i < pairs % experts; ++i) {
    ++rows[static_cast<std::size_t>(i)];
  }
  return rows;
}

std::vector<std::int64_t> uniform(std::int64_t tokens, std::int64_t experts, std::int64_t topk) {
  std::vector<std::int64_t> rows(static_cast<std::size_t>(experts), 0);
  std::vector<std::size_t> order(rows.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  HostRandom random(kSeed);
  for (std::int64_t t = 0; t < tokens; ++t) {
    for (std::size_t i = 0; i < static_cast<std::size_t>(topk); ++i) {  // a partial Fisher-Yates shuffle
      std::swap(order[i], order[i + random.below(order.size() - i)]);
      ++rows[order[i]];
    }
  }
  return rows;
}

std::vector<std::int64_t> power_law(std::int64_t tokens, std::int64_t experts, std::int64_t topk, double exponent) {
  const double high = std::max(2.0, kPopularityReach * static_cast<double>(tokens));
  std::vector<double> popularity(static_cast<std::size_t>(experts));
  double sum = 0.0;
  for (std::size_t i = 0; i < popularity.size(); ++i) {
    const double q = (static_cast<double>(i) + 0.5) / static_cast<double>(experts);
    const double power = 1.0 - exponent;
    popularity[i] =
        std::abs(power) < 1e-9 ? std::pow(high, q) : std::pow(1.0 + q * (std::pow(high, power) - 1.0), 1.0 / power);
    sum += popularity[i];
  }
  HostRandom random(kSeed);
  for (std::size_t i = popularity.size(); i > 1; --i) {
    std::swap(popularity[i - 1], popularity[random.below(i)]);
  }
  std::vector<std::int64_t> rows(popularity.size());
  const double pairs = static_cast<double>(tokens * topk);
  double wanted = 0.0;
  std::int64_t given = 0;
  for (std::size_t i = 0; i < rows.size(); ++i) {  // rounding carried over, so that the rows add up
    wanted += pairs * popularity[i] / sum;
    const auto upto = static_cast<std::int64_t>(std::llround(wanted));
    rows[i] = std::clamp<std::int64_t>(upto - given, 0, tokens);
    given = upto;
  }
  return rows;
}

}  // namespace

ExpertRows expert_rows(const Case& c) {
  const std::int64_t tokens = c.at("tokens");
  const std::int64_t experts = c.at("experts");
  const std::int64_t topk = c.at("topk");
  const std::int64_t ranks = c.get("ep", 1);
  if (ranks < 1 || experts % ranks != 0 || topk > experts) {
    throw std::invalid_argument("expert parallelism must divide the experts, and topk not exceed them");
  }
  constexpr std::string_view kPowerLaw = "power_law_";
  std::vector<std::int64_t> all;
  bool most_loaded = false;
  if (c.detail == "balanced") {
    all = balanced(tokens * topk, experts);
  } else if (c.detail == "uniform") {
    all = uniform(tokens, experts, topk);
  } else if (c.detail.rfind(kPowerLaw, 0) == 0) {
    all = power_law(tokens, experts, topk, std::strtod(c.detail.c_str() + kPowerLaw.size(), nullptr));
    most_loaded = true;
  } else {
    throw std::invalid_argument("unknown expert routing " + c.detail);
  }
  const auto local = static_cast<std::ptrdiff_t>(experts / ranks);
  ExpertRows best;
  for (std::ptrdiff_t rank = 0; rank < ranks; ++rank) {
    ExpertRows mine;
    mine.rows.assign(all.begin() + rank * local, all.begin() + (rank + 1) * local);
    mine.total = std::accumulate(mine.rows.begin(), mine.rows.end(), std::int64_t{0});
    mine.active = std::count_if(mine.rows.begin(), mine.rows.end(), [](std::int64_t r) { return r > 0; });
    if (rank == 0 || (most_loaded && mine.total > best.total)) {
      best = std::move(mine);
    }
  }
  return best;
}

}  // namespace aifactory::probe
