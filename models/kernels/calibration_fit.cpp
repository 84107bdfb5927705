#include "models/kernels/calibration_fit.h"

#include <Eigen/Dense>
#include <Eigen/IterativeLinearSolvers>
#include <Eigen/Sparse>
#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <stdexcept>
#include <unsupported/Eigen/NonLinearOptimization>
#include <unsupported/Eigen/NumericalDiff>

#include "models/kernels/predict.h"
#include "models/units/pinned_math.h"

namespace aifactory {
namespace {

double logistic(double x) {
  return 1.0 / (1.0 + pinned::exp(-x));
}
double logit(double p) {
  return pinned::log(p / (1.0 - p));
}

// Unconstrained coordinates of the law: logarithms of times, logits of fractions.
struct Encoding {
  bool items = false, rows = false;

  [[nodiscard]] int size() const { return 4 + (items ? 1 : 0) + (rows ? 1 : 0); }

  [[nodiscard]] Eigen::VectorXd encode(const LawParameters& law) const {
    Eigen::VectorXd x(size());
    x[0] = pinned::log(std::max(law.startup, 1e-8));
    x[1] = logit(std::clamp(law.compute, 1e-3, 0.999));
    x[2] = logit(std::clamp(law.memory, 1e-3, 0.999));
    x[3] = logit(std::clamp(law.serial, 1e-3, 0.999));
    int next = 4;
    if (items) {
      x[next++] = pinned::log(std::max(law.item, 1e-12));
    }
    if (rows) {
      x[next] = pinned::log(std::max(law.row, 1e-12));
    }
    return x;
  }

  [[nodiscard]] LawParameters decode(const Eigen::VectorXd& x, const LawParameters& start) const {
    const auto bounded_exp = [](double v) { return pinned::exp(std::clamp(v, -40.0, 5.0)); };
    LawParameters law = start;
    law.startup = bounded_exp(x[0]);
    law.compute = std::clamp(logistic(x[1]), 1e-4, 1.0);
    law.memory = std::clamp(logistic(x[2]), 1e-4, 1.0);
    law.serial = std::clamp(logistic(x[3]), 0.0, 1.0);
    int next = 4;
    if (items) {
      law.item = bounded_exp(x[next++]);
    }
    if (rows) {
      law.row = bounded_exp(x[next]);
    }
    return law;
  }
};

double pseudo_huber(double r, double d) {
  return 2.0 * d * d * (std::sqrt(1.0 + (r / d) * (r / d)) - 1.0);
}

struct LawProblem {
  using Scalar = double;
  enum { InputsAtCompileTime = Eigen::Dynamic, ValuesAtCompileTime = Eigen::Dynamic };
  using InputType = Eigen::VectorXd;
  using ValueType = Eigen::VectorXd;
  using JacobianType = Eigen::MatrixXd;

  const std::vector<const FitSample*>& samples;
  const DeviceRates& rates;
  const Encoding& encoding;
  const LawParameters& start;
  double outlier;

  [[nodiscard]] int inputs() const { return encoding.size(); }
  [[nodiscard]] int values() const { return static_cast<int>(samples.size()); }

  int operator()(const Eigen::VectorXd& x, Eigen::VectorXd& values) const {
    const LawParameters law = encoding.decode(x, start);
    for (std::size_t i = 0; i < samples.size(); ++i) {
      const double r = pinned::log(law_time(law, samples[i]->work, rates) / samples[i]->seconds);
      // The square of this is the pseudo-Huber loss; the sign keeps it differentiable through zero.
      values[static_cast<Eigen::Index>(i)] = std::copysign(std::sqrt(pseudo_huber(r, outlier)), r);
    }
    return 0;
  }
};

constexpr std::size_t kLawSamples = 3000;  // enough to pin six parameters; the residual sees all

double median_of(std::vector<double> values) {
  if (values.empty()) {
    return 0.0;
  }
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

double quantile(std::vector<double> values, double q) {
  if (values.empty()) {
    return 0.0;
  }
  std::sort(values.begin(), values.end());
  const double position = q * static_cast<double>(values.size() - 1);
  const auto low = static_cast<std::size_t>(position);
  const std::size_t high = std::min(low + 1, values.size() - 1);
  return values[low] + (position - static_cast<double>(low)) * (values[high] - values[low]);
}

}  // namespace

double law_loss(const LawParameters& law, const std::vector<FitSample>& samples, const DeviceRates& rates,
                double outlier) {
  double sum = 0.0;
  for (const FitSample& s : samples) {
    sum += pseudo_huber(pinned::log(law_time(law, s.work, rates) / s.seconds), outlier);
  }
  return samples.empty() ? 0.0 : sum / static_cast<double>(samples.size());
}

LawParameters fit_law(const std::vector<FitSample>& samples, const DeviceRates& rates, const FitOptions& options) {
  if (samples.empty() || options.starts.empty()) {
    throw std::invalid_argument("a law is fitted to at least one sample from at least one start");
  }
  std::vector<const FitSample*> chosen;
  const std::size_t stride = std::max<std::size_t>(1, samples.size() / kLawSamples);
  for (std::size_t i = 0; i < samples.size(); i += stride) {
    chosen.push_back(&samples[i]);
  }
  const Encoding encoding{options.fit_items, options.fit_rows};
  LawParameters best;
  double best_loss = std::numeric_limits<double>::infinity();
  for (const LawParameters& start : options.starts) {
    // The loss of the law alone is broader than that of residuals: half of all shapes differ by tens of percent.
    LawProblem problem{chosen, rates, encoding, start, 2.0 * options.outlier};
    Eigen::NumericalDiff<LawProblem, Eigen::Central> derivative(problem);
    Eigen::LevenbergMarquardt<Eigen::NumericalDiff<LawProblem, Eigen::Central>> solver(derivative);
    solver.parameters.maxfev = 600;
    Eigen::VectorXd x = encoding.encode(start);
    if (problem.values() >= problem.inputs()) {
      solver.minimize(x);
    }
    const LawParameters law = encoding.decode(x, start);
    const double loss = law_loss(law, samples, rates, 2.0 * options.outlier);
    if (loss < best_loss) {
      best_loss = loss;
      best = law;
    }
  }
  return best;
}

ResidualTable fit_residual(const std::vector<std::array<double, kKernelCoordinates>>& points,
                           const std::vector<double>& targets, const std::vector<ResidualShape>& shapes, double ridge,
                           double outlier, ResidualLoss loss) {
  std::vector<ResidualTerm> terms;
  std::vector<std::size_t> offsets;
  std::size_t unknowns = 0;
  for (const ResidualShape& shape : shapes) {
    ResidualTerm term{shape.axes, {}};
    offsets.push_back(unknowns);
    unknowns += term.size();
    term.nodes.assign(term.size(), 0.0F);
    terms.push_back(std::move(term));
  }
  if (unknowns == 0 || points.empty()) {
    return {};
  }
  using Triplet = Eigen::Triplet<double>;
  std::vector<Triplet> entries;
  for (std::size_t i = 0; i < points.size(); ++i) {
    for (std::size_t t = 0; t < terms.size(); ++t) {
      const ResidualStencil s = stencil(terms[t], points[i]);
      for (std::size_t j = 0; j < s.count; ++j) {
        entries.emplace_back(static_cast<int>(i), static_cast<int>(offsets[t] + s.index[j]), s.weight[j]);
      }
    }
  }
  const auto rows = static_cast<Eigen::Index>(points.size());
  const auto columns = static_cast<Eigen::Index>(unknowns);
  Eigen::SparseMatrix<double> design(rows, columns);
  design.setFromTriplets(entries.begin(), entries.end());

  std::vector<Triplet> penalties;
  for (std::size_t t = 0; t < terms.size(); ++t) {
    std::size_t inner = 1;
    for (std::size_t a = terms[t].axes.size(); a-- > 0;) {
      const auto nodes = static_cast<std::size_t>(terms[t].axes[a].nodes);
      for (std::size_t i = 0; i < terms[t].size(); ++i) {
        if (i / inner % nodes + 1 < nodes) {
          const int low = static_cast<int>(offsets[t] + i);
          const int high = static_cast<int>(offsets[t] + i + inner);
          const double w = shapes[t].smoothness;
          penalties.emplace_back(low, low, w);
          penalties.emplace_back(high, high, w);
          penalties.emplace_back(low, high, -w);
          penalties.emplace_back(high, low, -w);
        }
      }
      inner *= nodes;
    }
    for (std::size_t i = 0; i < terms[t].size(); ++i) {
      penalties.emplace_back(static_cast<int>(offsets[t] + i), static_cast<int>(offsets[t] + i), ridge);
    }
  }
  Eigen::SparseMatrix<double> penalty(columns, columns);
  penalty.setFromTriplets(penalties.begin(), penalties.end());

  const Eigen::Map<const Eigen::VectorXd> y(targets.data(), rows);
  Eigen::VectorXd nodes = Eigen::VectorXd::Zero(columns);
  constexpr int kReweightings = 4;
  for (int round = 0; round < kReweightings; ++round) {
    Eigen::VectorXd weights = Eigen::VectorXd::Ones(rows);
    if (round > 0) {
      const Eigen::VectorXd left = y - design * nodes;
      for (Eigen::Index i = 0; i < rows; ++i) {
        weights[i] = 1.0 / std::sqrt(1.0 + (left[i] / outlier) * (left[i] / outlier));
        if (loss == ResidualLoss::kRelative) {
          weights[i] *= pinned::exp(-std::clamp(left[i], -1.0, 1.0));
        }
      }
    }
    Eigen::SparseMatrix<double> normal = design.transpose() * weights.asDiagonal() * design + penalty;
    Eigen::ConjugateGradient<Eigen::SparseMatrix<double>, Eigen::Lower | Eigen::Upper> solver;
    solver.setTolerance(1e-5);
    solver.setMaxIterations(500);  // far beyond what separable grids need; nearly collinear ones need no more digits
    solver.compute(normal);
    nodes = solver.solveWithGuess(design.transpose() * weights.cwiseProduct(y), nodes);
  }
  for (std::size_t t = 0; t < terms.size(); ++t) {
    for (std::size_t i = 0; i < terms[t].nodes.size(); ++i) {
      terms[t].nodes[i] = static_cast<float>(nodes[static_cast<Eigen::Index>(offsets[t] + i)]);
    }
  }
  return ResidualTable(std::move(terms));
}

namespace {

struct Residuals {
  ResidualTable time;
  ResidualTable power;
};

// Of measured over known times, `seconds_of` a sample, and of measured over known power.
template <class SecondsOf>
Residuals residuals_over(const Accelerator& accelerator, const DeviceRates& rates, SecondsOf seconds_of,
                         const ResidualTable* known_power, const std::vector<FitSample>& samples,
                         const FitOptions& options) {
  std::vector<std::array<double, kKernelCoordinates>> points;
  std::vector<double> targets;
  std::vector<std::array<double, kKernelCoordinates>> power_points;
  std::vector<double> power_targets;
  for (const FitSample& s : samples) {
    points.push_back(s.work.coordinates);
    targets.push_back(pinned::log(s.seconds / seconds_of(s)));
    if (s.watts > 0.0) {
      power_points.push_back(s.work.coordinates);
      const Watts known = mean_power(accelerator, rates, s.work, s.seconds, known_power);
      power_targets.push_back(pinned::log(s.watts / known.value()));
    }
  }
  return {fit_residual(points, targets, options.residual, options.ridge, options.outlier),
          fit_residual(power_points, power_targets, options.power_residual, options.ridge, options.power_outlier,
                       ResidualLoss::kRelative)};
}

KernelFit fit_samples(const Accelerator& accelerator, GemmFormat format, const std::vector<FitSample>& samples,
                      const FitOptions& options) {
  const DeviceRates rates = device_rates(accelerator, format);
  KernelFit fit;
  fit.law = fit_law(samples, rates, options);
  Residuals left = residuals_over(
      accelerator, rates, [&](const FitSample& s) { return law_time(fit.law, s.work, rates); }, nullptr, samples,
      options);
  fit.residual = std::move(left.time);
  fit.power_residual = std::move(left.power);
  return fit;
}

double predicted_seconds(const KernelFit& fit, const KernelWork& work, const DeviceRates& rates) {
  const double time = law_time(fit.law, work, rates) * pinned::exp(fit.residual.at(work.coordinates));
  return std::max(time, roofline_time(work, rates));
}

// Each fold holds the groups whose hash falls into it and is predicted by `fit_of` the other samples; a fold that would
// leave nothing to fit is predicted by the fit of all, which can only happen with a single group.
template <class FitOf>
HeldOut cross_validate(const Accelerator& accelerator, GemmFormat format, const std::vector<FitSample>& samples,
                       int fold_count, const KernelFit& all, FitOf fit_of) {
  const DeviceRates rates = device_rates(accelerator, format);
  const auto folds = static_cast<std::uint64_t>(fold_count);
  HeldOut held_out;
  held_out.seconds.assign(samples.size(), 0.0);
  held_out.watts.assign(samples.size(), 0.0);
  for (std::uint64_t fold = 0; fold < folds; ++fold) {
    std::vector<FitSample> seen;
    for (const FitSample& s : samples) {
      if (s.group % folds != fold) {
        seen.push_back(s);
      }
    }
    if (seen.size() == samples.size()) {
      continue;
    }
    const KernelFit fit = seen.empty() ? all : fit_of(seen);
    for (std::size_t i = 0; i < samples.size(); ++i) {
      if (samples[i].group % folds == fold) {
        const double seconds = predicted_seconds(fit, samples[i].work, rates);
        held_out.seconds[i] = seconds;
        if (samples[i].watts > 0.0) {
          held_out.watts[i] = mean_power(accelerator, rates, samples[i].work, seconds, &fit.power_residual).value();
        }
      }
    }
  }
  return held_out;
}

// A band that few samples support is no narrower than the one over all regimes.
constexpr std::size_t kBandSamples = 30;
// Quantiles of the held-out errors that the band spans: a little wider than P10..P90, because the rows of one group
// share their error and new groups scatter more than new rows.
constexpr double kBandTail = 0.09;

// ln(true / predicted) of one measurement, held out.
struct HeldOutError {
  std::uint64_t fold = 0;
  std::size_t regime = 0;
  double log = 0.0;
};

struct Bands {
  RegimeBands regimes{};
  LogBand whole;
};

// Of the errors outside one fold, or of all.
Bands bands_of(const std::vector<HeldOutError>& errors, std::optional<std::uint64_t> without) {
  std::vector<double> all;
  std::array<std::vector<double>, kRegimeCount> by_regime;
  for (const HeldOutError& e : errors) {
    if (e.fold != without) {
      all.push_back(e.log);
      by_regime[e.regime].push_back(e.log);
    }
  }
  const auto around_zero = [](const LogBand& band) {
    return LogBand{std::min(band.low, 0.0), std::max(band.high, 0.0)};
  };
  const auto spread = [](const std::vector<double>& logs) {
    return LogBand{quantile(logs, kBandTail), quantile(logs, 1.0 - kBandTail)};
  };
  Bands bands;
  bands.whole = around_zero(spread(all));
  for (std::size_t r = 0; r < kRegimeCount; ++r) {
    LogBand band = spread(by_regime[r]);
    if (by_regime[r].size() < kBandSamples) {
      band = {std::min(band.low, bands.whole.low), std::max(band.high, bands.whole.high)};
    }
    bands.regimes[r] = around_zero(band);
  }
  return bands;
}

// Errors, bias and bands from the held-out predictions.
void judge(FitOutcome& outcome, const std::vector<FitSample>& samples, const DeviceRates& rates, int fold_count) {
  const auto folds = static_cast<std::uint64_t>(fold_count);
  HeldOut& held_out = outcome.held_out;
  std::vector<double> errors;
  std::vector<HeldOutError> times;
  std::vector<HeldOutError> powers;
  double bias = 0.0;
  for (std::size_t i = 0; i < samples.size(); ++i) {
    const std::uint64_t fold = samples[i].group % folds;
    const std::size_t r = static_cast<std::size_t>(regime(samples[i].work, rates));
    const double ratio = held_out.seconds[i] / samples[i].seconds;
    errors.push_back(std::abs(ratio - 1.0));
    bias += ratio - 1.0;
    times.push_back({fold, r, -pinned::log(ratio)});
    if (samples[i].watts > 0.0) {
      powers.push_back({fold, r, pinned::log(samples[i].watts / held_out.watts[i])});
    }
  }
  outcome.fit.rows = samples.size();
  outcome.fit.median_error = median_of(errors);
  outcome.fit.p90_error = quantile(errors, 0.9);
  outcome.fit.bias = bias / static_cast<double>(samples.size());
  outcome.fit.bands = bands_of(times, std::nullopt).regimes;
  if (!powers.empty()) {
    outcome.fit.power_band = bands_of(powers, std::nullopt).whole;
  }
  for (std::uint64_t fold = 0; fold < folds; ++fold) {
    const RegimeBands unseen = bands_of(times, fold).regimes;
    const LogBand unseen_power = bands_of(powers, fold).whole;
    held_out.bands.resize(samples.size());
    held_out.power_bands.resize(samples.size());
    for (std::size_t i = 0; i < samples.size(); ++i) {
      if (samples[i].group % folds == fold) {
        held_out.bands[i] = unseen[static_cast<std::size_t>(regime(samples[i].work, rates))];
        held_out.power_bands[i] = unseen_power;
      }
    }
  }
}

ResidualTable joined(const ResidualTable& first, const ResidualTable& second) {
  std::vector<ResidualTerm> terms = first.terms();
  terms.insert(terms.end(), second.terms().begin(), second.terms().end());
  return ResidualTable(std::move(terms));
}

KernelFit corrected(const Accelerator& accelerator, GemmFormat format, const KernelFit& base,
                    const std::vector<FitSample>& samples, const FitOptions& options) {
  const DeviceRates rates = device_rates(accelerator, format);
  const Residuals left = residuals_over(
      accelerator, rates, [&](const FitSample& s) { return predicted_seconds(base, s.work, rates); },
      &base.power_residual, samples, options);
  KernelFit fit = base;
  fit.residual = joined(base.residual, left.time);
  fit.power_residual = joined(base.power_residual, left.power);
  return fit;
}

}  // namespace

FitOutcome fit_kernel(const Accelerator& accelerator, GemmFormat format, const std::vector<FitSample>& samples,
                      const FitOptions& options) {
  const auto fit_of = [&](const std::vector<FitSample>& some) {
    return fit_samples(accelerator, format, some, options);
  };
  FitOutcome outcome;
  outcome.fit = fit_of(samples);
  outcome.held_out = cross_validate(accelerator, format, samples, options.folds, outcome.fit, fit_of);
  judge(outcome, samples, device_rates(accelerator, format), options.folds);
  return outcome;
}

FitOutcome correct_kernel(const Accelerator& accelerator, GemmFormat format, const KernelFit& base,
                          const std::vector<FitSample>& samples, const FitOptions& options) {
  const auto fit_of = [&](const std::vector<FitSample>& some) {
    return corrected(accelerator, format, base, some, options);
  };
  FitOutcome outcome;
  outcome.fit = fit_of(samples);
  outcome.held_out = cross_validate(accelerator, format, samples, options.folds, outcome.fit, fit_of);
  judge(outcome, samples, device_rates(accelerator, format), options.folds);
  return outcome;
}

}  // namespace aifactory
