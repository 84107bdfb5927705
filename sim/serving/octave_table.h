// Tables over one or two positive variables with grid points at 1, 1.5, 2, 3, 4, 6, 8...: two per octave, found from
// the bits of the argument instead of by search.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace aifactory {

// Seconds of the slowest accelerator, and seconds its arithmetic and its memory would need at peak.
struct IterationCost {
  double time = 0.0;
  double compute = 0.0;
  double memory = 0.0;

  IterationCost& operator+=(const IterationCost& other) {
    time += other.time;
    compute += other.compute;
    memory += other.memory;
    return *this;
  }
  friend IterationCost operator+(IterationCost a, const IterationCost& b) { return a += b; }
  friend IterationCost operator*(const IterationCost& a, double f) { return {a.time * f, a.compute * f, a.memory * f}; }
};

// The grid: point(2 k) = 2^k, point(2 k + 1) = 1.5 2^k.
class OctaveGrid {
 public:
  struct Position {
    std::size_t index = 0;  // of the grid point at or below
    double fraction = 0;    // of the way to the next
  };

  OctaveGrid() = default;
  // From 1 to at least `limit`.
  explicit OctaveGrid(double limit) : size_(2 + locate_unbounded(limit < 1.0 ? 1.0 : limit).index) {}

  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] static double point(std::size_t index) {
    const double octave = static_cast<double>(std::uint64_t{1} << (index / 2));
    return index % 2 == 0 ? octave : 1.5 * octave;
  }
  // Below 1 counts as 1; beyond the last point the last interval is continued.
  [[nodiscard]] Position locate(double x) const {
    Position position = locate_unbounded(x < 1.0 ? 1.0 : x);
    if (position.index + 2 > size_) {
      const std::size_t last = size_ - 2;
      position = {last, (x - point(last)) / (point(last + 1) - point(last))};
    }
    return position;
  }

 private:
  static Position locate_unbounded(double x) {
    const auto bits = std::bit_cast<std::uint64_t>(x);
    const std::size_t index = 2 * (static_cast<std::size_t>(bits >> 52U) - 1023) + ((bits >> 51U) & 1U);
    return {index, (x - point(index)) / (point(index + 1) - point(index))};
  }
  std::size_t size_ = 2;
};

class OctaveTable {
 public:
  template <class Function>
  OctaveTable(double limit, Function&& function) : grid_(limit) {
    values_.reserve(grid_.size());
    for (std::size_t i = 0; i < grid_.size(); ++i) {
      values_.push_back(function(OctaveGrid::point(i)));
    }
  }
  [[nodiscard]] IterationCost at(double x) const {
    const auto p = grid_.locate(x);
    return values_[p.index] * (1.0 - p.fraction) + values_[p.index + 1] * p.fraction;
  }

 private:
  OctaveGrid grid_;
  std::vector<IterationCost> values_;
};

class OctaveTable2 {
 public:
  template <class Function>
  OctaveTable2(double limit_x, double limit_y, Function&& function) : x_(limit_x), y_(limit_y) {
    values_.reserve(x_.size() * y_.size());
    for (std::size_t i = 0; i < x_.size(); ++i) {
      for (std::size_t j = 0; j < y_.size(); ++j) {
        values_.push_back(function(OctaveGrid::point(i), OctaveGrid::point(j)));
      }
    }
  }
  [[nodiscard]] IterationCost at(double x, double y) const {
    const auto px = x_.locate(x);
    const auto py = y_.locate(y);
    const IterationCost* low = &values_[px.index * y_.size() + py.index];
    const IterationCost* high = low + y_.size();
    return (low[0] * (1.0 - py.fraction) + low[1] * py.fraction) * (1.0 - px.fraction) +
           (high[0] * (1.0 - py.fraction) + high[1] * py.fraction) * px.fraction;
  }

 private:
  OctaveGrid x_, y_;
  std::vector<IterationCost> values_;
};

}  // namespace aifactory
