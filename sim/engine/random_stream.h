// Random numbers: one independent stream per (seed, entity path, purpose).
//
// The generator is counter-based (Philox4x64-10; Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC'11):
// the stream's name is its key. So creating, removing or reordering entities never shifts another's draws, and two
// scenarios that share entities share their luck (common random numbers).
//
// The distributions are written out here, over models/units/pinned_math.h, instead of taken from a library: std's
// differ between implementations, and Boost's call the C library's log and exp, whose last bit depends on the
// processor. Those that can are inversions, one uniform each and monotone in it, so that compared scenarios stay
// coupled draw by draw.
#pragma once

#include <array>
#include <cstdint>
#include <limits>
#include <span>
#include <string_view>
#include <vector>

namespace aifactory::engine {

class RandomStream {
 public:
  RandomStream(std::uint64_t seed, std::string_view entity_path, std::string_view purpose);

  // The stream of the n-th item (request, job, rack) of this one: independent of it, of all other items, and of how
  // much has been drawn from any of them.
  [[nodiscard]] RandomStream item(std::uint64_t n) const;

  // 64 random bits; the standard's UniformRandomBitGenerator.
  using result_type = std::uint64_t;
  static constexpr result_type min() { return 0; }
  static constexpr result_type max() { return std::numeric_limits<result_type>::max(); }
  result_type operator()() {
    if (next_ == block_.size()) {
      refill();
    }
    return block_[next_++];
  }

  double uniform() { return static_cast<double>((*this)() >> 11) * 0x1p-53; }  // [0, 1), 53 bits
  double uniform(double low, double high) { return low + (high - low) * uniform(); }
  std::uint64_t below(std::uint64_t n);  // 0 .. n-1, unbiased; n > 0
  bool chance(double probability) { return uniform() < probability; }

  double exponential(double mean);                        // inversion
  double weibull(double shape, double scale);             // inversion
  double normal(double mean, double standard_deviation);  // inversion
  double lognormal(double mu, double sigma);              // exp of normal(mu, sigma)
  double gamma(double shape, double scale);               // Marsaglia & Tsang, ACM TOMS 26(3), 2000
  std::uint64_t poisson(double mean);                     // inversion; from mean 10, PTRS (Hoermann, IME 12, 1993)

  template <class Range>
  const auto& choice(const Range& range) {
    return range[below(range.size())];
  }

 private:
  void refill();

  std::array<std::uint64_t, 2> key_;
  std::array<std::uint64_t, 4> counter_{};
  std::array<std::uint64_t, 4> block_{};
  std::size_t next_ = 4;  // in block_
};

// Index i with probability proportional to weights[i]: inversion over the cumulative weights.
class DiscreteDistribution {
 public:
  // Throws std::invalid_argument for negative or non-finite weights and for a sum of zero.
  explicit DiscreteDistribution(std::span<const double> weights);
  std::size_t operator()(RandomStream& random) const;

 private:
  std::vector<double> cumulative_;
};

// Rank k in 1..n with probability proportional to k^-exponent, exponent > 0: popularity of prefixes, experts, users.
// Rejection-inversion (Hoermann & Derflinger, ACM TOMACS 6(3), 1996): constant time and memory for any n.
class ZipfDistribution {
 public:
  ZipfDistribution(std::uint64_t n, double exponent);
  std::uint64_t operator()(RandomStream& random) const;

 private:
  [[nodiscard]] double integral(double x) const;
  [[nodiscard]] double integral_inverse(double y) const;

  double n_;
  double exponent_;
  double low_;
  double high_;
  double accept_;
};

}  // namespace aifactory::engine
