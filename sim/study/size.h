// The scenario behind `aifactory size`: one envelope, one system, one model.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

namespace aifactory {

struct SizeQuestion {
  std::string envelope;  // "1 GW contracted": power and the boundary it is measured at
  std::string system;
  std::string site;
  std::string llm;
};

// Everything else is left to the documented defaults. Throws ConfigError for an envelope without a boundary: the count
// per gigawatt hangs on it.
nlohmann::json size_scenario(const SizeQuestion& question);

}  // namespace aifactory
