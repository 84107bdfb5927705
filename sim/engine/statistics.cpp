#include "sim/engine/statistics.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <stdexcept>

namespace aifactory::engine {

void TimeWeighted::set(SimTime now, double value) {
  if (now < changed_) {
    throw std::invalid_argument("a time-weighted statistic cannot change in its past");
  }
  if (now > changed_) {
    integral_ns_ += value_ * static_cast<double>((now - changed_).nanoseconds());
    min_ = std::min(min_, value_);
    max_ = std::max(max_, value_);
    changed_ = now;
  }
  value_ = value;
}

double TimeWeighted::integral(SimTime now) const {
  return (integral_ns_ + value_ * static_cast<double>((now - changed_).nanoseconds())) / 1e9;
}

double TimeWeighted::mean(SimTime now) const {
  return now > start_ ? integral(now) / (now - start_).seconds().value() : value_;
}

void RunningMoments::add(double sample) {
  ++count_;
  const double delta = sample - mean_;
  mean_ += delta / static_cast<double>(count_);
  squares_ += delta * (sample - mean_);
  min_ = std::min(min_, sample);
  max_ = std::max(max_, sample);
}

void RunningMoments::merge(const RunningMoments& other) {
  if (other.count_ == 0) {
    return;
  }
  const double mine = static_cast<double>(count_);
  const double theirs = static_cast<double>(other.count_);
  const double delta = other.mean_ - mean_;
  mean_ += delta * (theirs / (mine + theirs));
  squares_ += other.squares_ + delta * delta * (mine * theirs / (mine + theirs));
  count_ += other.count_;
  min_ = std::min(min_, other.min_);
  max_ = std::max(max_, other.max_);
}

double RunningMoments::variance() const {
  return count_ < 2 ? 0.0 : squares_ / static_cast<double>(count_ - 1);
}
double RunningMoments::standard_deviation() const {
  return std::sqrt(variance());
}

void Quantiles::merge(const Quantiles& other) {
  samples_.insert(samples_.end(), other.samples_.begin(), other.samples_.end());
}

double Quantiles::quantile(double p) {
  if (samples_.empty()) {
    return std::numeric_limits<double>::quiet_NaN();
  }
  const double rank = std::clamp(p, 0.0, 1.0) * static_cast<double>(samples_.size() - 1);
  const auto below = samples_.begin() + static_cast<std::ptrdiff_t>(rank);
  std::nth_element(samples_.begin(), below, samples_.end());
  if (rank == std::floor(rank)) {
    return *below;
  }
  const double above = *std::min_element(below + 1, samples_.end());
  return *below + (rank - std::floor(rank)) * (above - *below);
}

namespace {
// A bucket is the sign, the exponent and the first kBits bits of the mantissa of a double: exact, and without log().
constexpr int kBits = 6;
constexpr int kShift = 52 - kBits;

std::int64_t bucket_of(double sample) {
  return std::bit_cast<std::int64_t>(sample) >> kShift;
}
double middle_of(std::int64_t bucket) {
  return std::bit_cast<double>((bucket << kShift) + (std::int64_t{1} << (kShift - 1)));
}
}  // namespace

void LogHistogram::add(double sample, std::uint64_t times) {
  if (!(sample >= 0.0 && std::isfinite(sample))) {
    throw std::invalid_argument("a log histogram takes finite samples from 0 on");
  }
  if (times == 0) {
    return;
  }
  add_to_bucket(bucket_of(sample + 0.0), times);  // -0.0 is 0.0
  count_ += times;
  min_ = std::min(min_, sample);
  max_ = std::max(max_, sample);
}

void LogHistogram::add_to_bucket(std::int64_t bucket, std::uint64_t times) {
  if (bucket == 0) {
    zeros_ += times;
    return;
  }
  if (buckets_.empty()) {
    first_bucket_ = bucket;
  }
  if (bucket < first_bucket_) {
    buckets_.insert(buckets_.begin(), static_cast<std::size_t>(first_bucket_ - bucket), 0);
    first_bucket_ = bucket;
  }
  const auto index = static_cast<std::size_t>(bucket - first_bucket_);
  if (index >= buckets_.size()) {
    buckets_.resize(index + 1);
  }
  buckets_[index] += times;
}

void LogHistogram::merge(const LogHistogram& other) {
  for (std::size_t i = 0; i < other.buckets_.size(); ++i) {
    if (other.buckets_[i] != 0) {
      add_to_bucket(other.first_bucket_ + static_cast<std::int64_t>(i), other.buckets_[i]);
    }
  }
  zeros_ += other.zeros_;
  count_ += other.count_;
  min_ = std::min(min_, other.min_);
  max_ = std::max(max_, other.max_);
}

double LogHistogram::quantile(double p) const {
  if (count_ == 0) {
    return std::numeric_limits<double>::quiet_NaN();
  }
  const double rank = std::max(1.0, std::ceil(std::clamp(p, 0.0, 1.0) * static_cast<double>(count_)));
  if (rank <= 1.0) {
    return min_;
  }
  double seen = static_cast<double>(zeros_);
  if (seen >= rank) {
    return 0.0;
  }
  for (std::size_t i = 0; i < buckets_.size(); ++i) {
    seen += static_cast<double>(buckets_[i]);
    if (seen >= rank && rank < static_cast<double>(count_)) {
      return std::clamp(middle_of(first_bucket_ + static_cast<std::int64_t>(i)), min_, max_);
    }
  }
  return max_;
}

}  // namespace aifactory::engine
