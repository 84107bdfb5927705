#include "models/power/conversion.h"

namespace aifactory {

namespace {

Watts through(const std::vector<LossStage>& stages, bool critical_only, Watts output) {
  Watts power = output;
  for (auto stage = stages.rbegin(); stage != stages.rend(); ++stage) {
    if (stage->critical_only == critical_only) {
      power = stage->input(power);
    }
  }
  return power;
}

}  // namespace

Watts PowerPath::critical_input(Watts critical) const {
  return through(stages, true, critical);
}

Watts PowerPath::meter_input(Watts shared) const {
  return through(stages, false, shared);
}

}  // namespace aifactory
