// Losses between the utility meter and the rack: each stage takes P_in = (P_out + constant) / efficiency.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "models/units/quantity.h"

namespace aifactory {

// One conversion stage. `constant` is drawn at any load (control, magnetisation), `efficiency` scales with load; the
// form reproduces rectifier and DC-DC measurements over 10-100 % load (ExaDigiT/RAPS, SC24). Valid for output >= 0.
struct LossStage {
  std::string id;
  double efficiency = 1.0;  // (0, 1]
  Watts constant{};         // of the unit or units that carry the load together

  [[nodiscard]] Watts input(Watts output) const { return (output + constant) / efficiency; }
};

// The stages from the meter to the rack row, in that order (medium-voltage transformer, then UPS if any).
class PowerPath {
 public:
  PowerPath() = default;
  explicit PowerPath(std::vector<LossStage> stages) : stages_(std::move(stages)) {}
  [[nodiscard]] const std::vector<LossStage>& stages() const { return stages_; }
  // What the first stage draws so that the last delivers `output`.
  [[nodiscard]] Watts input(Watts output) const;
  // The largest output whose input is within `input`; zero if constants alone exceed it.
  [[nodiscard]] Watts output(Watts input) const;

 private:
  std::vector<LossStage> stages_;
};

}  // namespace aifactory
