// [low, high]: ln(true / predicted) at P10 and P90.
#pragma once

#include <nlohmann/json.hpp>

#include "models/kernels/calibration.h"

namespace aifactory {

// False unless low <= 0 <= high.
inline bool read_band(LogBand& band, const nlohmann::json& json) {
  if (!json.is_array() || json.size() != 2 || !json[0].is_number() || !json[1].is_number()) {
    return false;
  }
  band = {json[0].get<double>(), json[1].get<double>()};
  return band.low <= 0.0 && band.high >= 0.0;
}

}  // namespace aifactory
