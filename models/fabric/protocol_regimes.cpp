#include "models/fabric/protocol_regimes.h"

#include <Eigen/Dense>
#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "models/units/pinned_math.h"

namespace aifactory {
namespace {

constexpr double kSlowest = 1e-3;  // least efficiency
constexpr double kFastest = 2.0;   // most
constexpr int kReweightings = 4;

double value(const ProtocolLaw& law, const RegimePoint& point) {
  return law.start.value() + point.steps * law.step.value() + point.wire / law.efficiency;
}

// Weighted least squares over the columns in `used` (bits: start, step, transfer); false if any would be negative.
bool solve(const std::vector<RegimePoint>& points, const std::vector<double>& weight, unsigned used,
           std::array<double, 3>& x, double& error) {
  std::array<int, 3> column{};
  int n = 0;
  for (int c = 0; c < 3; ++c) {
    if ((used >> c) & 1U) {
      column[static_cast<std::size_t>(n++)] = c;
    }
  }
  using Matrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, 0, 3, 3>;
  Matrix normal = Matrix::Zero(n, n);
  Eigen::Matrix<double, Eigen::Dynamic, 1, 0, 3, 1> right = Eigen::VectorXd::Zero(n);
  const auto cell = [](const RegimePoint& point, int c) {
    return (c == 0 ? 1.0 : c == 1 ? point.steps : point.wire) / point.seconds;
  };
  for (std::size_t i = 0; i < points.size(); ++i) {
    for (int r = 0; r < n; ++r) {
      const double a = cell(points[i], column[static_cast<std::size_t>(r)]) * weight[i];
      right(r) += a;
      for (int c = 0; c < n; ++c) {
        normal(r, c) += a * cell(points[i], column[static_cast<std::size_t>(c)]);
      }
    }
  }
  normal.diagonal() *= 1.0 + 1e-12;
  const Eigen::Matrix<double, Eigen::Dynamic, 1, 0, 3, 1> solution = normal.ldlt().solve(right);
  x = {};
  for (int c = 0; c < n; ++c) {
    if (!(solution(c) >= 0.0)) {
      return false;
    }
    x[static_cast<std::size_t>(column[static_cast<std::size_t>(c)])] = solution(c);
  }
  error = 0.0;
  for (std::size_t i = 0; i < points.size(); ++i) {
    const double miss = (x[0] + x[1] * points[i].steps + x[2] * points[i].wire) / points[i].seconds - 1.0;
    error += weight[i] * miss * miss;
  }
  return true;
}

double absolute_error(const std::vector<RegimePoint>& points, const ProtocolLaw& law) {
  double error = 0.0;
  for (const RegimePoint& point : points) {
    error += point.weight * std::abs(pinned::log(value(law, point) / point.seconds));
  }
  return error;
}

}  // namespace

ProtocolLaw fit_protocol(const std::vector<RegimePoint>& points, const ProtocolLaw& otherwise) {
  if (points.empty()) {
    return otherwise;
  }
  std::vector<double> weight;
  for (const RegimePoint& point : points) {
    weight.push_back(point.weight);
  }
  ProtocolLaw law = otherwise;
  for (int round = 0; round < kReweightings; ++round) {
    double best = std::numeric_limits<double>::infinity();
    std::array<double, 3> found{};
    for (unsigned used = 1; used < 8; ++used) {
      std::array<double, 3> x{};
      double error = 0.0;
      if (solve(points, weight, used, x, error) && error < best * (1.0 - 1e-9)) {
        best = error;
        found = x;
      }
    }
    law.start = Seconds(found[0]);
    law.step = Seconds(found[1]);
    law.efficiency = found[2] > 0.0 ? std::clamp(1.0 / found[2], kSlowest, kFastest) : kFastest;
    for (std::size_t i = 0; i < points.size(); ++i) {
      const double miss = std::abs(value(law, points[i]) / points[i].seconds - 1.0);
      weight[i] = points[i].weight / std::max(miss, 0.01);
    }
  }
  return law;
}

std::vector<Regimes> guess_regimes(const std::vector<RegimePoint>& points, const Regimes& protocols,
                                   std::span<const double> exponents, std::size_t most) {
  std::vector<double> sizes;
  for (const RegimePoint& point : points) {
    sizes.push_back(point.bytes);
  }
  std::sort(sizes.begin(), sizes.end());
  sizes.erase(std::unique(sizes.begin(), sizes.end()), sizes.end());
  struct Limit {
    double bytes, exponent;  // bytes at 4 ranks
  };
  std::vector<Limit> limits;
  for (std::size_t i = 0; i + 1 < sizes.size(); ++i) {
    for (const double exponent : exponents) {
      limits.push_back({std::sqrt(sizes[i] * sizes[i + 1]), exponent});
    }
  }
  struct Guess {
    double error;
    Regimes laws;
  };
  std::vector<Guess> guesses;
  const auto consider = [&](const std::vector<Limit>& chosen) {
    std::vector<std::vector<RegimePoint>> parts(protocols.size());
    for (const RegimePoint& point : points) {
      std::size_t p = 0;
      while (p < chosen.size() && point.bytes > chosen[p].bytes * pinned::pow(point.ranks / 4.0, chosen[p].exponent)) {
        ++p;
      }
      parts[p].push_back(point);
    }
    Guess guess{0.0, {}};
    for (std::size_t p = 0; p < protocols.size(); ++p) {
      ProtocolLaw law = fit_protocol(parts[p], protocols[p]);
      law.up_to = Bytes(0.0);
      law.up_to_exponent = 0.0;
      if (p < chosen.size()) {
        law.up_to_exponent = chosen[p].exponent;
        law.up_to = Bytes(chosen[p].bytes / pinned::pow(4.0, chosen[p].exponent));
      }
      guess.error += absolute_error(parts[p], law);
      guess.laws.push_back(law);
    }
    guesses.push_back(std::move(guess));
  };
  if (protocols.size() == 1) {
    consider({});
  }
  for (std::size_t a = 0; protocols.size() > 1 && a < limits.size(); ++a) {
    if (protocols.size() == 2) {
      consider({limits[a]});
      continue;
    }
    for (const Limit& second : limits) {
      if (second.bytes > limits[a].bytes) {
        consider({limits[a], second});
      }
    }
  }
  std::stable_sort(guesses.begin(), guesses.end(), [](const Guess& a, const Guess& b) { return a.error < b.error; });
  std::vector<Regimes> best;
  for (const Guess& guess : guesses) {
    const auto alike = [&](const Regimes& better) {
      for (std::size_t p = 0; p + 1 < protocols.size(); ++p) {
        const double ratio = guess.laws[p].up_to / better[p].up_to;
        if (ratio < 0.45 || ratio > 2.2 || guess.laws[p].up_to_exponent != better[p].up_to_exponent) {
          return false;
        }
      }
      return true;
    };
    if (best.size() < most && std::none_of(best.begin(), best.end(), alike)) {
      best.push_back(guess.laws);
    }
  }
  return best;
}

}  // namespace aifactory
