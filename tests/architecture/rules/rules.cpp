#include "tests/architecture/rules/rules.h"

#include <regex>

namespace aifactory::architecture {
namespace {

bool starts_with(std::string_view text, std::string_view start) {
  return text.substr(0, start.size()) == start;
}

// "models/units/date.h" and "models/units/deeper/x.h" both lie in "models/units".
std::string two_levels(std::string_view path) {
  const std::size_t first = path.find('/');
  const std::size_t second = first == path.npos ? path.npos : path.find('/', first + 1);
  return std::string(path.substr(0, second == path.npos ? path.rfind('/') : second));
}

bool is_cuda_header(const std::string& path) {
  static const std::regex kCuda(
      "(cuda|cublas|cusparse|cusolver|cufft|curand|cudnn|cupti|cutlass|nvml|nccl|nvtx|nvToolsExt).*");
  return std::regex_match(path, kCuda);
}

// Where a library of others may be included; the empty string if it is fine here.
std::string misplaced_library(const SourceFile& file, const Include& include) {
  const std::string folder = two_levels(file.path);
  if (starts_with(include.path, "nlohmann/") && include.path != "nlohmann/json_fwd.hpp" && folder != "models/catalog" &&
      folder != "sim/scenario" && folder != "sim/study" && !starts_with(file.path, "tools/")) {
    return "nlohmann/json belongs in models/catalog, sim/scenario, sim/study and tools";
  }
  if (starts_with(include.path, "boost/graph") && (folder != "models/fabric" || file.is_header())) {
    return "Boost.Graph belongs in the .cpp files of models/fabric";
  }
  if (starts_with(include.path, "CLI/") && !starts_with(file.path, "tools/")) {
    return "CLI11 belongs in tools";
  }
  if (is_cuda_header(include.path) && folder != "tools/probe") {
    return "CUDA belongs in tools/probe";
  }
  if (include.path == "iostream" && (file.is_header() || !starts_with(file.path, "tools/"))) {
    return "<iostream> belongs in the .cpp files of tools";
  }
  if (include.path == "sleef.h" && file.path != "models/units/pinned_math.cpp") {
    return "SLEEF is wrapped by models/units/pinned_math.h";
  }
  return {};
}

struct Pattern {
  std::regex regex;
  const char* message;
};

const std::vector<Pattern>& domain_patterns() {
  static const std::vector<Pattern> kPatterns = {
      {std::regex(
           R"(\bstd::(cout|cerr|clog)\b|\bfmt::print\b|(^|[^\w.>])(printf|fprintf|vprintf|puts|fputs|putchar)\s*\()"),
       "domain code never prints"},
      {std::regex(
           R"(\bstd::(exp|exp2|expm1|log|log2|log10|log1p|pow|sin|cos|tan|sinh|cosh|tanh|asin|acos|atan|atan2)"
           R"(|asinh|acosh|atanh|cbrt|hypot|erf|erfc|tgamma|lgamma)[fl]?\b)"
           R"(|(^|[^\w:.>])(exp|exp2|expm1|log2|log10|log1p|pow|sin|cos|tan|tanh|atan|atan2|cbrt|hypot|erf)\s*\()"
           R"(|([-+*/(=<>?]|\breturn)\s*log\s*\()"),  // elsewhere `log(` may be a member that is initialised
       "transcendental functions come from models/units/pinned_math.h: libm gives other bits on other machines"},
      {std::regex(R"(\bstd::\w+_distribution\b)"),
       "standard distributions differ between libraries: use the streams and distributions of sim/engine"},
  };
  return kPatterns;
}

void check_includes(const SourceFile& file, std::vector<Violation>& violations) {
  const std::string from = two_levels(file.path);
  for (const Include& include : file.includes) {
    const std::string misplaced = misplaced_library(file, include);
    if (!misplaced.empty()) {
      violations.push_back({file.path, include.line, misplaced});
    }
    if (!include.quoted || include.path == "aifactory_version.h") {
      continue;
    }
    const std::string to = two_levels(include.path);
    if (!may_include(from, to)) {
      violations.push_back({file.path, include.line, from + " must not include " + include.path});
    }
  }
}

void check_code(const SourceFile& file, std::vector<Violation>& violations) {
  const bool domain = starts_with(file.path, "models/") || starts_with(file.path, "sim/");
  if (!domain || starts_with(file.path, "models/units/pinned_math.")) {
    return;
  }
  for (std::size_t i = 0; i < file.code.size(); ++i) {
    for (const Pattern& pattern : domain_patterns()) {
      if (std::regex_search(file.code[i], pattern.regex)) {
        violations.push_back({file.path, static_cast<int>(i) + 1, pattern.message});
      }
    }
  }
}

}  // namespace

std::vector<Violation> check(const SourceFile& file) {
  std::vector<Violation> violations;
  check_includes(file, violations);
  check_code(file, violations);
  return violations;
}

}  // namespace aifactory::architecture
