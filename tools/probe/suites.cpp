#include "tools/probe/suites.h"

#include <stdexcept>

namespace aifactory::probe {

const std::vector<std::string_view>& suite_names() {
  static const std::vector<std::string_view> names = {"launch",    "memory",  "gemm",        "layer",
                                                      "attention", "grouped", "interference"};
  return names;
}

std::vector<Case> cases_of(std::string_view suite, bool cudnn) {
  if (suite == "launch") {
    return launch_cases();
  }
  if (suite == "memory") {
    return memory_cases();
  }
  if (suite == "gemm") {
    return gemm_cases();
  }
  if (suite == "layer") {
    return layer_cases(cudnn);
  }
  if (suite == "attention") {
    return attention_cases(cudnn);
  }
  if (suite == "grouped") {
    return grouped_gemm_cases();
  }
  if (suite == "interference") {
    return interference_cases();
  }
  throw std::invalid_argument("there is no suite " + std::string(suite));
}

}  // namespace aifactory::probe
