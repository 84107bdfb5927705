#include "models/demand/lengths.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <initializer_list>
#include <stdexcept>
#include <utility>

#include "models/units/pinned_math.h"

namespace aifactory {
namespace {

constexpr double kZ95 = 1.6448536269514722;  // 95 % quantile of the standard normal

double horner(double x, std::initializer_list<double> highest_first) {
  double sum = 0.0;
  for (const double c : highest_first) {
    sum = sum * x + c;
  }
  return sum;
}

// Quantile of the standard normal, relative error below 1e-15: Wichura, "Algorithm AS 241", Applied Statistics 37(3),
// 1988 (PPND16).
double normal_quantile(double u) {
  const double q = u - 0.5;
  if (std::abs(q) <= 0.425) {
    const double r = 0.180625 - q * q;
    return q *
           horner(r, {2.5090809287301226727e3, 3.3430575583588128105e4, 6.7265770927008700853e4, 4.5921953931549871457e4,
                      1.3731693765509461125e4, 1.9715909503065514427e3, 1.3314166789178437745e2,
                      3.3871328727963666080e0}) /
           horner(r, {5.2264952788528545610e3, 2.8729085735721942674e4, 3.9307895800092710610e4, 2.1213794301586595867e4,
                      5.3941960214247511077e3, 6.8718700749205790830e2, 4.2313330701600911252e1, 1.0});
  }
  double r = std::sqrt(-pinned::log(q < 0.0 ? u : 1.0 - u));
  double value = 0.0;
  if (r <= 5.0) {
    r -= 1.6;
    value = horner(r, {7.74545014278341407640e-4, 2.27238449892691845833e-2, 2.41780725177450611770e-1,
                       1.27045825245236838258e0, 3.64784832476320460504e0, 5.76949722146069140550e0,
                       4.63033784615654529590e0, 1.42343711074968357734e0}) /
            horner(r, {1.05075007164441684324e-9, 5.47593808499534494600e-4, 1.51986665636164571966e-2,
                       1.48103976427480074590e-1, 6.89767334985100004550e-1, 1.67638483018380384940e0,
                       2.05319162663775882187e0, 1.0});
  } else {
    r -= 5.0;
    value = horner(r, {2.01033439929228813265e-7, 2.71155556874348757815e-5, 1.24266094738807843860e-3,
                       2.65321895265761230930e-2, 2.96560571828504891230e-1, 1.78482653991729133580e0,
                       5.46378491116411436990e0, 6.65790464350110377720e0}) /
            horner(r, {2.04426310338993978564e-15, 1.42151175831644588870e-7, 1.84631831751005468180e-5,
                       7.86869131145613259100e-4, 1.48753612908506148525e-2, 1.36929880922735805310e-1,
                       5.99832206555887937690e-1, 1.0});
  }
  return q < 0.0 ? -value : value;
}

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
