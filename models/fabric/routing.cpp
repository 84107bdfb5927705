#include "models/fabric/routing.h"

#include <algorithm>
#include <cmath>

#include "models/units/pinned_math.h"

namespace aifactory {
namespace {

// The finaliser of SplitMix64 (Steele, Lea, Flood 2014).
std::uint64_t mix(std::uint64_t x) {
  x += 0x9e3779b97f4a7c15ULL;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ULL;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebULL;
  return x ^ (x >> 31);
}

// Stirling's series to k^-3: error below 1e-9 from k = 10 on; smaller ones by multiplication.
double log_factorial(double k) {
  if (k < 10.0) {
    double product = 1.0;
    for (double i = 2.0; i <= k; i += 1.0) {
      product *= i;
    }
    return pinned::log(product);
  }
  constexpr double kTwoPi = 6.283185307179586;
  return k * pinned::log(k) - k + 0.5 * pinned::log(kTwoPi * k) + 1.0 / (12.0 * k) - 1.0 / (360.0 * k * k * k);
}

bool works(const std::vector<LinkId>& route, const LinkFilter& usable) {
  return !usable || std::all_of(route.begin(), route.end(), usable);
}

}  // namespace

std::uint32_t hashed_choice(std::uint32_t routes, VertexId a, VertexId b, std::uint64_t flow, std::uint64_t seed) {
  const std::uint64_t pair = (std::uint64_t{a} << 32) | b;
  return static_cast<std::uint32_t>(mix(mix(mix(seed) ^ pair) ^ flow) % routes);
}

std::vector<std::vector<LinkId>> routes_of(const Topology& topology, Routing routing, VertexId a, VertexId b,
                                           std::uint64_t flow, std::uint64_t seed, std::uint32_t most,
                                           const LinkFilter& usable) {
  std::vector<std::vector<LinkId>> routes;
  const std::uint32_t count = topology.route_count(a, b);
  if (count == 0) {
    return routes;
  }
  const std::uint32_t wanted = routing == Routing::kSprayed ? std::min(most, count) : 1;
  const std::uint32_t first =
      routing == Routing::kDeterministic ? topology.deterministic_choice(a, b) : hashed_choice(count, a, b, flow, seed);
  // From the first choice on in even strides, then, if failures took some of those, whatever is next.
  const std::uint32_t stride = std::max(1u, count / wanted);
  std::vector<bool> tried(count, false);
  const auto attempt = [&](std::uint32_t choice) {
    if (routes.size() < wanted && !tried[choice]) {
      tried[choice] = true;
      std::vector<LinkId> route;
      topology.append_route(a, b, choice, route);
      if (works(route, usable)) {
        routes.push_back(std::move(route));
      }
    }
  };
  for (std::uint32_t i = 0; i < wanted; ++i) {
    attempt(static_cast<std::uint32_t>((first + std::uint64_t{i} * stride) % count));
  }
  for (std::uint32_t i = 0; i < count && routes.size() < wanted; ++i) {
    attempt((first + i) % count);
  }
  return routes;
}

double expected_most_loaded(double flows, double links) {
  if (flows <= 0.0 || links <= 1.0) {
    return std::max(0.0, flows);
  }
  // E[max] = sum over k >= 0 of P(max > k) = sum of 1 - F(k)^links, F the Poisson distribution of one link's count.
  const double mean = flows / links;
  // Below `first` every count is certain to be exceeded (twelve standard deviations).
  const double first = std::max(0.0, std::floor(mean - 12.0 * std::sqrt(mean) - 12.0));
  double term = pinned::exp(first * pinned::log(mean) - mean - log_factorial(first));
  double below = term;
  double expected = first;
  for (double k = first; k < flows; k += 1.0) {
    const double larger = below >= 1.0 ? 0.0 : -pinned::expm1(links * pinned::log(below));
    expected += larger;
    if (k > mean && larger < 1e-12) {
      break;
    }
    term *= mean / (k + 1.0);
    below += term;
  }
  return std::min(expected, flows);
}

double hashing_efficiency(double flows, double links) {
  const double most = expected_most_loaded(flows, links);
  return most > 0.0 ? flows / links / most : 1.0;
}

}  // namespace aifactory
