// Fits a KernelFit to measured times of one kernel on one accelerator. Deterministic: the same rows in the same order
// give the same bits; nothing is random.
//
//   1. the physical law, by Levenberg-Marquardt on ln(law / measured) with a pseudo-Huber loss, from several starts;
//   2. the residual grids, by penalised least squares on what is left (first differences along every axis, a ridge),
//      reweighted so that outliers count linearly;
//      the residual of measured power over the activity law in the same way;
//   3. held-out error, bias and bands by folds over groups: rows of one group (say one (n, k)) are never split.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "models/kernels/calibration.h"
#include "models/kernels/law.h"
#include "models/kernels/residual.h"
#include "models/kernels/work.h"

namespace aifactory {

struct FitSample {
  KernelWork work;
  double seconds = 0.0;
  double watts = 0.0;       // zero: not measured
  std::uint64_t group = 0;  // rows that are held out together
};

struct ResidualShape {
  std::vector<ResidualAxis> axes;
  double smoothness = 1.0;  // weight of one squared first difference between neighbours, in samples
};

struct FitOptions {
  std::vector<LawParameters> starts;
  bool fit_items = false;  // else item stays as in the start
  bool fit_rows = false;
  std::vector<ResidualShape> residual;
  std::vector<ResidualShape> power_residual;
  double ridge = 0.02;    // weight of one squared node, in samples
  double outlier = 0.15;  // |ln| beyond which a residual counts linearly
  double power_outlier = 0.3;
  int folds = 5;
};

// Sum over samples of 2 d^2 (sqrt(1 + (r / d)^2) - 1), r = ln(law / measured), d = options.outlier, per sample.
double law_loss(const LawParameters& law, const std::vector<FitSample>& samples, const DeviceRates& rates,
                double outlier);

LawParameters fit_law(const std::vector<FitSample>& samples, const DeviceRates& rates, const FitOptions& options);

// What a residual is fair in: the logarithm; or predicted over measured, where scatter is wide and lopsided: an
// over-prediction then weighs by its ratio, which takes most of the bias out of the mean.
enum class ResidualLoss { kLogarithmic, kRelative };

// targets[i] is what the table should give at points[i].
ResidualTable fit_residual(const std::vector<std::array<double, kKernelCoordinates>>& points,
                           const std::vector<double>& targets, const std::vector<ResidualShape>& shapes, double ridge,
                           double outlier, ResidualLoss loss = ResidualLoss::kLogarithmic);

struct HeldOut {
  std::vector<double> seconds;  // prediction for each sample by a fit that never saw its group
  std::vector<double> watts;    // zero where power was not measured
  // For each sample the band that the errors of the other folds give: coverage of these is not by construction.
  std::vector<LogBand> bands;
  std::vector<LogBand> power_bands;
};

struct FitOutcome {
  KernelFit fit;  // on all samples, bands and errors from the held-out predictions
  HeldOut held_out;
};
FitOutcome fit_kernel(const Accelerator& accelerator, GemmFormat format, const std::vector<FitSample>& samples,
                      const FitOptions& options);

// For samples too few to fit a kernel anew: `base` (a fit of others' measurements) is kept as it is, and residual grids
// on top of its own take what it leaves, for time and for power. options.starts are not used.
FitOutcome correct_kernel(const Accelerator& accelerator, GemmFormat format, const KernelFit& base,
                          const std::vector<FitSample>& samples, const FitOptions& options);

}  // namespace aifactory
