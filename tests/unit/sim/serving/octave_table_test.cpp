#include "sim/serving/octave_table.h"

#include <gtest/gtest.h>

namespace aifactory {
namespace {

TEST(OctaveGrid, HasTwoPointsPerOctave) {
  const double expected[] = {1, 1.5, 2, 3, 4, 6, 8, 12};
  for (std::size_t i = 0; i < 8; ++i) {
    EXPECT_DOUBLE_EQ(OctaveGrid::point(i), expected[i]);
  }
}

TEST(OctaveGrid, LocatesEveryValueBetweenItsNeighbours) {
  const OctaveGrid grid(5000);
  for (double x = 1; x <= 5000; x *= 1.013) {
    const auto p = grid.locate(x);
    const double low = OctaveGrid::point(p.index);
    const double high = OctaveGrid::point(p.index + 1);
    EXPECT_LE(low, x);
    EXPECT_LT(x, high);
    EXPECT_NEAR(low + p.fraction * (high - low), x, 1e-9 * x);
  }
}

TEST(OctaveTable, IsExactForLinearFunctionsInsideAndBeyond) {
  const OctaveTable table(100, [](double x) { return IterationCost{3 + 2 * x, x, 1}; });
  for (const double x : {1.0, 1.2, 37.0, 99.0, 1000.0}) {
    EXPECT_NEAR(table.at(x).time, 3 + 2 * x, 1e-9 * x);
    EXPECT_NEAR(table.at(x).compute, x, 1e-9 * x);
  }
  EXPECT_DOUBLE_EQ(table.at(0.2).time, 5);  // below one counts as one
}

TEST(OctaveTable2, IsExactForBilinearFunctions) {
  const OctaveTable2 table(64, 1000, [](double x, double y) { return IterationCost{1 + x + y + x * y, 0, 0}; });
  for (const double x : {1.0, 2.7, 64.0}) {
    for (const double y : {1.0, 333.3, 4000.0}) {
      EXPECT_NEAR(table.at(x, y).time, 1 + x + y + x * y, 1e-9 * x * y);
    }
  }
}

}  // namespace
}  // namespace aifactory
