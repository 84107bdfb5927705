// How long prompts and answers are, as distributions given by their inverse CDF.
//
// Sampling is the caller's: tokens_at(u) with u uniform in (0, 1). Two scenarios that draw the same u see the same
// quantile of their own distribution, which is what makes common random numbers work.
#pragma once

#include <vector>

namespace aifactory {

// Tokens per request; every kind yields at least one token.
class LengthDistribution {
 public:
  // Every request alike.
  static LengthDistribution fixed(double tokens);
  // Continuous uniform on [low, high], low <= high; InferenceX draws 0.8-1.0 of a nominal length this way.
  static LengthDistribution uniform(double low, double high);
  // Lognormal of given mean and 95th percentile. With s the standard deviation of the logarithm,
  // ln(p95 / mean) = z s - s^2 / 2, z = 1.6449; the smaller root is taken. Valid for mean < p95 <= 3.86 mean.
  static LengthDistribution lognormal(double mean, double p95);
  // The observed values, each equally likely.
  static LengthDistribution empirical(std::vector<double> values);

  LengthDistribution() = default;

  // The u-quantile in tokens, never above `limit()`.
  [[nodiscard]] double tokens_at(double u) const;
  [[nodiscard]] double mean() const { return mean_; }
  // Mean of the square, tokens^2: how much longer than average the request is that a random token belongs to.
  [[nodiscard]] double mean_square() const { return mean_square_; }

  // The same distribution with everything above `tokens` set to it (a context window, an output cap).
  [[nodiscard]] LengthDistribution limited_to(double tokens) const;
  [[nodiscard]] double limit() const { return limit_; }

 private:
  enum class Kind { kFixed, kUniform, kLognormal, kEmpirical };

  [[nodiscard]] double raw_quantile(double u) const;
  void settle_moments();

  Kind kind_ = Kind::kFixed;
  double a_ = 1.0;  // fixed value, low end, or mean of the logarithm
  double b_ = 1.0;  // high end, or standard deviation of the logarithm
  double limit_ = 1e9;
  std::vector<double> sorted_;
  double mean_ = 1.0;
  double mean_square_ = 1.0;
};

}  // namespace aifactory
