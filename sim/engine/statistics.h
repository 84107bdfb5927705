// What a run measures. Each is a value: it does not know the clock, the simulation or its own name (registry.h does).
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

#include "sim/engine/sim_time.h"

namespace aifactory::engine {

// How many, or how much in total.
class Counter {
 public:
  void add(double amount = 1.0) { total_ += amount; }
  [[nodiscard]] double total() const { return total_; }

 private:
  double total_ = 0.0;
};

// A quantity that is constant between changes: queue length, power, busy servers.
class TimeWeighted {
 public:
  explicit TimeWeighted(SimTime start = {}, double value = 0.0) : start_(start), changed_(start), value_(value) {}

  void set(SimTime now, double value);
  void add(SimTime now, double change) { set(now, value_ + change); }

  [[nodiscard]] double value() const { return value_; }
  // Integral from start to `now`, in units times seconds; its mean over that time (value() if there was none).
  [[nodiscard]] double integral(SimTime now) const;
  [[nodiscard]] double mean(SimTime now) const;
  [[nodiscard]] double min() const { return min_; }  // of the values that lasted
  [[nodiscard]] double max() const { return max_; }

 private:
  SimTime start_;
  SimTime changed_;
  double value_;
  double integral_ns_ = 0.0;  // exact for integers up to 2^53
  double min_ = std::numeric_limits<double>::infinity();
  double max_ = -std::numeric_limits<double>::infinity();
};

// Mean and variance of samples without keeping them (Welford 1962; merging: Chan, Golub & LeVeque 1979).
class RunningMoments {
 public:
  void add(double sample);
  void merge(const RunningMoments& other);

  [[nodiscard]] std::uint64_t count() const { return count_; }
  [[nodiscard]] double mean() const { return mean_; }  // 0 without samples
  [[nodiscard]] double variance() const;               // of the population, unbiased; 0 below two samples
  [[nodiscard]] double standard_deviation() const;
  [[nodiscard]] double min() const { return min_; }  // +infinity without samples
  [[nodiscard]] double max() const { return max_; }  // -infinity without samples

 private:
  std::uint64_t count_ = 0;
  double mean_ = 0.0;
  double squares_ = 0.0;  // sum of squared deviations
  double min_ = std::numeric_limits<double>::infinity();
  double max_ = -std::numeric_limits<double>::infinity();
};

// Exact quantiles; keeps every sample (8 bytes each).
class Quantiles {
 public:
  void add(double sample) { samples_.push_back(sample); }
  void merge(const Quantiles& other);

  [[nodiscard]] std::size_t count() const { return samples_.size(); }
  // p in [0, 1], interpolated linearly between order statistics (type 7 of Hyndman & Fan 1996, as numpy does). NaN
  // without samples. Linear time; reorders the samples.
  [[nodiscard]] double quantile(double p);

 private:
  std::vector<double> samples_;
};

// Quantiles of any number of non-negative samples in a few kilobytes: 64 buckets per power of two, so a quantile is off
// by at most 0.8 % of the sample of that rank (and exact at 0 and 1). Merging histograms equals merging their samples.
class LogHistogram {
 public:
  void add(double sample, std::uint64_t times = 1);  // throws std::invalid_argument for negative or not finite
  void merge(const LogHistogram& other);

  [[nodiscard]] std::uint64_t count() const { return count_; }
  // The middle of the bucket that holds the sample of rank ceil(p * count). NaN without samples.
  [[nodiscard]] double quantile(double p) const;

 private:
  void add_to_bucket(std::int64_t bucket, std::uint64_t times);

  std::int64_t first_bucket_ = 0;  // of buckets_[0]
  std::vector<std::uint64_t> buckets_;
  std::uint64_t zeros_ = 0;  // too small for a bucket
  std::uint64_t count_ = 0;
  double min_ = std::numeric_limits<double>::infinity();
  double max_ = -std::numeric_limits<double>::infinity();
};

}  // namespace aifactory::engine
