#include "sim/engine/simulation_error.h"

#include <fmt/format.h>

#include <utility>

namespace aifactory::engine {

SimulationError::SimulationError(SimTime time, std::string entity, const std::string& reason)
    : std::runtime_error(fmt::format("at {} s, in {}: {}", time.seconds().value(),
                                     entity.empty() ? "the simulation" : entity, reason)),
      time_(time),
      entity_(std::move(entity)) {}

}  // namespace aifactory::engine
