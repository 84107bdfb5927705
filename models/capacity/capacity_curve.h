// What simulators hand to each other as values. A replica simulated request by request at a few loads becomes a
// CapacityCurve; a site walks its hours along the curve; a fleet multiplies sites. None of them sees another's insides.
#pragma once

#include <string>
#include <vector>

#include "models/hardware/accelerator.h"
#include "models/units/quantity.h"

namespace aifactory {

// One steady state of one serving replica (its accelerators together), simulated at one offered load.
struct OperatingPoint {
  Hertz offered{};               // requests per second arriving at the replica
  Hertz completed{};             // requests per second finishing
  TokensPerSecond input{};       // prompt tokens computed
  TokensPerSecond cached{};      // prompt tokens served from the prefix cache
  TokensPerSecond output{};      // tokens generated
  Seconds ttft_p50{}, ttft_p99{};
  Seconds tpot_p50{}, tpot_p99{};
  double within_slo = 0.0;       // requests that met every SLO over requests offered
  Activity activity;             // mean over time and accelerators
  Watts accelerator_power{};     // mean per accelerator
};

// Operating points in increasing order of offered load, from idle to beyond saturation.
class CapacityCurve {
 public:
  CapacityCurve() = default;
  CapacityCurve(int accelerators_per_replica, std::vector<OperatingPoint> points);

  [[nodiscard]] int accelerators_per_replica() const { return accelerators_per_replica_; }
  [[nodiscard]] const std::vector<OperatingPoint>& points() const { return points_; }

  // Linear between points, the last point beyond them (work not completed is not served), the idle point below.
  [[nodiscard]] OperatingPoint at(Hertz offered) const;

  // Largest simulated-and-interpolated load whose `within_slo` is at least `share`; zero if none.
  [[nodiscard]] Hertz slo_capacity(double share) const;

  // The curve of the same replica when its accelerators are capped: completed work and latency move by the throughput
  // the cap leaves, power by the cap.
  [[nodiscard]] CapacityCurve capped(const Accelerator& accelerator, Watts cap) const;

 private:
  int accelerators_per_replica_ = 1;
  std::vector<OperatingPoint> points_;
};

// Relative demand over a week of hours, mean 1 (hour 0 = Monday 00:00 site time).
class LoadShape {
 public:
  LoadShape() = default;
  explicit LoadShape(std::vector<double> hourly_of_week);  // 168 values, normalised to mean 1

  // A working-day sinusoid: peak_to_mean at `peak_hour`, weekends at `weekend_fraction` of weekdays.
  static LoadShape diurnal(double peak_to_mean, double peak_hour, double weekend_fraction);
  static LoadShape flat();

  [[nodiscard]] double at_hour(int hour_of_year) const;
  [[nodiscard]] double peak() const;

 private:
  std::vector<double> hours_;
};

// What a long-running job draws: the mean per accelerator while it works and while it is interrupted.
struct PowerProfile {
  Watts working{};
  Watts interrupted{};
  double working_fraction = 1.0;  // of elapsed time
  [[nodiscard]] Watts mean() const { return working * working_fraction + interrupted * (1.0 - working_fraction); }
};

}  // namespace aifactory
