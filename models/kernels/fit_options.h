// How each kernel is fitted: where the law starts from, which of its terms are free, and over which coordinates of the
// kernel its residual is tabulated. Grid steps are in octaves unless a coordinate is not a logarithm (work.h).
#pragma once

#include "models/kernels/calibration_fit.h"

namespace aifactory {

FitOptions fit_options(const KernelKey& key);

// For correct_kernel: the same coordinates in grids of twice the step, smooth enough for a few hundred samples.
FitOptions correction_options(const KernelKey& key);

}  // namespace aifactory
