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

double ResidualTable::at(const std::array<double, kKernelCoordinates>& x) const {
  double sum = 0.0;
  for (const ResidualTerm& term : terms_) {
    const ResidualStencil s = stencil(term, x);
    for (std::size_t i = 0; i < s.count; ++i) {
      sum += s.weight[i] * static_cast<double>(term.nodes[s.index[i]]);
    }
  }
  return sum;
}

}  // namespace aifactory
