// Losses between the utility meter and the rack: each stage takes P_in = (P_out + constant) / efficiency.
#pragma once

#include <string>
#include <vector>

#include "models/units/quantity.h"

namespace aifactory {

// One conversion stage. `constant` is drawn at any load (control, magnetisation), `efficiency` scales with load; the
// form reproduces rectifier and DC-DC measurements over 10-100 % load (ExaDigiT/RAPS, SC24). Valid for output >= 0.
struct LossStage {
  std::string id;
  double efficiency = 1.0;     // (0, 1]
  Watts constant{};            // of the unit or units that carry the load together
  bool critical_only = false;  // carries IT alone (a UPS, indoors); cooling and house load branch off before it

  [[nodiscard]] Watts input(Watts output) const { return (output + constant) / efficiency; }
};

// The stages from the meter to the rack row, in that order: shared ones (transformers), then those for IT alone.
// Supplies inside the rack are part of the rack's rated power and do not appear here.
struct PowerPath {
  std::vector<LossStage> stages;
  // What the IT-only stages draw to deliver `critical`.
  [[nodiscard]] Watts critical_input(Watts critical) const;
  // What the meter sees when the shared stages deliver `shared`.
  [[nodiscard]] Watts meter_input(Watts shared) const;
};

}  // namespace aifactory
