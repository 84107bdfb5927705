#include "sim/engine/random_stream.h"

#include <Random123/philox.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "models/units/normal_quantile.h"
#include "models/units/pinned_math.h"
#include "sim/engine/hash.h"

namespace aifactory::engine {

RandomStream::RandomStream(std::uint64_t seed, std::string_view entity_path, std::string_view purpose) {
  key_[0] = hash(entity_path, seed);
  key_[1] = hash(purpose, key_[0]);
}

RandomStream RandomStream::item(std::uint64_t n) const {
  RandomStream item = *this;
  item.counter_ = {0, 0, 0, mix(counter_[3] ^ 0x9e3779b97f4a7c15U) + n};
  item.next_ = block_.size();
  return item;
}

void RandomStream::refill() {
  const auto block = r123::Philox4x64()({{counter_[0], counter_[1], counter_[2], counter_[3]}}, {{key_[0], key_[1]}});
  std::copy(block.begin(), block.end(), block_.begin());
  ++counter_[0];
  next_ = 0;
}

// The high half of a 128-bit product, rejecting the few low halves that would favour some results.
// Source: Lemire, "Fast random integer generation in an interval", ACM TOMACS 29(1), 2019.
std::uint64_t RandomStream::below(std::uint64_t n) {
  if (n == 0) {
    throw std::invalid_argument("nothing to choose from");
  }
  __extension__ using Wide = unsigned __int128;
  const std::uint64_t biased = (0 - n) % n;
  Wide product = 0;
  do {
    product = static_cast<Wide>((*this)()) * n;
  } while (static_cast<std::uint64_t>(product) < biased);
  return static_cast<std::uint64_t>(product >> 64);
}

double RandomStream::exponential(double mean) {
  return -mean * pinned::log1p(-uniform());
}

double RandomStream::weibull(double shape, double scale) {
  return scale * pinned::pow(-pinned::log1p(-uniform()), 1.0 / shape);
}

double RandomStream::normal(double mean, double standard_deviation) {
  const double p = (static_cast<double>((*this)() >> 12) + 0.5) * 0x1p-52;  // never 0 or 1
  return mean + standard_deviation * normal_quantile(p);
}

double RandomStream::lognormal(double mu, double sigma) {
  return pinned::exp(normal(mu, sigma));
}

double RandomStream::gamma(double shape, double scale) {
  if (!(shape > 0.0)) {
    throw std::invalid_argument("the shape of a gamma distribution is positive");
  }
  if (shape < 1.0) {
    const double boosted = gamma(shape + 1.0, scale);
    return boosted * pinned::pow(1.0 - uniform(), 1.0 / shape);
  }
  const double d = shape - 1.0 / 3.0;
  const double c = 1.0 / std::sqrt(9.0 * d);
  for (;;) {
    const double x = normal(0.0, 1.0);
    const double t = 1.0 + c * x;
    if (t <= 0.0) {
      continue;
    }
    const double v = t * t * t;
    if (pinned::log(1.0 - uniform()) < 0.5 * x * x + d - d * v + d * pinned::log(v)) {
      return d * v * scale;
    }
  }
}

namespace {

double log_factorial(double k) {
  if (k < 10.0) {
    double product = 1.0;
    for (double i = 2.0; i <= k; ++i) {
      product *= i;
    }
    return pinned::log(product);
  }
  // Stirling's series for log Gamma(x); the first term left out is below 1e-10.
  constexpr double kHalfLogTwoPi = 0.91893853320467274178;
  const double x = k + 1.0;
  const double r = 1.0 / (x * x);
  return (x - 0.5) * pinned::log(x) - x + kHalfLogTwoPi + (1.0 / 12 - r * (1.0 / 360 - r / 1260)) / x;
}

// Transformed rejection with squeeze; the constants are the paper's.
double poisson_ptrs(RandomStream& random, double mean) {
  const double b = 0.931 + 2.53 * std::sqrt(mean);
  const double a = -0.059 + 0.02483 * b;
  const double inverse_alpha = 1.1239 + 1.1328 / (b - 3.4);
  const double squeeze = 0.9277 - 3.6224 / (b - 2.0);
  const double log_mean = pinned::log(mean);
  for (;;) {
    const double u = random.uniform() - 0.5;
    const double v = 1.0 - random.uniform();
    const double distance = 0.5 - std::abs(u);
    const double k = std::floor((2.0 * a / distance + b) * u + mean + 0.43);
    if (distance >= 0.07 && v <= squeeze) {
      return k;
    }
    if (k < 0.0 || (distance < 0.013 && v > distance)) {
      continue;
    }
    if (pinned::log(v * inverse_alpha / (a / (distance * distance) + b)) <= k * log_mean - mean - log_factorial(k)) {
      return k;
    }
  }
}

}  // namespace

std::uint64_t RandomStream::poisson(double mean) {
  if (!(mean >= 0.0 && mean < 0x1p52)) {
    throw std::invalid_argument("the mean of a Poisson distribution lies between 0 and 2^52");
  }
  if (mean >= 10.0) {
    return static_cast<std::uint64_t>(poisson_ptrs(*this, mean));
  }
  const double u = uniform();
  double probability = pinned::exp(-mean);
  double cumulative = probability;
  std::uint64_t k = 0;
  while (u >= cumulative) {
    probability *= mean / static_cast<double>(++k);
    if (cumulative + probability == cumulative) {
      break;  // the sum of the series, rounded, fell short of u
    }
    cumulative += probability;
  }
  return k;
}

DiscreteDistribution::DiscreteDistribution(std::span<const double> weights) {
  double sum = 0.0;
  for (const double weight : weights) {
    if (!(weight >= 0.0 && std::isfinite(weight))) {
      throw std::invalid_argument("weights are finite and not negative");
    }
    cumulative_.push_back(sum += weight);
  }
  if (!(sum > 0.0 && std::isfinite(sum))) {
    throw std::invalid_argument("the sum of the weights is positive and finite");
  }
}

std::size_t DiscreteDistribution::operator()(RandomStream& random) const {
  // The first index whose cumulative weight exceeds the draw: never one of weight 0.
  const double draw = random.uniform() * cumulative_.back();
  const auto chosen = std::upper_bound(cumulative_.begin(), cumulative_.end() - 1, draw);
  return static_cast<std::size_t>(chosen - cumulative_.begin());
}

ZipfDistribution::ZipfDistribution(std::uint64_t n, double exponent) : n_(static_cast<double>(n)), exponent_(exponent) {
  if (n == 0 || !(exponent > 0.0 && std::isfinite(exponent))) {
    throw std::invalid_argument("a Zipf distribution has at least one rank and a positive exponent");
  }
  low_ = integral(1.5) - 1.0;
  high_ = integral(n_ + 0.5);
  accept_ = 2.0 - integral_inverse(integral(2.5) - pinned::pow(2.0, -exponent_));
}

std::uint64_t ZipfDistribution::operator()(RandomStream& random) const {
  for (;;) {
    const double area = high_ + random.uniform() * (low_ - high_);
    const double x = integral_inverse(area);
    const double k = std::clamp(std::floor(x + 0.5), 1.0, n_);
    if (k - x <= accept_ || area >= integral(k + 0.5) - pinned::pow(k, -exponent_)) {
      return static_cast<std::uint64_t>(k);
    }
  }
}

// Of t^-exponent from 1 to x, and its inverse, in forms that stay exact where the exponent is near 1.
double ZipfDistribution::integral(double x) const {
  const double log_x = pinned::log(x);
  const double t = (1.0 - exponent_) * log_x;
  return std::abs(t) > 1e-8 ? pinned::expm1(t) / t * log_x : (1.0 + t / 2.0) * log_x;
}

double ZipfDistribution::integral_inverse(double y) const {
  const double t = std::max(-1.0, y * (1.0 - exponent_));
  return pinned::exp(std::abs(t) > 1e-8 ? pinned::log1p(t) / t * y : (1.0 - t / 2.0) * y);
}

}  // namespace aifactory::engine
