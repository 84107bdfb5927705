#include "models/kernels/residual.h"

#include <algorithm>
#include <stdexcept>

namespace aifactory {
namespace {

struct Cell {
  std::size_t low = 0;
  double fraction = 0.0;  // towards the next node
};

Cell locate(const ResidualAxis& axis, double x) {
  const int last = axis.nodes - 1;
  const double position = std::clamp((x - axis.origin) / axis.step, 0.0, static_cast<double>(last));
  const int low = std::min(static_cast<int>(position), std::max(last - 1, 0));
  return {static_cast<std::size_t>(low), position - low};
}

}  // namespace

std::size_t ResidualTerm::size() const {
  std::size_t product = 1;
  for (const ResidualAxis& axis : axes) {
    product *= static_cast<std::size_t>(axis.nodes);
  }
  return product;
}

ResidualStencil stencil(const ResidualTerm& term, const std::array<double, kKernelCoordinates>& x) {
  ResidualStencil s;
  s.count = 1;
  s.weight[0] = 1.0;
  for (const ResidualAxis& axis : term.axes) {
    const Cell cell = locate(axis, x[static_cast<std::size_t>(axis.coordinate)]);
    const auto nodes = static_cast<std::size_t>(axis.nodes);
    for (std::size_t i = 0; i < s.count; ++i) {
      s.index[i] = s.index[i] * nodes + cell.low;
    }
    if (cell.fraction > 0.0) {
      for (std::size_t i = 0; i < s.count; ++i) {
        s.index[s.count + i] = s.index[i] + 1;
        s.weight[s.count + i] = s.weight[i] * cell.fraction;
        s.weight[i] *= 1.0 - cell.fraction;
      }
      s.count *= 2;
    }
  }
  return s;
}

ResidualTable::ResidualTable(std::vector<ResidualTerm> terms) : terms_(std::move(terms)) {
  for (const ResidualTerm& term : terms_) {
    if (term.axes.empty() || term.axes.size() > 4) {
      throw std::invalid_argument("a residual term has 1 to 4 axes");
    }
    for (const ResidualAxis& axis : term.axes) {
      if (axis.coordinate < 0 || axis.coordinate >= static_cast<int>(kKernelCoordinates) || axis.nodes < 1 ||
          !(axis.step > 0.0)) {
        throw std::invalid_argument("a residual axis needs a coordinate, nodes and a positive step");
      }
    }
    if (term.nodes.size() != term.size()) {
      throw std::invalid_argument("a residual term has as many nodes as its axes span");
    }
  }
}

namespace {

// The sum through a stencil, folded one axis after the other: predictions spend most of their time here.
double interpolate(const ResidualTerm& term, const std::array<double, kKernelCoordinates>& x) {
  std::array<std::size_t, 16> offset{};
  std::array<double, 4> fractions{};
  std::size_t count = 1;
  std::size_t folds = 0;
  std::size_t stride = 1;
  std::size_t base = 0;
  for (std::size_t a = term.axes.size(); a-- > 0;) {
    const ResidualAxis& axis = term.axes[a];
    const Cell cell = locate(axis, x[static_cast<std::size_t>(axis.coordinate)]);
    base += cell.low * stride;
    if (cell.fraction > 0.0) {
      for (std::size_t i = 0; i < count; ++i) {
        offset[count + i] = offset[i] + stride;
      }
      count *= 2;
      fractions[folds++] = cell.fraction;
    }
    stride *= static_cast<std::size_t>(axis.nodes);
  }
  std::array<double, 16> value;
  const float* const nodes = term.nodes.data() + base;
  for (std::size_t i = 0; i < count; ++i) {
    value[i] = static_cast<double>(nodes[offset[i]]);
  }
  while (count > 1) {
    count /= 2;
    --folds;
    for (std::size_t i = 0; i < count; ++i) {
      value[i] += fractions[folds] * (value[count + i] - value[i]);
    }
  }
  return value[0];
}

}  // namespace

double ResidualTable::at(const std::array<double, kKernelCoordinates>& x) const {
  double sum = 0.0;
  for (const ResidualTerm& term : terms_) {
    sum += interpolate(term, x);
  }
  return sum;
}

}  // namespace aifactory
