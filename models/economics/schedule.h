// From decision to first token: what runs in parallel and what waits for what.
#pragma once

#include <string_view>
#include <vector>

#include "models/economics/prices.h"
#include "models/units/quantity.h"

namespace aifactory {

struct Milestone {
  std::string_view id;  // power, hall, systems, commissioning, complete
  Seconds start{};      // after the decision
  Seconds end{};
  bool critical = false;  // on the path that decides the first token
};

struct BuildSchedule {
  std::vector<Milestone> milestones;
  Seconds first_token{};
  Seconds complete{};  // last rack accepted
  // Share of racks accepted at a time after the decision, 0..1, linear between first token and completion.
  [[nodiscard]] double online(Seconds since_decision) const;
};

// Power (interconnection), hall (permits, shell, fit-out) and systems (delivery) run in parallel from the decision;
// commissioning follows the last of them; racks follow at the installation rate.
BuildSchedule plan_build(const BuildTimes& times, Seconds interconnection, double racks);

}  // namespace aifactory
