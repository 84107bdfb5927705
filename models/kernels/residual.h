// A small table of what the physical law leaves unexplained, in log time: a sum of multilinear grids, each over a few
// of a kernel's coordinates.
//
//   r(x) = sum over terms of the multilinear interpolation of its nodes at clamp(x)
//
// Beyond the outermost nodes the edge value holds, so extrapolation keeps the physical law times a constant.
#pragma once

#include <array>
#include <cstddef>
#include <vector>

#include "models/kernels/work.h"

namespace aifactory {

struct ResidualAxis {
  int coordinate = 0;
  double origin = 0.0;  // first node
  double step = 1.0;
  int nodes = 2;  // at least 1; 1 makes the axis constant
};

struct ResidualTerm {
  std::vector<ResidualAxis> axes;  // 1 to 4, the last varies fastest
  std::vector<float> nodes;        // product of axes' nodes

  [[nodiscard]] std::size_t size() const;
};

// The nodes that surround a point and their weights, which sum to one.
struct ResidualStencil {
  std::array<std::size_t, 16> index{};
  std::array<double, 16> weight{};
  std::size_t count = 0;
};
ResidualStencil stencil(const ResidualTerm& term, const std::array<double, kKernelCoordinates>& x);

class ResidualTable {
 public:
  ResidualTable() = default;
  explicit ResidualTable(std::vector<ResidualTerm> terms);  // throws std::invalid_argument on inconsistent sizes

  [[nodiscard]] double at(const std::array<double, kKernelCoordinates>& x) const;
  [[nodiscard]] bool empty() const { return terms_.empty(); }
  [[nodiscard]] const std::vector<ResidualTerm>& terms() const { return terms_; }

 private:
  std::vector<ResidualTerm> terms_;
};

}  // namespace aifactory
