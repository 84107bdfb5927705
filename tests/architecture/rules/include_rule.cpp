#include <algorithm>
#include <array>
#include <initializer_list>

#include "tests/architecture/rules/rules.h"

namespace aifactory::architecture {
namespace {

// A folder of models may include itself and those before it.
constexpr std::array<std::string_view, 12> kModels = {
    "models/units", "models/hardware",    "models/kernels",  "models/fabric", "models/llm",       "models/workloads",
    "models/power", "models/reliability", "models/capacity", "models/demand", "models/economics", "models/catalog"};
constexpr std::string_view kCatalog = "models/catalog";

std::size_t model_rank(std::string_view folder) {
  return static_cast<std::size_t>(std::find(kModels.begin(), kModels.end(), folder) - kModels.begin());
}
bool is_model(std::string_view folder) {
  return model_rank(folder) < kModels.size();
}

bool one_of(std::string_view folder, std::initializer_list<std::string_view> folders) {
  return std::find(folders.begin(), folders.end(), folder) != folders.end();
}

bool is_simulator(std::string_view folder) {
  return one_of(folder, {"sim/fabric", "sim/training", "sim/serving", "sim/posttraining", "sim/site", "sim/fleet"});
}

// What a simulator may use besides itself, the engine and the models. Site and fleet get their capacity as values.
bool simulator_may_include(std::string_view from, std::string_view to) {
  if (one_of(from, {"sim/training", "sim/serving"})) {
    return to == "sim/fabric";
  }
  if (from == "sim/posttraining") {
    return one_of(to, {"sim/training", "sim/serving"});
  }
  return false;
}

bool is_known(std::string_view folder) {
  return is_model(folder) || is_simulator(folder) ||
         one_of(folder, {"sim/engine", "sim/scenario", "sim/study", "tools/aifactory", "tools/probe"});
}

}  // namespace

bool may_include(std::string_view from, std::string_view to) {
  if (!is_known(from) || !is_known(to)) {
    return false;
  }
  if (from == to) {
    return true;
  }
  if (is_model(from)) {
    return is_model(to) && model_rank(to) < model_rank(from);
  }
  if (from == "sim/engine") {
    return to == "models/units";
  }
  if (is_simulator(from)) {
    return to == "sim/engine" || (is_model(to) && to != kCatalog) || simulator_may_include(from, to);
  }
  const bool below_scenario = is_model(to) || is_simulator(to) || to == "sim/engine";
  if (from == "sim/scenario") {
    return below_scenario;
  }
  if (from == "sim/study") {
    return below_scenario || to == "sim/scenario";
  }
  if (from == "tools/aifactory") {
    // models/units is a leaf of value types and text: whoever prints needs it.
    return one_of(to, {"sim/study", "sim/scenario", kCatalog, "models/units"});
  }
  // tools/probe: plain value headers only.
  return one_of(to, {"models/units", "models/hardware", "models/kernels"});
}

}  // namespace aifactory::architecture
