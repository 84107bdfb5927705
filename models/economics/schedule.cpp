#include "models/economics/schedule.h"

#include <algorithm>

namespace aifactory {

double BuildSchedule::online(Seconds since_decision) const {
  if (since_decision < first_token) {
    return 0.0;
  }
  const Seconds ramp = complete - first_token;
  return ramp.value() > 0.0 ? std::min(1.0, (since_decision - first_token) / ramp) : 1.0;
}

BuildSchedule plan_build(const BuildTimes& times, Seconds interconnection, double racks) {
  const Seconds power = interconnection;
  const Seconds hall = times.permits_and_design + times.shell + times.fit_out;
  const Seconds systems = times.system_delivery;
  const Seconds ready = max(power, max(hall, systems));
  BuildSchedule schedule;
  schedule.first_token = ready + times.commissioning;
  schedule.complete = schedule.first_token + racks / times.racks;
  schedule.milestones = {
      {"power", Seconds{}, power, power == ready},
      {"hall", Seconds{}, hall, hall == ready},
      {"systems", Seconds{}, systems, systems == ready},
      {"commissioning", ready, schedule.first_token, true},
      {"complete", schedule.first_token, schedule.complete, false},
  };
  return schedule;
}

}  // namespace aifactory
