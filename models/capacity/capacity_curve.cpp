#include "models/capacity/capacity_curve.h"

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace aifactory {
namespace {

double blend(double a, double b, double t) { return a + (b - a) * t; }

template <int... E>
Quantity<E...> blend(Quantity<E...> a, Quantity<E...> b, double t) {
  return a + (b - a) * t;
}

OperatingPoint blend(const OperatingPoint& a, const OperatingPoint& b, double t) {
  OperatingPoint p;
  p.offered = blend(a.offered, b.offered, t);
  p.completed = blend(a.completed, b.completed, t);
  p.input = blend(a.input, b.input, t);
  p.cached = blend(a.cached, b.cached, t);
  p.output = blend(a.output, b.output, t);
  p.ttft_p50 = blend(a.ttft_p50, b.ttft_p50, t);
  p.ttft_p99 = blend(a.ttft_p99, b.ttft_p99, t);
  p.tpot_p50 = blend(a.tpot_p50, b.tpot_p50, t);
  p.tpot_p99 = blend(a.tpot_p99, b.tpot_p99, t);
  p.within_slo = blend(a.within_slo, b.within_slo, t);
  p.activity = {blend(a.activity.compute, b.activity.compute, t), blend(a.activity.memory, b.activity.memory, t)};
  p.accelerator_power = blend(a.accelerator_power, b.accelerator_power, t);
  return p;
}

// Attainment of the uncapped replica where its median latency has grown to `latency`: attainment is taken as a function
// of latency, whichever of load or clock caused it.
double attainment_at(const std::vector<OperatingPoint>& points, Seconds OperatingPoint::*median, Seconds latency) {
  for (std::size_t i = 1; i < points.size(); ++i) {
    const Seconds before = points[i - 1].*median;
    const Seconds after = points[i].*median;
    if (latency <= after) {
      const double t = after > before ? (latency - before) / (after - before) : 1.0;
      return blend(points[i - 1].within_slo, points[i].within_slo, std::clamp(t, 0.0, 1.0));
    }
  }
  return points.back().within_slo;
}

}  // namespace

CapacityCurve::CapacityCurve(int accelerators_per_replica, std::vector<OperatingPoint> points)
    : accelerators_per_replica_(accelerators_per_replica), points_(std::move(points)) {
  for (std::size_t i = 1; i < points_.size(); ++i) {
    if (points_[i].offered <= points_[i - 1].offered) {
      throw std::invalid_argument("capacity curve: offered loads must increase");
    }
  }
}

OperatingPoint CapacityCurve::at(Hertz offered) const {
  if (points_.empty()) {
    throw std::logic_error("capacity curve: no points");
  }
  if (offered <= points_.front().offered) {
    return points_.front();
  }
  for (std::size_t i = 1; i < points_.size(); ++i) {
    if (offered <= points_[i].offered) {
      const OperatingPoint& a = points_[i - 1];
      const OperatingPoint& b = points_[i];
      return blend(a, b, (offered - a.offered) / (b.offered - a.offered));
    }
  }
  OperatingPoint beyond = points_.back();
  beyond.within_slo *= beyond.offered / offered;  // what the replica never starts misses its promise
  beyond.offered = offered;
  return beyond;
}

Hertz CapacityCurve::slo_capacity(double share) const {
  for (std::size_t i = points_.size(); i-- > 0;) {
    if (points_[i].within_slo < share) {
      continue;
    }
    if (i + 1 == points_.size()) {
      return points_[i].offered;
    }
    const OperatingPoint& good = points_[i];
    const OperatingPoint& bad = points_[i + 1];
    const double t = (good.within_slo - share) / (good.within_slo - bad.within_slo);
    return blend(good.offered, bad.offered, t);
  }
  return Hertz{};
}

CapacityCurve CapacityCurve::capped(const Accelerator& accelerator, Watts cap) const {
  std::vector<OperatingPoint> capped;
  for (const OperatingPoint& point : points_) {
    OperatingPoint slow = point;
    const double speed = throughput_under_cap(accelerator.power, point.accelerator_power, cap);
    if (speed < 1.0) {
      // A replica whose clock runs at `speed` is the same replica in stretched time.
      slow.offered *= speed;
      slow.completed *= speed;
      slow.input *= speed;
      slow.cached *= speed;
      slow.output *= speed;
      slow.ttft_p50 /= speed;
      slow.ttft_p99 /= speed;
      slow.tpot_p50 /= speed;
      slow.tpot_p99 /= speed;
      slow.activity.compute *= speed;
      slow.activity.memory *= speed;
      slow.accelerator_power = min(point.accelerator_power, cap);
      slow.within_slo = std::min({point.within_slo, attainment_at(points_, &OperatingPoint::tpot_p50, slow.tpot_p50),
                                  attainment_at(points_, &OperatingPoint::ttft_p50, slow.ttft_p50)});
    }
    if (capped.empty() || slow.offered > capped.back().offered) {
      capped.push_back(slow);
    }
  }
  return CapacityCurve(accelerators_per_replica_, std::move(capped));
}

}  // namespace aifactory
