// Which cases are run, and in which order, so that a time budget is met.
#pragma once

#include <string>
#include <vector>

#include "tools/probe/case.h"

namespace aifactory::probe {

struct Step {
  Case config;
  int repeat_group = 0;
};

struct Plan {
  std::vector<Step> steps;        // in the order to run
  std::vector<std::string> left;  // keys of cases that the budget has no room for
  double planned_s = 0.0;
};

// Host and device seconds to set up, check and time a case.
double planned_case_seconds(const Case& c);

// Within a priority, cases are taken in an order fixed by their hash, so that a smaller budget takes a part of what a
// larger one takes, spread evenly over shapes. An eighth of the budget is kept to repeat the most important burst
// cases. Bursts run first, in hashed order (neighbours in time are not neighbours in shape), then the repetitions, then
// what is sustained and heats the device. Duplicates (by key) are taken once.
Plan make_plan(const std::vector<Case>& cases, double budget_s);

// "6min", "90s", "1.5 h" or plain seconds; throws std::invalid_argument.
double parse_duration(const std::string& text);

}  // namespace aifactory::probe
