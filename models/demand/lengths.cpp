#include "models/demand/lengths.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <stdexcept>
#include <utility>

#include "models/units/normal_quantile.h"
#include "models/units/pinned_math.h"

namespace aifactory {
namespace {

constexpr double kZ95 = 1.6448536269514722;  // 95 % quantile of the standard normal

}  // namespace

LengthDistribution LengthDistribution::fixed(double tokens) {
  if (!(tokens >= 1.0)) {
    throw std::invalid_argument("length distribution: at least one token");
  }
  LengthDistribution d;
  d.a_ = d.b_ = tokens;
  d.settle_moments();
  return d;
}

LengthDistribution LengthDistribution::uniform(double low, double high) {
  if (!(low >= 1.0 && high >= low)) {
    throw std::invalid_argument("length distribution: uniform needs 1 <= low <= high");
  }
  LengthDistribution d;
  d.kind_ = Kind::kUniform;
  d.a_ = low;
  d.b_ = high;
  d.settle_moments();
  return d;
}

LengthDistribution LengthDistribution::lognormal(double mean, double p95) {
  const double discriminant = mean >= 1.0 && p95 > mean ? kZ95 * kZ95 - 2.0 * pinned::log(p95 / mean) : -1.0;
  if (!(discriminant >= 0.0)) {
    throw std::invalid_argument("length distribution: lognormal needs 1 <= mean < p95 <= 3.86 mean");
  }
  LengthDistribution d;
  d.kind_ = Kind::kLognormal;
  d.b_ = kZ95 - std::sqrt(discriminant);
  d.a_ = pinned::log(mean) - d.b_ * d.b_ / 2.0;
  d.settle_moments();
  return d;
}

LengthDistribution LengthDistribution::empirical(std::vector<double> values) {
  if (values.empty()) {
    throw std::invalid_argument("length distribution: no observations");
  }
  LengthDistribution d;
  d.kind_ = Kind::kEmpirical;
  d.sorted_ = std::move(values);
  std::sort(d.sorted_.begin(), d.sorted_.end());
  d.settle_moments();
  return d;
}

LengthDistribution LengthDistribution::limited_to(double tokens) const {
  LengthDistribution d = *this;
  d.limit_ = std::max(1.0, std::min(limit_, tokens));
  d.settle_moments();
  return d;
}

double LengthDistribution::raw_quantile(double u) const {
  switch (kind_) {
    case Kind::kFixed:
      return a_;
    case Kind::kUniform:
      return a_ + (b_ - a_) * u;
    case Kind::kLognormal:
      return pinned::exp(a_ + b_ * normal_quantile(u));
    case Kind::kEmpirical: {
      const auto index = static_cast<std::size_t>(u * static_cast<double>(sorted_.size()));
      return sorted_[std::min(index, sorted_.size() - 1)];
    }
  }
  return a_;
}

double LengthDistribution::tokens_at(double u) const {
  return std::min(limit_, std::max(1.0, std::round(raw_quantile(u))));
}

void LengthDistribution::settle_moments() {
  if (kind_ == Kind::kFixed) {
    mean_ = tokens_at(0.5);
    mean_square_ = mean_ * mean_;
    return;
  }
  // Mid-point quadrature over the quantile: exact for observations, and below 0.1 % for the others.
  const std::size_t steps = kind_ == Kind::kEmpirical ? sorted_.size() : 4096;
  double sum = 0.0;
  double squares = 0.0;
  for (std::size_t i = 0; i < steps; ++i) {
    const double tokens = tokens_at((static_cast<double>(i) + 0.5) / static_cast<double>(steps));
    sum += tokens;
    squares += tokens * tokens;
  }
  mean_ = sum / static_cast<double>(steps);
  mean_square_ = squares / static_cast<double>(steps);
}

}  // namespace aifactory
