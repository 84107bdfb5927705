#include "models/kernels/residual.h"

#include <gtest/gtest.h>

#include <cmath>
#include <stdexcept>

#include "models/kernels/calibration_fit.h"

namespace aifactory {
namespace {

ResidualTable plane() {  // r = x + 10 y on nodes x = 0, 1, 2 and y = 0, 2
  return ResidualTable({{{{0, 0.0, 1.0, 3}, {1, 0.0, 2.0, 2}}, {0, 20, 1, 21, 2, 22}}});
}

TEST(ResidualTable, InterpolatesAPlaneExactlyAndHoldsItsEdge) {
  EXPECT_DOUBLE_EQ(plane().at({1.0, 2.0}), 21.0);
  EXPECT_DOUBLE_EQ(plane().at({0.25, 0.5}), 5.25);
  EXPECT_DOUBLE_EQ(plane().at({9.0, -3.0}), 2.0);
}

TEST(ResidualTable, TermsAdd) {
  const ResidualTerm one{{{2, 0.0, 1.0, 2}}, {1.0F, 3.0F}};
  EXPECT_DOUBLE_EQ(ResidualTable({one, one}).at({0, 0, 0.5}), 4.0);
  EXPECT_DOUBLE_EQ(ResidualTable().at({}), 0.0);
}

TEST(ResidualTable, StencilWeightsSumToOne) {
  const ResidualStencil s = stencil(plane().terms()[0], {1.3, 1.1});
  double sum = 0;
  for (std::size_t i = 0; i < s.count; ++i) {
    sum += s.weight[i];
  }
  EXPECT_NEAR(sum, 1.0, 1e-15);
  double through_stencil = 0;
  for (std::size_t i = 0; i < s.count; ++i) {
    through_stencil += s.weight[i] * static_cast<double>(plane().terms()[0].nodes[s.index[i]]);
  }
  EXPECT_NEAR(plane().at({1.3, 1.1}), through_stencil, 1e-12);
}

TEST(ResidualTable, RefusesGridsThatDoNotAddUp) {
  EXPECT_THROW(ResidualTable({{{{0, 0.0, 1.0, 3}}, {0, 1}}}), std::invalid_argument);
  EXPECT_THROW(ResidualTable({{{{9, 0.0, 1.0, 1}}, {0}}}), std::invalid_argument);
  EXPECT_THROW(ResidualTable({{{}, {0}}}), std::invalid_argument);
}

TEST(ResidualFit, FindsAPlantedSurfaceAndIgnoresOutliers) {
  std::vector<std::array<double, kKernelCoordinates>> points;
  std::vector<double> targets;
  for (int i = 0; i <= 20; ++i) {
    for (int j = 0; j <= 20; ++j) {
      points.push_back({0.1 * i, 0.1 * j});
      targets.push_back((i + j) % 19 == 0 ? 3.0 : 0.1 * (0.1 * i) - 0.05 * (0.1 * j));
    }
  }
  const ResidualTable table = fit_residual(points, targets, {{{{0, 0, 1, 3}, {1, 0, 1, 3}}, 0.01}}, 1e-4, 0.02);
  for (const double x : {0.0, 0.7, 2.0}) {
    for (const double y : {0.3, 1.9}) {
      EXPECT_NEAR(table.at({x, y}), 0.1 * x - 0.05 * y, 0.015) << x << ' ' << y;
    }
  }
}

TEST(ResidualFit, RelativeLossWeighsOverPredictionsByTheirSize) {
  // Half of the readings are half of the others: fair in the logarithm is too high in the ratio by 6 %.
  std::vector<std::array<double, kKernelCoordinates>> points(200);
  std::vector<double> targets;
  for (std::size_t i = 0; i < points.size(); ++i) {
    targets.push_back(i % 2 == 0 ? 0.0 : -0.7);
  }
  const auto bias = [&](ResidualLoss loss) {
    const double r = fit_residual(points, targets, {{{{0, 0, 1, 2}}, 0.01}}, 1e-4, 10.0, loss).at({0.0});
    return 0.5 * (std::exp(r) + std::exp(r + 0.7)) - 1.0;
  };
  EXPECT_GT(bias(ResidualLoss::kLogarithmic), 0.05);
  EXPECT_LT(bias(ResidualLoss::kRelative), 0.0);
}

TEST(ResidualFit, WithoutDataStaysZeroAndSmoothnessFlattens) {
  EXPECT_TRUE(fit_residual({}, {}, {{{{0, 0, 1, 3}}, 1.0}}, 0.1, 0.1).empty());
  const std::vector<std::array<double, kKernelCoordinates>> ends = {{0.0}, {2.0}};
  const double gentle = fit_residual(ends, {0.1, -0.1}, {{{{0, 0, 1, 3}}, 0.01}}, 1e-4, 1.0).at({0.0});
  const double stiff = fit_residual(ends, {0.1, -0.1}, {{{{0, 0, 1, 3}}, 100.0}}, 1e-4, 1.0).at({0.0});
  EXPECT_GT(gentle, 0.09);
  EXPECT_LT(stiff, 0.01);
}

}  // namespace
}  // namespace aifactory
