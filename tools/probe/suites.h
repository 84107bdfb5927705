// What is measured: for each suite a list of cases, the important ones first.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "tools/probe/case.h"

namespace aifactory::probe {

// Names for --suite, in the order they run.
const std::vector<std::string_view>& suite_names();

// The cases of one suite; throws std::invalid_argument for another name. `cudnn`: attention also through cuDNN.
std::vector<Case> cases_of(std::string_view suite, bool cudnn);

// One file each.
std::vector<Case> gemm_cases();          // per model, parallelism and token count, bf16 and fp8; odd shapes held out
std::vector<Case> grouped_gemm_cases();  // routed experts
std::vector<Case> attention_cases(bool cudnn);
std::vector<Case> memory_cases();  // norms, activations, gathers, sampling, copies
std::vector<Case> launch_cases();
std::vector<Case> layer_cases(bool cudnn);
std::vector<Case> interference_cases();

}  // namespace aifactory::probe
