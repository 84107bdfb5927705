// Confidence intervals for steady-state means: the run is cut into batches long enough to be nearly independent, and
// Student's t applies to their means (Law & Kelton, Simulation Modeling and Analysis, section 9.5).
#pragma once

#include <boost/math/distributions/students_t.hpp>
#include <cmath>

#include "sim/engine/statistics.h"

namespace aifactory::engine {

class BatchMeans {
 public:
  static constexpr int kBatches = 32;
  static constexpr double kConfidence = 0.99;

  void add_batch(double mean) { batches_.add(mean); }

  [[nodiscard]] double mean() const { return batches_.mean(); }
  [[nodiscard]] double half_width() const {
    const auto n = static_cast<double>(batches_.count());
    const double t = boost::math::quantile(boost::math::students_t(n - 1.0), 0.5 + kConfidence / 2.0);
    return t * batches_.standard_deviation() / std::sqrt(n);
  }
  [[nodiscard]] bool contains(double expected) const { return std::abs(mean() - expected) <= half_width(); }

 private:
  RunningMoments batches_;
};

}  // namespace aifactory::engine
